// Weighted means and covariances: the M-step of multivariate normal components.

import BayesNumerics
import Glibc

/// What covariances of the components of a mixture have in common.
public enum CovarianceForm: String, Sendable, CaseIterable {
  /// Each its own, without restriction.
  case full
  /// Each its own, without covariances.
  case diagonal
  /// Each its own, one variance for all columns and no covariances.
  case spherical
  /// One for all components, without restriction.
  case tied
}

/// Means and covariances of multivariate normal statements; a covariance is the weighted sum of squares
/// over the sum of weights, not over one less.
///
/// The sums are of x − μ at the current μ. Means are set given the current covariances, which drop out
/// where each mean has one of its own, then covariances given the new means (see `NormalRule`).
struct MultivariateNormalRule: MaximisationRule {
  /// A statement under one label.
  struct Cell: Sendable {
    /// Slots of the mean that is to be set; empty where it is held.
    let mean: [Int]
    /// Row-major slots of the covariance or its Cholesky factor; empty where that is held.
    let spread: [Int]
    /// Places of Σw, of Σ w (x − μ), and of Σ w (x − μ)(x − μ)ᵀ row-major.
    let weight: Int
    let sums: Range<Int>
    let squares: Range<Int>
    /// Places of the inverse of the current covariance, row-major.
    let precision: Range<Int>
  }

  let summary: String
  let cells: [Cell]
  let isFactored: Bool
  let form: CovarianceForm
  /// The variance of each column of the data.
  let dataVariances: [Double]
  /// By mean slot: mean and precision of a normal prior.
  let meanPriors: [Int: (mean: Double, precision: Double)]
  /// By the covariance's first slot: scale matrix and degrees of freedom of an inverse Wishart prior.
  let spreadPriors: [Int: (scale: [Double], degrees: Double)]

  private var size: Int { dataVariances.count }

  func maximise(_ x: inout [Double], _ sums: [Double]) -> Degeneracy? {
    let old = x
    for (mean, own) in Dictionary(grouping: cells.filter { !$0.mean.isEmpty }, by: \.mean) {
      for (slot, change) in zip(mean, meanChange(mean, own, old, sums)) { x[slot] += change }
    }
    var degeneracy: Degeneracy?
    func note(_ found: Degeneracy?) {
      guard let found else { return }
      if found.relativeVariance < degeneracy?.relativeVariance ?? .infinity { degeneracy = found }
    }
    let free = cells.filter { !$0.spread.isEmpty }
    if form == .tied {
      let (pooled, found) = covariance(of: free, old, x, sums)
      note(found)
      if let pooled { for spread in Set(free.map(\.spread)) { write(pooled, to: spread, &x) } }
    } else {
      for (spread, own) in Dictionary(grouping: free, by: \.spread) {
        let (estimate, found) = covariance(of: own, old, x, sums)
        note(found)
        if let estimate { write(estimate, to: spread, &x) }
      }
    }
    return degeneracy
  }

  private func meanChange(
    _ mean: [Int], _ own: [Cell], _ x: [Double], _ sums: [Double]
  ) -> [Double] {
    let hasPrior = mean.contains { meanPriors[$0] != nil }
    if !hasPrior, own.allSatisfy({ $0.spread == own[0].spread && !$0.spread.isEmpty }) {
      let weight = own.reduce(0) { $0 + sums[$1.weight] }
      guard weight > emptyWeight else { return [Double](repeating: 0, count: size) }
      return (0..<size).map { i in
        own.reduce(0) { $0 + sums[$1.sums.lowerBound + i] } / weight
      }
    }
    var matrix = DenseMatrix(rows: size, columns: size)
    var right = [Double](repeating: 0, count: size)
    for cell in own {
      let precision = DenseMatrix(rows: size, columns: size, values: Array(sums[cell.precision]))
      for i in 0..<size {
        for j in 0..<size {
          matrix[i, j] += sums[cell.weight] * precision[i, j]
          right[i] += precision[i, j] * sums[cell.sums.lowerBound + j]
        }
      }
    }
    for (i, slot) in mean.enumerated() {
      guard let prior = meanPriors[slot] else { continue }
      matrix[i, i] += prior.precision
      right[i] += prior.precision * (prior.mean - x[slot])
    }
    return leastChange(matrix, right)
  }

  private func covariance(
    of own: [Cell], _ old: [Double], _ x: [Double], _ sums: [Double]
  ) -> (DenseMatrix?, Degeneracy?) {
    var total = DenseMatrix(rows: size, columns: size)
    var weight = 0.0
    for cell in own {
      let own = sums[cell.weight]
      let change =
        cell.mean.isEmpty
        ? [Double](repeating: 0, count: size) : cell.mean.map { x[$0] - old[$0] }
      weight += own
      for i in 0..<size {
        for j in 0..<size {
          total[i, j] +=
            sums[cell.squares.lowerBound + i * size + j]
            - sums[cell.sums.lowerBound + i] * change[j]
            - change[i] * sums[cell.sums.lowerBound + j] + own * change[i] * change[j]
        }
      }
    }
    if weight <= emptyWeight {
      return (nil, Degeneracy(reason: "a component is empty", relativeVariance: 0))
    }
    for first in Set(own.compactMap(\.spread.first)) {
      guard let prior = spreadPriors[first] else { continue }
      for k in prior.scale.indices { total.values[k] += prior.scale[k] }
      weight += prior.degrees + Double(size) + 1
    }
    for i in 0..<size {
      for j in 0..<size { total[i, j] /= weight }
    }
    restrict(&total)
    var standardised = total
    for i in 0..<size {
      for j in 0..<size {
        standardised[i, j] /= (dataVariances[i] * dataVariances[j]).squareRoot()
      }
    }
    let smallest = symmetricEigen(standardised)?.values.first ?? 0
    guard smallest > 1e-13, cholesky(total) != nil else {
      return (
        nil, Degeneracy(reason: "a component's covariance is singular", relativeVariance: 0)
      )
    }
    if smallest >= lowVariance { return (total, nil) }
    return (
      total,
      Degeneracy(
        reason: "a component's covariance goes to a singular one", relativeVariance: smallest)
    )
  }

  private func restrict(_ matrix: inout DenseMatrix) {
    if form == .full || form == .tied { return }
    let mean = (0..<size).reduce(0) { $0 + matrix[$1, $1] } / Double(size)
    for i in 0..<size {
      for j in 0..<size where i != j { matrix[i, j] = 0 }
      if form == .spherical { matrix[i, i] = mean }
    }
  }

  private func write(_ covariance: DenseMatrix, to slots: [Int], _ x: inout [Double]) {
    let values = isFactored ? (cholesky(covariance) ?? covariance) : covariance
    for (k, slot) in slots.enumerated() { x[slot] = values.values[k] }
  }
}
