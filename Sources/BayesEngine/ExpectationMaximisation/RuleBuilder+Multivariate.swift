// Recognises multivariate normal components.

import BayesGraph
import BayesLanguage

extension RuleBuilder {
  /// Rows of data that are multivariate normal, their mean and covariance parameters as they are.
  func readMultivariate(
    _ term: CompleteTerm, _ density: TracedDensity, _ weight: Tensor
  ) -> Bool {
    let value = tensor(density.value)
    guard let values = value.dataValues, value.shape.rank == 2, value.shape.rows == term.rows else {
      return false
    }
    let size = value.shape.columns
    let given = tensor(density.arguments[0])
    guard
      let mean = given.shape.isScalar
        ? given.filled(.vector(size)) : given.shape.rank == 1 ? given : given.repeatedRow
    else { return false }
    let spread = tensor(density.arguments[1])
    let isFactored = density.distribution.arguments[1].label == "cholesky"
    let meanSlots = SlotPattern(mean)?.all
    let spreadSlots = SlotPattern(spread)?.all
    if meanSlots == nil {
      for parameter in parameters(behind: [mean.id]) {
        leaveOpen(parameter, "it makes up the mean of a multivariate normal")
      }
    }
    if spreadSlots == nil {
      for parameter in parameters(behind: [spread.id]) {
        leaveOpen(parameter, "it makes up the covariance of a multivariate normal")
      }
    }
    claim(meanSlots ?? [], .mean)
    for slot in meanSlots ?? [] { requireUnbounded(slot) }
    // A number that is the mean of several columns has no closed form here.
    if let meanSlots, Set(meanSlots).count < meanSlots.count {
      for slot in meanSlots { leaveOpen(parameter(of: slot), "it is the mean of several columns") }
    }
    claim(spreadSlots ?? [], isFactored ? .factor : .covariance)
    let weights = weight.filled(.vector(term.rows))
    let moments = table.add(builder.rowMoments(value, mean: mean, weights: weights))
    found.multivariates.append(
      MultivariateFinding(
        cell: MultivariateNormalRule.Cell(
          mean: meanSlots ?? [], spread: spreadSlots ?? [],
          weight: table.add(weights.sum).lowerBound,
          sums: moments.prefix(size), squares: moments.dropFirst(size),
          precision: table.add(precision(spread, isFactored: isFactored))),
        data: value.id, isFactored: isFactored,
        dataVariances: (0..<size).map { column in
          variance(stride(from: column, to: values.count, by: size).map { values[$0] })
        }))
    return true
  }

  /// The inverse of a covariance.
  private func precision(_ spread: Tensor, isFactored: Bool) -> Tensor {
    let size = spread.shape.columns
    let identity = (0..<(size * size)).map { $0 % (size + 1) == 0 ? 1.0 : 0 }
    let inverse = (isFactored ? spread : spread.choleskyFactor)
      .solve(builder.data(identity, shape: .matrix(size, size)))
    return inverse.times(matrix: inverse, transposedLeft: true)
  }
}
