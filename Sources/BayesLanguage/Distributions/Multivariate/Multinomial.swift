// Counts of categories.

public import BayesGraph
public import BayesNumerics

/// How often each of K categories occurs in n independent trials.
///
/// ```
/// log p(x | n, θ) = log n! − Σ log x_k! + Σ x_k log θ_k,  Σ x_k = n
/// ```
///
/// The trials are whole numbers, the probabilities a simplex; 0 log 0 = 0, so that a category that cannot
/// occur may be one that did not. Each row of a matrix on the left is a draw of its own: the trials are one
/// number or one for each row, and the probabilities shared or a matrix with a row for each.
/// Reference: Stan Functions Reference, "Multinomial distribution".
public struct Multinomial: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Multinomial" }
  public var event: Event { .vector }

  /// The number of trials, and one probability per category.
  public init(_ trials: some Symbolic, _ probabilities: some Symbolic) {
    arguments = [
      .init("trials", trials, .wholeNonNegative), .init("probabilities", probabilities, .simplex),
    ]
  }

  public func support(_ arguments: [Tensor]) -> Support { .countsThatSum(to: arguments[0]) }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let orders = (value + 1).logGamma
    let coefficient = (arguments[0] + 1).logGamma
    guard value.shape.rank == 2 else {
      return coefficient - orders.sum + countTimesLog(value, arguments[1]).sum
    }
    return coefficient - orders.rowTotals + logarithms(value, arguments[1]).rowTotals
  }

  /// x log θ for each element of the rows. One vector of probabilities for all rows has K logarithms
  /// taken, not one for each element.
  private func logarithms(_ value: Tensor, _ probabilities: Tensor) -> Tensor {
    guard
      let shared = probabilities.shape.rank == 2 ? probabilities.repeatedRow : probabilities
    else { return countTimesLog(value, probabilities) }
    let builder = value.builder
    let logarithms = builder.spreadRows(shared.logarithm, rows: value.shape.rows)
    if let known = value.dataValues, !known.contains(0) { return value * logarithms }
    return builder.select(value, value * logarithms, builder.constant(0))
  }

  /// One draw, category by category: each count is binomial given those before it.
  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    var (left, rest) = (arguments[0][0], 1.0)
    let probabilities = arguments[1]
    return probabilities.indices.map { k in
      let isLast = k == probabilities.count - 1
      let share = isLast || probabilities[k] >= rest ? 1 : probabilities[k] / rest
      let count = stream.binomial(trials: left, probability: share)
      (left, rest) = (left - count, rest - probabilities[k])
      return count
    }
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    if shape.rank == 0 { return "Multinomial is a distribution of vectors, not of a \(shape)" }
    let isRows = shape.rank == 2
    let vector = Shape.vector(isRows ? shape.columns : shape.count)
    let (trials, probabilities) = (arguments[0].shape, arguments[1].shape)
    if !trials.isScalar, !isRows || trials != .vector(shape.rows) {
      return "trials of Multinomial is a \(trials) beside a \(shape); expected a scalar"
        + (isRows ? ", or a \(Shape.vector(shape.rows)) with one for each row" : "")
    }
    if probabilities == vector || (isRows && probabilities == shape) { return nil }
    return
      "probabilities of Multinomial is a \(probabilities) beside a \(shape); expected a \(vector)"
      + (isRows ? ", or a \(shape) with one row for each" : "")
  }
}
