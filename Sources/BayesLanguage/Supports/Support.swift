// Where a quantity lives.

public import BayesGraph

/// A set of values; bounds are traced scalars or tensors of the quantity's shape.
public enum Support {
  case real
  case lower(Tensor)
  case upper(Tensor)
  case interval(Tensor, Tensor)
  case ordered, positiveOrdered
  case sumToZero, simplex, unitVector
  case correlationCholesky, covarianceCholesky, covariance
  /// Whole numbers from 0.
  case counts
  /// Whole numbers from 0 to a bound.
  case countsTo(Tensor)
  /// Whole numbers from 0 that sum to a number: one for all rows of a matrix, or one for each.
  case countsThatSum(to: Tensor)
  /// 0-based categories below a number.
  case categories(Int)
}
