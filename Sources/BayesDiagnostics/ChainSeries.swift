// Several chains of one series: means, R-hat and effective sample size.

import BayesNumerics
import Glibc

/// m chains × n values in a padded layout, refilled for each series and then centred in place.
///
/// Each chain is followed by zeros, so that the sum over all chains of products at a lag up to the
/// padding is one long dot product: values of different chains never meet.
struct ChainSeries: ~Copyable {
  /// Lags up to this one come from dot products; a chain that is still correlated beyond pays for
  /// the Fourier transform of all lags. Both agree to rounding. One lag costs about a thirtieth of
  /// the transforms, and chains that mix well need a dozen lags.
  static let directLags = 32

  let count: Int
  let length: Int
  let stride: Int
  /// Written by the owner at `offset(chain:) + draw`, then centred by `centre()`.
  let storage: Buffer<Double>
  /// Relative to the first value of the first chain.
  private var means: [Double]
  private var squares = 0.0
  private var transformed: [Double] = []
  private var transform: LaggedProducts?

  init(count: Int, length: Int) {
    self.count = count
    self.length = length
    stride = length + min(length, Self.directLags)
    storage = Buffer(repeating: 0, count: count * stride)
    means = Array(repeating: 0, count: count)
  }

  /// Subtracts each chain's mean. Call once after each filling, before anything below.
  ///
  /// Sums run over differences from the chain's first value, which is exact for a constant chain,
  /// and the means are relative to the first value of all: no digits go to a common offset.
  mutating func centre() {
    transformed = []
    let values = storage.elements
    let common = values[0]
    for chain in 0..<count {
      let start = chain * stride
      let origin = values[start]
      var sum = 0.0
      for i in start..<start + length { sum += values[i] - origin }
      let shift = sum / Double(length)
      means[chain] = (origin - common) + shift
      for i in start..<start + length { values[i] = (values[i] - origin) - shift }
    }
    squares = directProduct(lag: 0)
  }

  /// The mean over chains of the sample variance.
  private var within: Double { squares / (Double(count) * Double(length - 1)) }

  /// The sample variance of the chain means; 0 for a single chain.
  private var varianceOfMeans: Double {
    guard count > 1 else { return 0 }
    let mean = means.reduce(0, +) / Double(count)
    return means.reduce(0) { $0 + square($1 - mean) } / Double(count - 1)
  }

  /// The potential scale reduction factor of the centred series.
  ///
  /// ```
  /// B = n·var(chain means),  W = mean chain variance,  R-hat = sqrt((B/W + n − 1)/n)
  /// ```
  var rHat: DiagnosticValue {
    guard count > 1 else { return .undefined(reason: "one chain only") }
    let between = varianceOfMeans  // B/n
    guard within > 0 else {
      return between > 0 ? .value(.infinity) : .undefined(reason: Reason.constant)
    }
    let n = Double(length)
    return .value(((between / within) + (n - 1) / n).squareRoot())
  }

  /// The effective sample size by Geyer's initial monotone positive sequence.
  ///
  /// With a_t the mean autocovariance at lag t (divisor n), v⁺ = a_0 + var(chain means) and
  /// ρ_t = 1 − (a_0·n/(n−1) − a_t)/v⁺: pairs ρ_t + ρ_{t+1} (t even) are summed while they are
  /// positive and t < n − 5, made non-increasing, and the last positive even term counts once:
  /// ```
  /// τ = max(−1 + 2 Σ_{t<T} ρ_t + ρ_T, 1/log10(S)),  ESS = S/τ,  S = m·n
  /// ```
  /// The bound on τ caps antithetic chains at S·log10(S).
  mutating func effectiveSampleSize() -> DiagnosticValue {
    let scale = 1 / (Double(count) * Double(length))
    let variancePlus = squares * scale + varianceOfMeans
    guard variancePlus > 0 else { return .undefined(reason: Reason.constant) }

    var pairs = 0.0  // Σ over the accepted pairs, the first one included
    var previous = Double.infinity
    var lag = 0
    var even = 1.0
    var odd = length > 1 ? correlation(1, scale, variancePlus) : 0
    while lag < length - 5, even + odd > 0 {
      previous = min(previous, even + odd)
      pairs += previous
      lag += 2
      even = correlation(lag, scale, variancePlus)
      odd = correlation(lag + 1, scale, variancePlus)
    }
    let total = Double(count) * Double(length)
    let time = -1 + 2 * pairs + max(even, 0)
    return .value(total / max(time, 1 / log10(total)))
  }

  private mutating func correlation(_ lag: Int, _ scale: Double, _ variancePlus: Double) -> Double {
    1 - (within - laggedProduct(lag) * scale) / variancePlus
  }

  /// Σ over chains and draws of products at a lag, from whichever route is cheaper.
  private mutating func laggedProduct(_ lag: Int) -> Double {
    guard lag > Self.directLags else { return directProduct(lag: lag) }
    if transformed.isEmpty {
      let transform = transform ?? LaggedProducts(seriesLength: length)
      self.transform = transform
      transformed = transform.sums(
        of: UnsafeBufferPointer(storage.elements), count: count, stride: stride)
    }
    return transformed[lag]
  }

  private func directProduct(lag: Int) -> Double {
    guard let bytes = UnsafeRawPointer(storage.elements.baseAddress) else { return 0 }
    let terms = storage.count - lag
    let far = lag * MemoryLayout<Double>.stride
    let width = MemoryLayout<SIMD8<Double>>.stride
    var sums = SIMD8<Double>.zero
    for block in 0..<terms / 8 {
      let near = block * width
      sums +=
        bytes.loadUnaligned(fromByteOffset: near, as: SIMD8<Double>.self)
        * bytes.loadUnaligned(fromByteOffset: near + far, as: SIMD8<Double>.self)
    }
    var sum = sums.sum()
    for i in terms / 8 * 8..<terms { sum += storage[i] * storage[i + lag] }
    return sum
  }
}

/// Why a diagnostic has no value; the texts that several diagnostics share.
enum Reason {
  static let constant = "the quantity is constant"
}

@inline(__always) func square(_ x: Double) -> Double { x * x }
