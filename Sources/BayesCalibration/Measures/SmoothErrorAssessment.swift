// The smooth error beside what a perfectly calibrated model would show, and with a bootstrap interval.

import BayesNumerics
import Glibc

extension SmoothError {
  /// The smooth error of forecasts, its distribution under perfect calibration, and over resampled rows.
  ///
  /// `value` is exact. Replicates put residuals at the middles of 2 048 cells and integrate |r| by straight lines between
  /// points of an eighth of the width, which is good to about a hundredth of the error. The width is at least 0.002, and at
  /// least six tenths of the smallest error of three replicates.
  ///
  /// - Throws: what `SmoothError` does.
  /// - Complexity: n random numbers per replicate, and some 20/σ² products, with σ the error.
  public static func assess(
    _ forecasts: EventForecasts, _ replication: Replication
  ) throws -> AssessedErrors.Assessment {
    let error = try SmoothError(forecasts, threads: replication.threads)
    let cells = ResidualCells(forecasts)
    let seed = replication.seed
    func perfect(_ replicate: Int) -> [Double] {
      var stream = RandomStream(seed: seed, chain: 1, purpose: .simulation, iteration: replicate)
      return cells.simulated(&stream)
    }
    // The first replicates tell how fine the mesh has to be.
    let pilots = try (0..<3).map {
      try SmoothError(
        positions: ResidualCells.positions, residuals: perfect($0), count: Double(forecasts.count),
        threads: replication.threads
      ).value
    }
    let least = Swift.max(0.002, 0.6 * (pilots.min() ?? 0))
    let mesh = CosineMesh(least: least, count: forecasts.count)
    let values = try replication.run { range in
      range.map { replicate in
        var stream = RandomStream(seed: seed, chain: 1, purpose: .bootstrap, iteration: replicate)
        var null = RandomStream(seed: seed, chain: 1, purpose: .simulation, iteration: replicate)
        return [mesh.error(cells.simulated(&null)), mesh.error(cells.resampled(&stream))]
      }
    }
    let larger = values.count { $0[0] >= error.value }
    return AssessedErrors.Assessment(
      name: "smooth ECE", value: error.value, perfect: Band(values.map { $0[0] }),
      pValue: Double(1 + larger) / Double(1 + values.count), bootstrap: Band(values.map { $0[1] }))
  }
}

/// Rows put in cells by their probability, with the sums that replicates need.
private struct ResidualCells: Sendable {
  static let count = 2048
  /// The middles of the cells.
  static let positions = (0..<count).map { (Double($0) + 0.5) / Double(count) }

  private let cells: [Int32]
  /// Of each row, its probability in units of 2⁻³².
  private let thresholds: [UInt64]
  private var sums: BinSums

  init(_ forecasts: EventForecasts) {
    let probabilities = forecasts.probabilities
    cells = probabilities.map {
      Int32(Swift.min(Self.count - 1, Int($0 * Double(Self.count))))
    }
    thresholds = probabilities.map { UInt64(($0 * 0x1p32).rounded()) }
    sums = BinSums(count: Self.count)
    for (i, cell) in cells.enumerated() {
      sums.add(probabilities[i], forecasts.outcomes[i] ? 1 : 0, weight: 1, bin: Int(cell))
    }
  }

  /// Residuals of outcomes drawn with the probabilities given.
  func simulated(_ stream: inout RandomStream) -> [Double] {
    var residuals = sums.forecasts
    var word: UInt64 = 0
    residuals.withUnsafeMutableBufferPointer { residuals in
      cells.withUnsafeBufferPointer { cells in
        thresholds.withUnsafeBufferPointer { p in
          for i in 0..<p.count {
            word = i & 1 == 0 ? stream.next() : word >> 32
            residuals[Int(cells[i])] -= word & 0xFFFF_FFFF < p[i] ? 1 : 0
          }
        }
      }
    }
    return residuals
  }

  /// Residuals of rows drawn with replacement: a cell's rows, then its events, are binomial; its forecasts are all their mean.
  func resampled(_ stream: inout RandomStream) -> [Double] {
    var residuals = [Double](repeating: 0, count: Self.count)
    var (drawsLeft, rowsLeft) = (cells.count, cells.count)
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

/// Cosines at the cells and at points of [0, 1], shared by all replicates.
private struct CosineMesh: Sendable {
  private let least: Double
  private let rows: Double
  private let terms: Int
  private let points: Int
  /// cos(πk c) for every k, the cells side by side.
  private let atCells: [Double]
  /// cos(πk t) for every k, the points side by side.
  private let atPoints: [Double]

  init(least: Double, count: Int) {
    self.least = least
    rows = Double(count)
    // Damping at the least width ends at e⁻²⁴.
    let terms = Int((48.0.squareRoot() / (.pi * least)).rounded(.up))
    let points = Int((8 / least).rounded(.up))
    self.terms = terms
    self.points = points
    // Angles in whole parts of π, so that only 2P different cosines are needed.
    func table(_ parts: Int, _ places: [Int]) -> [Double] {
      let cosines = (0..<2 * parts).map { cos(.pi * Double($0) / Double(parts)) }
      return (0..<terms).flatMap { k in places.map { cosines[k * $0 % (2 * parts)] } }
    }
    let cells = ResidualCells.count
    atCells = table(2 * cells, (0..<cells).map { 2 * $0 + 1 })
    atPoints = table(points, Array(0...points))
  }

  /// The smooth error of residuals in the cells.
  func error(_ residuals: [Double]) -> Double {
    let coefficients = self.coefficients(residuals)
    var values = [Double](repeating: 0, count: points + 1)
    let largest = integral(coefficients, least, &values)
    guard largest > least else { return largest }
    // The error falls as the width rises, so that the solution is not above the error at the least width.
    return
      (try? findRoot(in: least...largest, tolerance: 1e-4 * largest) {
        integral(coefficients, $0, &values) - $0
      }) ?? largest
  }

  private func coefficients(_ residuals: [Double]) -> [Double] {
    let cells = ResidualCells.count
    return atCells.withUnsafeBufferPointer { table in
      residuals.withUnsafeBufferPointer { residuals in
        (0..<terms).map { k in
          let row = UnsafeRawPointer(table.baseAddress! + k * cells)
          let right = UnsafeRawPointer(residuals.baseAddress!)
          var lanes = SIMD8<Double>.zero
          for c in 0..<cells / 8 {
            lanes +=
              row.loadUnaligned(fromByteOffset: 64 * c, as: SIMD8<Double>.self)
              * right.loadUnaligned(fromByteOffset: 64 * c, as: SIMD8<Double>.self)
          }
          return (k == 0 ? 1 : 2) * lanes.sum() / rows
        }
      }
    }
  }

  /// ∫ |r_σ| by straight lines between the points.
  private func integral(
    _ coefficients: [Double], _ bandwidth: Double, _ values: inout [Double]
  ) -> Double {
    values.withUnsafeMutableBufferPointer { r in
      atPoints.withUnsafeBufferPointer { table in
        r.update(repeating: coefficients[0])
        for k in 1..<terms {
          let rate = bandwidth * .pi * Double(k)
          let damping = exp(-0.5 * rate * rate)
          if damping < 1e-9 { break }
          let factor = coefficients[k] * damping
          let row = k * (points + 1)
          for j in 0...points { r[j] += factor * table[row + j] }
        }
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
}
