// Transforms onto ordered vectors, sum-to-zero vectors, simplexes and the sphere.

import BayesGraph
import BayesNumerics
import Glibc

/// Running sums of y₁ (exp y₁ if positive) and the exponentials of the rest.
func orderedVector(_ y: Tensor, isPositive: Bool) -> ConstrainedValue {
  let count = y.shape.count
  if isPositive {
    return ConstrainedValue(
      value: y.exponential.cumulativeSum(), logAbsDetJacobian: y.sum)
  }
  guard count > 1 else {
    return ConstrainedValue(value: y, logAbsDetJacobian: y.builder.constant(0))
  }
  let rest = y.slice(1..<count)
  return ConstrainedValue(
    value: y.builder.concatenate([y.slice(0..<1), rest.exponential]).cumulativeSum(),
    logAbsDetJacobian: rest.sum)
}

/// H y for the Helmert basis H: column i has 1/√(i(i+1)) in rows 1…i and −i/√(i(i+1)) in row i + 1.
///
/// An isometry onto the vectors that sum to 0, so that the log Jacobian is 0. With w_i = y_i/√(i(i+1)),
/// x_k = Σ_{i≥k} w_i − (k − 1) w_{k−1}: one reversed running sum.
func sumToZeroVector(_ y: Tensor) -> Tensor {
  let builder = y.builder
  let count = y.shape.count
  guard count > 0 else { return builder.data([0], shape: .vector(1)) }
  let places = (1...count).map(Double.init)
  let w = y * builder.data(places.map { 1 / ($0 * ($0 + 1)).squareRoot() }, shape: .vector(count))
  let tails = builder.assemble(
    [(Stride(start: 0, count: count), w.cumulativeSum(reversed: true))], shape: .vector(count + 1))
  let steps = builder.assemble(
    [(Stride(start: 1, count: count), w * builder.data(places, shape: .vector(count)))],
    shape: .vector(count + 1))
  return tails - steps
}

/// The softmax of the sum-to-zero vector z.
///
/// log |det J| = Σ log x_k + ½ log K for the first K − 1 coordinates; as Σ z = 0 that is
/// −K logSumExp z + ½ log K, which has no logarithm of a proportion that underflowed.
func simplexVector(_ y: Tensor) -> ConstrainedValue {
  let z = sumToZeroVector(y)
  let count = Double(y.shape.count + 1)
  guard count > 1 else {
    return ConstrainedValue(
      value: y.builder.data([1], shape: .vector(1)), logAbsDetJacobian: y.builder.constant(0))
  }
  let total = z.reduced(.logSumExp)
  return ConstrainedValue(
    value: (z - total).exponential, logAbsDetJacobian: total * -count + 0.5 * log(count))
}

/// Many simplexes at once, one per row: the softmax over the columns of Y Hᵀ, H the Helmert basis, by whole
/// columns, so that the graph does not grow with the rows.
func simplexRows(_ y: Tensor, shape: Shape) -> ConstrainedValue {
  let builder = y.builder
  let (rows, columns) = (shape.rows, shape.columns)
  guard columns > 1 else {
    return ConstrainedValue(
      value: builder.data([Double](repeating: 1, count: rows), shape: shape),
      logAbsDetJacobian: builder.constant(0))
  }
  var basis: [Double] = []
  for k in 0..<columns {
    for i in 1..<columns {
      let entry: Double = k < i ? 1 : k == i ? -Double(i) : 0
      basis.append(entry / Double(i * (i + 1)).squareRoot())
    }
  }
  let z = builder.data(basis, shape: .matrix(columns, columns - 1)).times(
    matrix: y.reshaped(.matrix(rows, columns - 1)), transposedRight: true)
  let parts = (0..<columns).map { z.slice(($0 * rows)..<(($0 + 1) * rows)) }
  let total = logSumExp(parts)
  let placed = parts.enumerated().map { k, part -> (Stride, Tensor) in
    (Stride(start: k, count: rows, step: columns), (part - total).exponential)
  }
  let constant = 0.5 * Double(rows) * log(Double(columns))
  return ConstrainedValue(
    value: builder.assemble(placed, shape: shape),
    logAbsDetJacobian: total.sum * -Double(columns) + constant)
}

/// y/|y|; the log term −½ |y|² makes directions uniform and the radius proper and independent.
func sphereVector(_ y: Tensor) -> ConstrainedValue {
  let square = y.squared.sum
  return ConstrainedValue(
    value: y / square.squareRoot, logAbsDetJacobian: square * -0.5)
}
