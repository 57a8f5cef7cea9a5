// The smooth calibration error: no bins, and a width that the data choose.

public import BayesCore
import BayesNumerics
import Glibc

/// The smooth expected calibration error of Błasiok and Nakkiran.
///
/// ```
/// r_σ(t) = 1/n Σ (p_i − y_i) K_σ(t, p_i),   smECE_σ = ∫ |r_σ(t)| dt over [0, 1]
/// ```
///
/// with K_σ the normal kernel reflected at 0 and 1, and σ the solution of smECE_σ = σ, which is unique since the left side
/// does not rise: the error and the width at which it is seen are one number. It lies within constant
/// factors of the distance to the nearest calibrated predictor.
///
/// The reflected kernel is the heat kernel of the interval, so that r is a cosine series whose k-th coefficient is damped by
/// exp(−σ²π²k²/2): no mesh is needed. |r| is integrated between its zeros from the series' own antiderivative.
///
/// Reference: Błasiok, Nakkiran 2024, "Smooth ECE: principled reliability diagrams via kernel smoothing", ICLR, arXiv
/// 2309.12236. Their package `relplot` smooths on a mesh and takes σ to 1/1024; it agrees to about 10⁻³.
public struct SmoothError: Sendable, Equatable {
  /// The smooth error.
  public let value: Double
  /// The width σ at which it was measured: `value` itself, or 0.001 where it is below that.
  public let bandwidth: Double

  /// The smallest width.
  static let leastBandwidth = 0.001

  /// The error of forecasts: of P(y = 1), of the top label, or of one class, as the forecasts are.
  ///
  /// - Complexity: n times 3/σ, the number of coefficients, in parallel.
  public init(_ forecasts: EventForecasts, threads: Int = availableProcessors()) throws {
    let outcomes = forecasts.outcomes
    try self.init(
      positions: forecasts.probabilities,
      residuals: zip(forecasts.probabilities, outcomes).map { $0 - ($1 ? 1 : 0) },
      count: Double(forecasts.count), threads: threads)
  }

  /// Residuals p − y, or sums of them, at positions.
  init(positions: [Double], residuals: [Double], count: Double, threads: Int) throws {
    // Coefficients cost the most: few at first, twice as many while the solution needs more.
    var terms = 64
    while true {
      let series = try CosineSeries(
        positions, residuals, count: count, terms: terms, threads: threads)
      let resolved = Swift.max(Self.leastBandwidth, CosineSeries.bandwidth(terms: terms))
      let error = series.integral(resolved)
      if error >= resolved || resolved == Self.leastBandwidth {
        (value, bandwidth) = Self.solve(series, resolved, error)
        return
      }
      terms *= 2
    }
  }

  /// The solution at or above a width that the series resolves.
  private static func solve(
    _ series: CosineSeries, _ least: Double, _ error: Double
  ) -> (value: Double, bandwidth: Double) {
    if error <= least { return (error, least) }
    let width = try? findRoot(in: least...1, tolerance: 1e-12) { series.integral($0) - $0 }
    // At σ = 1 the error is at most 1: without a change of sign it is 1 there.
    return (width ?? 1, width ?? 1)
  }

  /// smECE_σ at a given width.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for a width below 0.001 or not finite.
  public static func value(
    _ forecasts: EventForecasts, bandwidth: Double, threads: Int = availableProcessors()
  ) throws -> Double {
    guard bandwidth >= leastBandwidth, bandwidth.isFinite else {
      throw CalibrationError.invalidSetting(
        "the width of the smooth error is at least 0.001, found \(short(bandwidth))")
    }
    var terms = 64
    while CosineSeries.bandwidth(terms: terms) > bandwidth { terms *= 2 }
    let series = try CosineSeries(
      forecasts.probabilities,
      zip(forecasts.probabilities, forecasts.outcomes).map { $0 - ($1 ? 1 : 0) },
      count: Double(forecasts.count), terms: terms, threads: threads)
    return series.integral(bandwidth)
  }
}

/// The residuals of forecasts as a cosine series on [0, 1].
struct CosineSeries: Sendable {
  /// a_k = 1/n Σ r_i cos(πk p_i).
  private let coefficients: [Double]

  /// The least width at which so many terms are all that count: the next one is damped by e⁻³⁷.
  static func bandwidth(terms: Int) -> Double { (2 * 37.0).squareRoot() / (.pi * Double(terms)) }

  /// Sums blocks of rows in parallel, and blocks in their order.
  init(
    _ positions: [Double], _ residuals: [Double], count: Double, terms: Int, threads: Int
  ) throws {
    let (n, block) = (positions.count, 1 << 14)
    let sums = try parallelMap(count: (n + block - 1) / block, threads: threads) { index in
      Self.sums(positions, residuals, index * block..<Swift.min(n, (index + 1) * block), terms)
    }
    var totals = [Double](repeating: 0, count: terms)
    for sum in sums {
      for k in 0..<terms { totals[k] += sum[k] }
    }
    coefficients = totals.map { $0 / count }
  }

  /// Σ r_i cos(πk p_i) for k = 0, 1, … by the recurrence cos(k + 1)θ = 2 cos θ cos kθ − cos(k − 1)θ, row after row of 512 so
  /// that they stay near.
  private static func sums(
    _ positions: [Double], _ residuals: [Double], _ rows: Range<Int>, _ terms: Int
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: terms)
    var start = rows.lowerBound
    while start < rows.upperBound {
      let end = Swift.min(rows.upperBound, start + 512)
      let twice = (start..<end).map { 2 * cos(.pi * positions[$0]) }
      var now = Array(residuals[start..<end])
      // r cos(−θ) = r cos θ.
      var before = zip(now, twice).map { 0.5 * $0 * $1 }
      for k in 0..<terms {
        let sum = now.withUnsafeMutableBufferPointer { now in
          before.withUnsafeMutableBufferPointer { before in
            twice.withUnsafeBufferPointer { twice in step(now, before, twice) }
          }
        }
        sums[k] += sum
      }
      start = end
    }
    return sums
  }

  /// The sum of one term, and all rows on to the next; four sums side by side.
  @inline(__always)
  private static func step(
    _ now: UnsafeMutableBufferPointer<Double>, _ before: UnsafeMutableBufferPointer<Double>,
    _ twice: UnsafeBufferPointer<Double>
  ) -> Double {
    var lanes = SIMD4<Double>.zero
    var i = 0
    while i + 4 <= now.count {
      let a = UnsafeRawPointer(now.baseAddress! + i).loadUnaligned(as: SIMD4<Double>.self)
      let b = UnsafeRawPointer(before.baseAddress! + i).loadUnaligned(as: SIMD4<Double>.self)
      let c = UnsafeRawPointer(twice.baseAddress! + i).loadUnaligned(as: SIMD4<Double>.self)
      lanes += a
      UnsafeMutableRawPointer(before.baseAddress! + i).storeBytes(of: a, as: SIMD4<Double>.self)
      UnsafeMutableRawPointer(now.baseAddress! + i).storeBytes(
        of: c * a - b, as: SIMD4<Double>.self)
      i += 4
    }
    var sum = lanes.sum()
    while i < now.count {
      let a = now[i]
      sum += a
      now[i] = twice[i] * a - before[i]
      before[i] = a
      i += 1
    }
    return sum
  }

  /// ∫ |r_σ| over [0, 1].
  ///
  /// Signs at 16 points per width or more, by the fast Fourier transform, tell where the zeros are; a straight line and a step
  /// of Newton's find them. Between zeros the antiderivative a_0 t + 2 Σ a_k sin(πkt)/(πk) is exact. A pair of
  /// zeros between two points is missed, and so is little.
  func integral(_ bandwidth: Double) -> Double {
    var damped: [Double] = []
    for (k, a) in coefficients.enumerated() {
      let rate = bandwidth * .pi * Double(k)
      let damping = exp(-0.5 * rate * rate)
      if k > 0, damping < 1e-16 { break }
      damped.append(k == 0 ? a : 2 * a * damping)
    }
    var points = 64
    while Double(points) * bandwidth < 16 || points < damped.count { points *= 2 }
    var values = damped + [Double](repeating: 0, count: 2 * points - damped.count)
    transformToCosineValues(&values)
    var (sum, last) = (0.0, 0.0)
    for j in 1...points where (values[j - 1] < 0) != (values[j] < 0) {
      let share = values[j - 1] / (values[j - 1] - values[j])
      let guess = (Double(j - 1) + share) / Double(points)
      let here = Self.evaluate(damped, guess)
      // The correction is a fraction of a cell; its square is what the antiderivative at the guess lacks.
      let step = here.slope == 0 ? 0 : -here.value / here.slope
      let area = here.integral + (abs(step) * Double(points) <= 1 ? 0.5 * here.value * step : 0)
      sum += abs(area - last)
      last = area
    }
    return sum + abs(Self.evaluate(damped, 1).integral - last)
  }

  /// The series, its slope and its antiderivative at t, by the recurrences of sines and cosines.
  private static func evaluate(
    _ damped: [Double], _ t: Double
  ) -> (value: Double, slope: Double, integral: Double) {
    let (c, s) = (cos(.pi * t), sin(.pi * t))
    var (x, y) = (1.0, 0.0)
    var (value, slope, integral) = (damped[0], 0.0, damped[0] * t)
    for k in 1..<damped.count {
      (x, y) = (x * c - y * s, x * s + y * c)
      let rate = .pi * Double(k)
      value += damped[k] * x
      slope -= damped[k] * y * rate
      integral += damped[k] * y / rate
    }
    return (value, slope, integral)
  }
}
