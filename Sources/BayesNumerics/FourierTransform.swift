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
  private let packed: UnsafeMutableBufferPointer<Double>
  private let power: UnsafeMutableBufferPointer<Double>

  /// - Precondition: `seriesLength` is positive.
  public init(seriesLength: Int) {
    precondition(seriesLength > 0, "a series has at least one value")
    disableGSLErrorHandler()
    self.seriesLength = seriesLength
    var length = 2
    while length < 2 * seriesLength { length *= 2 }
    transformLength = length
    guard let wavetable = gsl_fft_complex_wavetable_alloc(length),
      let workspace = gsl_fft_complex_workspace_alloc(length)
    else { fatalError("out of memory for a Fourier transform of length \(length)") }
    self.wavetable = wavetable
    self.workspace = workspace
    packed = .allocate(capacity: 2 * length)
    power = .allocate(capacity: length)
  }

  deinit {
    gsl_fft_complex_wavetable_free(wavetable)
    gsl_fft_complex_workspace_free(workspace)
    packed.deallocate()
    power.deallocate()
  }

  /// The summed lagged products for all lags below `seriesLength`.
  ///
  /// - Parameters:
  ///   - storage: the centred series, the s-th starting at `s * stride`.
  ///   - count: how many series there are.
  ///   - stride: the distance between two starts, at least `seriesLength`.
  public func sums(of storage: UnsafeBufferPointer<Double>, count: Int, stride: Int) -> [Double] {
    precondition(stride >= seriesLength && storage.count >= (count - 1) * stride + seriesLength)
    let (packed, power) = (packed, power)
    power.initialize(repeating: 0)
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

  private func pack(_ storage: UnsafeBufferPointer<Double>, _ real: Int, _ imaginary: Int?) {
    let packed = packed
    packed.initialize(repeating: 0)
    for i in 0..<seriesLength { packed[2 * i] = storage[real + i] }
    guard let imaginary else { return }
    for i in 0..<seriesLength { packed[2 * i + 1] = storage[imaginary + i] }
  }

  private func transform() {
    let status = gsl_fft_complex_forward(
      packed.baseAddress, 1, transformLength, wavetable, workspace)
    // The only failures are a zero length and mismatched tables, both excluded by `init`.
    precondition(status == 0, "Fourier transform")
  }
}
