// Weighted least squares and weighted variances: the M-step of normal components.

import BayesNumerics
import Glibc

/// Locations that are linear in parameters, and scales, of normal statements.
///
/// The sums are of residuals from the current location, so that nothing cancels near the maximum.
/// Locations are set first, given the current scales (which drop out where one scale belongs to one
/// location), then the scales given the new locations: each step maximises, so the two never lower the
/// objective (expectation conditional maximisation; Meng & Rubin 1993, doi 10.1093/biomet/80.2.267).
/// A variance is the weighted sum of squares over the sum of weights.
struct NormalRule: MaximisationRule {
  /// How a statement's scale is known.
  enum Scale: Sendable {
    /// A parameter: the sums have weights w, and 1/σ² is applied afterwards.
    case deviation(slot: Int)
    case variance(slot: Int)
    /// Anything else: the sums have weights w/σ².
    case inWeights
  }

  /// One column of a statement under one label.
  struct Cell: Sendable {
    /// Location slots that are to be set, in the order of the sums.
    let slots: [Int]
    /// Places of the lower triangle, row by row, of Σ w X Xᵀ.
    let gram: [Int]
    /// Places of Σ w X e.
    let cross: [Int]
    /// Σ w e² and Σ w.
    let squares: Int
    let weight: Int
    let scale: Scale
    /// The variance of the data, which the new one is compared with; `nil` where that says nothing.
    let dataVariance: Double?
  }

  /// Locations that must be solved for together.
  struct System: Sendable {
    let slots: [Int]
    let cells: [Int]
  }

  let summary: String
  let cells: [Cell]
  let systems: [System]
  /// Scale slots that are to be set.
  let scales: [Int]
  /// By location slot: mean and precision of a normal prior.
  let priors: [Int: (mean: Double, precision: Double)]
  let intervals: [Int: ClosedInterval]

  func maximise(_ x: inout [Double], _ sums: [Double]) -> Degeneracy? {
    var changes: [Int: Double] = [:]
    for system in systems { solve(system, x, sums, into: &changes) }
    for (slot, change) in changes {
      let old = x[slot]
      x[slot] = (intervals[slot] ?? ClosedInterval()).clipped(old + change)
      changes[slot] = x[slot] - old
    }
    return setScales(&x, sums, changes)
  }

  /// 1/σ² of a cell, where the sums do not hold it.
  private func precision(_ cell: Cell, _ x: [Double]) -> Double {
    switch cell.scale {
    case .deviation(let slot): 1 / (x[slot] * x[slot])
    case .variance(let slot): 1 / x[slot]
    case .inWeights: 1
    }
  }

  private func solve(
    _ system: System, _ x: [Double], _ sums: [Double], into changes: inout [Int: Double]
  ) {
    let size = system.slots.count
    let places = Dictionary(uniqueKeysWithValues: zip(system.slots, system.slots.indices))
    var matrix = DenseMatrix(rows: size, columns: size)
    var right = [Double](repeating: 0, count: size)
    for index in system.cells {
      let cell = cells[index]
      let precision = precision(cell, x)
      guard precision.isFinite else { continue }
      var entry = 0
      for (i, slot) in cell.slots.enumerated() {
        let row = places[slot]!
        right[row] += precision * sums[cell.cross[i]]
        for j in 0...i {
          let column = places[cell.slots[j]]!
          matrix[row, column] += precision * sums[cell.gram[entry]]
          if i != j { matrix[column, row] += precision * sums[cell.gram[entry]] }
          entry += 1
        }
      }
    }
    for (i, slot) in system.slots.enumerated() {
      guard let prior = priors[slot] else { continue }
      matrix[i, i] += prior.precision
      right[i] += prior.precision * (prior.mean - x[slot])
    }
    for (slot, change) in zip(system.slots, leastChange(matrix, right)) { changes[slot] = change }
  }

  private func setScales(
    _ x: inout [Double], _ sums: [Double], _ changes: [Int: Double]
  ) -> Degeneracy? {
    var totals: [Int: (squares: Double, weight: Double, reference: Double?)] = [:]
    for cell in cells {
      let slot: Int
      switch cell.scale {
      case .deviation(let own), .variance(let own): slot = own
      case .inWeights: continue
      }
      // Σ w (e − X δ)² from the sums of e.
      let change = cell.slots.map { changes[$0] ?? 0 }
      var squares = sums[cell.squares]
      var entry = 0
      for i in change.indices {
        squares -= 2 * change[i] * sums[cell.cross[i]]
        for j in 0...i {
          squares += (i == j ? 1 : 2) * change[i] * change[j] * sums[cell.gram[entry]]
          entry += 1
        }
      }
      var total = totals[slot] ?? (0, 0, cell.dataVariance)
      total.squares += max(0, squares)
      total.weight += sums[cell.weight]
      totals[slot] = total
    }
    var degeneracy: Degeneracy?
    for slot in scales {
      guard let total = totals[slot] else { continue }
      guard total.weight > emptyWeight else {
        degeneracy = Degeneracy(reason: "a component is empty", relativeVariance: 0)
        continue
      }
      let variance = total.squares / total.weight
      let relative = total.reference.map { variance / $0 } ?? 1
      if variance <= .leastNormalMagnitude || relative < lowVariance {
        let found = Degeneracy(
          reason: "a component's variance goes to 0",
          relativeVariance: variance <= .leastNormalMagnitude ? 0 : relative)
        if found.relativeVariance < degeneracy?.relativeVariance ?? .infinity { degeneracy = found }
      }
      let isVariance = cells.contains { if case .variance(slot) = $0.scale { true } else { false } }
      x[slot] = (intervals[slot] ?? ClosedInterval())
        .clipped(isVariance ? variance : variance.squareRoot())
    }
    return degeneracy
  }
}

/// A component with less weight than this has no data.
let emptyWeight = 1e-10

/// A variance below this part of the data's is reported: whether it is a maximum or on the way to an
/// unbounded likelihood is for the reader of the report to say.
let lowVariance = 1e-4

/// The solution of A δ = b of least length, for a symmetric non-negative A: directions in which A has
/// no information stay as they are.
func leastChange(_ matrix: DenseMatrix, _ right: [Double]) -> [Double] {
  let size = right.count
  if size == 1 {
    let change = right[0] / matrix[0, 0]
    return [matrix[0, 0] > 0 && change.isFinite ? change : 0]
  }
  // Scaled to a unit diagonal, so that units do not decide what counts as no information.
  let scale = (0..<size).map { matrix[$0, $0] > 0 ? 1 / matrix[$0, $0].squareRoot() : 0 }
  var scaled = matrix
  for i in 0..<size {
    for j in 0..<size { scaled[i, j] *= scale[i] * scale[j] }
  }
  guard let eigen = symmetricEigen(scaled) else { return [Double](repeating: 0, count: size) }
  let largest = eigen.values.max() ?? 0
  var change = [Double](repeating: 0, count: size)
  for k in 0..<size where eigen.values[k] > 1e-13 * largest {
    let part =
      (0..<size).reduce(0) { $0 + eigen.vectors[$1, k] * scale[$1] * right[$1] } / eigen.values[k]
    for i in 0..<size { change[i] += part * eigen.vectors[i, k] * scale[i] }
  }
  return change
}
