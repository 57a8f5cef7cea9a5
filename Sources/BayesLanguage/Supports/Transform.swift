// From unconstrained coordinates to values on a support, with the log Jacobian.

public import BayesGraph

/// A value on its support with the logarithm of the volume factor of the map that led there.
public struct ConstrainedValue {
  /// The value, in the variable's shape.
  public let value: Tensor
  /// log |det J|, a scalar.
  public let logAbsDetJacobian: Tensor
}

extension Support {
  /// Why a variable of this shape cannot have the support; `nil` if it can.
  ///
  /// A matrix whose rows are vectors on the support can. `isStack` tells that a matrix stands for square
  /// ones below each other.
  public func mismatch(_ shape: Shape, isStack: Bool = false) -> String? {
    let expected: String
    switch self {
    case .real, .counts, .categories: return nil
    case .lower, .upper, .interval, .countsTo, .countsThatSum:
      for bound in bounds where !bound.shape.isScalar && bound.shape != shape {
        return "a bound is a \(bound.shape) beside a \(shape); expected a scalar or a \(shape)"
      }
      return nil
    case .ordered, .positiveOrdered, .sumToZero, .simplex, .unitVector:
      if shape.rank > 0 && shape.columns > 0 && shape.count > 0 { return nil }
      expected = "a vector"
    case .correlationCholesky, .covarianceCholesky, .covariance:
      if shape.rank == 2 && shape.rows == shape.columns && shape.rows > 0 { return nil }
      if isStack && shape.count > 0 && shape.rows % shape.columns == 0 { return nil }
      expected = "a square matrix"
    }
    return "a \(shape) cannot be \(description); expected \(expected)"
  }

  /// The number of unconstrained coordinates of a variable of a shape that fits.
  public func unconstrainedCount(_ shape: Shape) -> Int {
    let (count, part) = kind.parts(of: shape)
    return switch self {
    case .sumToZero, .simplex: count * (part.count - 1)
    case .correlationCholesky: count * (part.rows * (part.rows - 1) / 2)
    case .covarianceCholesky, .covariance: count * (part.rows * (part.rows + 1) / 2)
    default: shape.count
    }
  }

  /// The value of a variable of `shape` at unconstrained coordinates `y`, a vector of
  /// `unconstrainedCount(shape)` elements, with log |det J|.
  ///
  /// ```
  /// lower a         a + exp y                             Σ y
  /// upper b         b − exp y                             Σ y
  /// interval a, b   a + (b − a) logistic y                Σ log(b − a) + y − 2 log(1 + exp y)
  /// ordered         x₁ = y₁, x_k = x_{k−1} + exp y_k      Σ_{k≥2} y_k
  /// positiveOrdered x₁ = exp y₁, the rest as above        Σ y_k
  /// ```
  ///
  /// and the other supports as in their functions' comments. Preconditions: `mismatch(shape)` is `nil`
  /// and the support is not discrete. Reference: Stan Reference Manual 2.39, "Constraint Transforms".
  public func constrain(_ y: Tensor, shape: Shape) -> ConstrainedValue {
    let builder = y.builder
    precondition(y.shape.count == unconstrainedCount(shape), "\(y.shape) for a \(shape)")
    precondition(!isDiscrete, "discrete quantities have no transform")
    let parts = kind.parts(of: shape)
    if parts.count > 1 || parts.shape != shape {
      if case .simplex = self, parts.count > parts.shape.count, parts.count > 16 {
        return simplexRows(y, shape: shape)
      }
      let count = unconstrainedCount(parts.shape)
      let pieces = (0..<parts.count).map {
        constrain(y.slice(($0 * count)..<(($0 + 1) * count)), shape: parts.shape)
      }
      return ConstrainedValue(
        value: builder.concatenate(pieces.map(\.value)).reshaped(shape),
        logAbsDetJacobian: pieces.dropFirst().reduce(pieces[0].logAbsDetJacobian) {
          $0 + $1.logAbsDetJacobian
        })
    }
    func elementwise(_ value: Tensor, _ logJacobian: Tensor) -> ConstrainedValue {
      ConstrainedValue(value: value, logAbsDetJacobian: logJacobian)
    }
    switch self {
    case .real: return elementwise(y.reshaped(shape), builder.constant(0))
    case .lower(let a):
      let z = y.reshaped(shape)
      return elementwise(a + z.exponential, z.sum)
    case .upper(let b):
      let z = y.reshaped(shape)
      return elementwise(b - z.exponential, z.sum)
    case .interval(let a, let b):
      let z = y.reshaped(shape)
      let isUnit = a.isConstant(0) && b.isConstant(1)
      let kernel = z - z(.log1pExp) * 2
      return elementwise(
        isUnit ? z(.logistic) : a + (b - a) * z(.logistic),
        (isUnit ? kernel : kernel + (b - a).logarithm).sum)
    case .ordered: return orderedVector(y, isPositive: false)
    case .positiveOrdered: return orderedVector(y, isPositive: true)
    case .sumToZero:
      return ConstrainedValue(
        value: sumToZeroVector(y), logAbsDetJacobian: builder.constant(0))
    case .simplex: return simplexVector(y)
    case .unitVector: return sphereVector(y)
    case .correlationCholesky: return correlationFactor(y, size: shape.rows)
    case .covarianceCholesky: return covarianceFactor(y, size: shape.rows)
    case .covariance: return covarianceMatrix(y, size: shape.rows)
    case .counts, .countsTo, .countsThatSum, .categories: preconditionFailure("checked above")
    }
  }
}
