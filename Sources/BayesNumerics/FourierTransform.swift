// Autocovariances of many series at once by the fast Fourier transform.

internal import CGSL

/// Sums of lagged products of real series, by complex FFTs of a power-of-two length.
///
/// For centred series c of length n the result at lag t is
/// ```
/// Σ_series Σ_{i < n−t} c_i · c_{i+t}
/// ```
/// The padding to at least 2n zeros makes the circular correlation equal to the linear one. Two
/// series travel in one complex transform (x + iy): the real part of the inverse transform of
/// |X + iY|² is the sum of both autocorrelations, and sums of power spectra share one inverse.
///
/// Cost: `⌈series / 2⌉ + 1` transforms. The absolute error is a few units in the last place of
/// the lag-0 sum. One instance serves one thread; its buffers are reused between calls.
public final class LaggedProducts {
  /// The length n of each series.
  public let seriesLength: Int
  /// The padded transform length, the least power of two not below 2n.
  public let transformLength: Int

  private let wavetable: UnsafeMutablePointer<gsl_fft_complex_wavetable>
  private let workspace: UnsafeMutablePointer<gsl_fft_complex_workspace>
  private var packed: [Double]
  private var power: [Double]

  /// - Precondition: `seriesLength` is positive.
  public init(seriesLength: Int) {
    precondition(seriesLength > 0, "a series has at least one value")
    self.seriesLength = seriesLength
    var length = 2
    while length < 2 * seriesLength { length *= 2 }
    transformLength = length
    guard let wavetable = gsl_fft_complex_wavetable_alloc(length),
      let workspace = gsl_fft_complex_workspace_alloc(length)
    else { fatalError("out of memory for a Fourier transform of length \(length)") }
    self.wavetable = wavetable
    self.workspace = workspace
    packed = Array(repeating: 0, count: 2 * length)
    power = Array(repeating: 0, count: length)
  }

  deinit {
    gsl_fft_complex_wavetable_free(wavetable)
    gsl_fft_complex_workspace_free(workspace)
  }

  /// The summed lagged products for all lags below `seriesLength`.
  ///
  /// - Parameters:
  ///   - storage: the centred series, the s-th starting at `s * stride`.
  ///   - count: how many series there are.
  ///   - stride: the distance between two starts, at least `seriesLength`.
  public func sums(of storage: [Double], count: Int, stride: Int) -> [Double] {
    precondition(stride >= seriesLength && storage.count >= (count - 1) * stride + seriesLength)
    for k in 0..<transformLength { power[k] = 0 }
    for first in Swift.stride(from: 0, to: count, by: 2) {
      pack(storage, first * stride, first + 1 < count ? (first + 1) * stride : nil)
      transform()
      for k in 0..<transformLength {
        let re = packed[2 * k]
        let im = packed[2 * k + 1]
        power[k] += re * re + im * im
      }
    }
    // Forward instead of inverse: the spectrum's imaginary part is zero, and the real part of
    // either direction is the same.
    for k in 0..<transformLength {
      packed[2 * k] = power[k]
      packed[2 * k + 1] = 0
    }
    transform()
    let scale = 1 / Double(transformLength)
    return (0..<seriesLength).map { packed[2 * $0] * scale }
  }

  private func pack(_ storage: [Double], _ realStart: Int, _ imaginaryStart: Int?) {
    for i in 0..<seriesLength {
      packed[2 * i] = storage[realStart + i]
      packed[2 * i + 1] = imaginaryStart.map { storage[$0 + i] } ?? 0
    }
    for i in 2 * seriesLength..<2 * transformLength { packed[i] = 0 }
  }

  private func transform() {
    let status = packed.withUnsafeMutableBufferPointer {
      gsl_fft_complex_forward($0.baseAddress, 1, transformLength, wavetable, workspace)
    }
    // The only failures are a zero length and mismatched tables, both excluded by `init`.
    precondition(status == 0, "Fourier transform")
  }
}
