// Transforms onto Cholesky factors of correlations and covariances, and onto covariances.

import BayesGraph
import Glibc

/// The lower Cholesky factor of a correlation matrix.
///
/// Row by row, with z = tanh y: L_ij = z_ij √rest_ij, where rest_ij = Π_{j'<j} (1 − z²_ij') is what the
/// row's earlier elements leave of its length 1, and the diagonal is the root of what all of them leave.
/// The logarithm of 1 − tanh² y is taken as 2 (log 2 − y − log(1 + exp(−2y))), so that a
/// correlation of nearly ±1 keeps its digits. log |det J| = Σ log(1 − z²) + ½ Σ_{i>j} log rest_ij.
func correlationFactor(_ y: Tensor, size: Int) -> ConstrainedValue {
  let builder = y.builder
  let count = size * (size - 1) / 2
  guard count > 0 else {
    return ConstrainedValue(
      value: builder.data([1], shape: .matrix(1, 1)), logAbsDetJacobian: builder.constant(0))
  }
  let logs = (logTwo - y - (y * -2)(.log1pExp)) * 2
  // Sums of `logs` before each place: running sums with a 0 in front.
  let before = builder.assemble(
    [(Stride(start: 1, count: count), logs.cumulativeSum())], shape: .vector(count + 1))
  let factors = builder.concatenate([y(.tanh), builder.data([1], shape: .vector(1))])

  var (places, own, starts, elements) = ([Int](), [Int](), [Int](), [Int]())
  var below: [Int] = []
  var start = 0
  for row in 0..<size {
    for column in 0...row {
      if column < row { below.append(places.count) }
      places.append(row * size + column)
      own.append(start + column)
      starts.append(start)
      elements.append(column < row ? start + column : count)
    }
    start += row
  }
  let logRest = before.gathered(own) - before.gathered(starts)
  let entries = factors.gathered(elements) * (logRest * 0.5).exponential
  return ConstrainedValue(
    value: entries.scattered(places, shape: .matrix(size, size)),
    logAbsDetJacobian: logs.sum + logRest.gathered(below).sum * 0.5)
}

/// The places of the lower triangle, row by row: on the diagonal, and below it.
private func triangle(
  size: Int
) -> (diagonal: [(coordinate: Int, place: Int)], below: [(coordinate: Int, place: Int)]) {
  var diagonal: [(coordinate: Int, place: Int)] = []
  var below: [(coordinate: Int, place: Int)] = []
  var coordinate = 0
  for row in 0..<size {
    for column in 0...row {
      let place = row * size + column
      if column == row {
        diagonal.append((coordinate, place))
      } else {
        below.append((coordinate, place))
      }
      coordinate += 1
    }
  }
  return (diagonal, below)
}

/// The lower triangle row by row with the exponential on the diagonal; log |det J| = Σ y_kk.
func covarianceFactor(_ y: Tensor, size: Int) -> ConstrainedValue {
  let (diagonal, below) = triangle(size: size)
  let logs = y.gathered(diagonal.map(\.coordinate))
  let square = Shape.matrix(size, size)
  var factor = logs.exponential.scattered(diagonal.map(\.place), shape: square)
  if !below.isEmpty {
    factor =
      factor + y.gathered(below.map(\.coordinate)).scattered(below.map(\.place), shape: square)
  }
  return ConstrainedValue(value: factor, logAbsDetJacobian: logs.sum)
}

/// L Lᵀ of the covariance factor; log |det J| = K log 2 + Σ_k (K − k + 2) y_kk, k from 1.
func covarianceMatrix(_ y: Tensor, size: Int) -> ConstrainedValue {
  let factor = covarianceFactor(y, size: size).value
  let logs = y.gathered(triangle(size: size).diagonal.map(\.coordinate))
  let weights = (0..<size).map { Double(size - $0 + 1) }
  let weighted = logs * y.builder.data(weights, shape: .vector(size)).reshaped(.vector(size))
  return ConstrainedValue(
    value: factor.times(matrix: factor, transposedRight: true),
    logAbsDetJacobian: weighted.sum + Double(size) * logTwo)
}
