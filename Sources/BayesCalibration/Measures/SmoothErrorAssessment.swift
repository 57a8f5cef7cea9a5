// The smooth error beside what a perfectly calibrated model would show, and with a bootstrap interval.

import BayesCore
import BayesNumerics
import Glibc

extension SmoothError {
  /// The smooth error of forecasts, its distribution under perfect calibration, and over resampled rows.
  ///
  /// `value` is exact. Replicates put residuals at the middles of 2 048 cells and integrate |r| by straight lines between
  /// points of an eighth of the width, which is good to about a hundredth of the error; the p-value compares them with the
  /// forecasts' own error on that mesh. The width is at least 0.002, and at least six tenths of the smallest error of three
  /// replicates.
  ///
  /// - Throws: what `SmoothError` does.
  /// - Complexity: per replicate a number for each cell, and some twenty Fourier transforms of 32/σ numbers, with σ the error.
  public static func assess(
    _ forecasts: EventForecasts, _ replication: Replication
  ) throws -> AssessedErrors.Assessment {
    let error = try SmoothError(forecasts, threads: replication.threads)
    let cells = try ResidualCells(forecasts, threads: replication.threads)
    let seed = replication.seed
    @Sendable func perfect(_ replicate: Int) -> [Double] {
      var stream = RandomStream(seed: seed, chain: 1, purpose: .simulation, iteration: replicate)
      return cells.simulated(&stream)
    }
    // The first replicates tell how fine the mesh has to be.
    let finest = CosineMesh(least: 0.002, count: forecasts.count)
    var work = finest.makeWork()
    let pilots = (0..<3).map { finest.error(perfect($0), &work) }
    let least = Swift.max(0.002, 0.6 * (pilots.min() ?? 0))
    let mesh = CosineMesh(least: least, count: forecasts.count)
    let values = try replication.run { range in
      var work = mesh.makeWork()
      return range.map { replicate in
        var stream = RandomStream(seed: seed, chain: 1, purpose: .bootstrap, iteration: replicate)
        return [
          mesh.error(perfect(replicate), &work), mesh.error(cells.resampled(&stream), &work),
        ]
      }
    }
    work = mesh.makeWork()
    let own = mesh.error(cells.residuals, &work)
    return AssessedErrors.Assessment(
      name: "smooth ECE", value: error.value, perfect: Band(values.map { $0[0] }),
      pValue: monteCarloPValue(own, among: values.map { $0[0] }),
      bootstrap: Band(values.map { $0[1] }), replicates: values.count)
  }
}

/// Rows put in cells by their probability, with the sums that replicates need.
private struct ResidualCells: Sendable {
  static let count = 2048
  /// The middles of the cells.
  static let positions = (0..<count).map { (Double($0) + 0.5) / Double(count) }

  private let rows: Int
  /// How many of a cell's rows are events under perfect calibration.
  private let laws: [PoissonBinomial?]
  private var sums: BinSums

  init(_ forecasts: EventForecasts, threads: Int) throws {
    rows = forecasts.count
    sums = BinSums(count: Self.count)
    var members = [[Double]](repeating: [], count: Self.count)
    for (i, p) in forecasts.probabilities.enumerated() {
      let cell = Swift.min(Self.count - 1, Int(p * Double(Self.count)))
      members[cell].append(p)
      sums.add(p, forecasts.outcomes[i] ? 1 : 0, weight: 1, bin: cell)
    }
    let probabilities = members
    laws = try parallelMap(count: Self.count, threads: threads) {
      probabilities[$0].isEmpty ? nil : PoissonBinomial(probabilities[$0][...])
    }
  }

  /// Residuals of the forecasts themselves.
  var residuals: [Double] { zip(sums.forecasts, sums.events).map { $0 - $1 } }

  /// Residuals of outcomes drawn with the probabilities given.
  func simulated(_ stream: inout RandomStream) -> [Double] {
    var residuals = sums.forecasts
    for (c, law) in laws.enumerated() {
      if let law { residuals[c] -= Double(law.draw(&stream)) }
    }
    return residuals
  }

  /// Residuals of rows drawn with replacement: a cell's rows, then its events, are binomial; its forecasts are all their mean.
  func resampled(_ stream: inout RandomStream) -> [Double] {
    var residuals = [Double](repeating: 0, count: Self.count)
    var (drawsLeft, rowsLeft) = (rows, rows)
    for c in 0..<Self.count where sums.counts[c] > 0 {
      let rows = Int(sums.counts[c])
      let drawn =
        rows == rowsLeft
        ? drawsLeft
        : Int(stream.binomial(trials: drawsLeft, probability: Double(rows) / Double(rowsLeft)))
      drawsLeft -= drawn
      rowsLeft -= rows
      let events = stream.binomial(
        trials: drawn, probability: sums.events[c] / sums.counts[c])
      residuals[c] = Double(drawn) * sums.forecasts[c] / sums.counts[c] - events
    }
    return residuals
  }
}

/// A mesh that all replicates share: fine enough for the least width.
private struct CosineMesh: Sendable {
  private let least: Double
  private let rows: Double
  private let terms: Int
  private let points: Int

  init(least: Double, count: Int) {
    self.least = least
    rows = Double(count)
    // Damping at the least width ends at e⁻²⁴; beyond half the cells' frequency there is nothing to damp.
    terms = Swift.min(
      2 * ResidualCells.count, Int((48.0.squareRoot() / (.pi * least)).rounded(.up)))
    var points = 64
    while Double(points) * least < 8 || points < terms { points *= 2 }
    self.points = points
  }

  /// Memory of one thread.
  struct Work {
    fileprivate var coefficients: [Double]
    fileprivate var values: [Double]
  }

  func makeWork() -> Work {
    Work(
      coefficients: Array(repeating: 0, count: 4 * ResidualCells.count),
      values: Array(repeating: 0, count: 2 * points))
  }

  /// The smooth error of residuals in the cells.
  func error(_ residuals: [Double], _ work: inout Work) -> Double {
    for j in work.coefficients.indices { work.coefficients[j] = 0 }
    for (c, residual) in residuals.enumerated() { work.coefficients[2 * c + 1] = residual / rows }
    transformToCosineValues(&work.coefficients)
    let largest = integral(least, &work)
    guard largest > least else { return largest }
    // The error falls as the width rises, so that the solution is not above the error at the least width.
    return
      (try? findRoot(in: least...largest, tolerance: 1e-4 * largest) {
        integral($0, &work) - $0
      }) ?? largest
  }

  /// ∫ |r_σ| by straight lines between the points.
  private func integral(_ bandwidth: Double, _ work: inout Work) -> Double {
    work.values[0] = work.coefficients[0]
    var k = 1
    while k < terms {
      let rate = bandwidth * .pi * Double(k)
      let damping = exp(-0.5 * rate * rate)
      if damping < 1e-9 { break }
      work.values[k] = 2 * work.coefficients[k] * damping
      k += 1
    }
    for j in k..<work.values.count { work.values[j] = 0 }
    transformToCosineValues(&work.values)
    return work.values.withUnsafeBufferPointer { r in
      var sum = 0.0
      for j in 0..<points {
        let (a, b) = (r[j], r[j + 1])
        let (size, other) = (abs(a), abs(b))
        // A line that crosses 0 has two triangles under it.
        sum += a * b >= 0 ? 0.5 * (size + other) : 0.5 * (a * a + b * b) / (size + other)
      }
      return sum / Double(points)
    }
  }
}
