// Recognises normal statements: regressions with weights, and multivariate components.

import BayesGraph
import BayesLanguage

extension RuleBuilder {
  /// More regression coefficients than this in one statement are left to numerical maximisation.
  static let largestDesign = 32

  /// Normal statements whose location is linear in parameters.
  func readNormal(_ term: CompleteTerm, _ density: TracedDensity, _ weight: Tensor) -> Bool {
    // A narrowed one has bounds among its arguments.
    guard density.arguments.count == 2,
      var columns = StatementColumn.columns(
        value: tensor(density.value), arguments: density.arguments.map(tensor), weight: weight,
        rows: term.rows)
    else { return false }
    if density.distribution.name == "LogNormal" {
      columns = columns.map {
        StatementColumn(
          value: $0.value.logarithm, arguments: $0.arguments, weight: $0.weight, rows: $0.rows)
      }
    }
    for column in columns { readNormal(column, hasLabels: !term.labels.isEmpty) }
    return true
  }

  private func readNormal(_ column: StatementColumn, hasLabels: Bool) {
    let (location, sigma) = (column.arguments[0], column.arguments[1])
    let (scale, weighted) = scale(sigma, column)
    let residual = column.value - location
    var slots: [Int] = []
    var design: [Tensor] = []
    if let form = LinearDesign(location, rows: column.rows, limit: Self.largestDesign) {
      let patterns = form.columns.map { SlotPattern(tensor($0.coefficient))?.only }
      if patterns.allSatisfy({ $0 != nil }) {
        slots = patterns.compactMap { $0 }
        design = form.columns.map { column in
          column.values.allSatisfy { $0 == 1 }
            ? builder.constant(1) : builder.data(column.values, shape: .vector(column.values.count))
        }
      }
    }
    if slots.isEmpty {
      for parameter in parameters(behind: [location.id]) {
        leaveOpen(parameter, "the location of a normal is not linear in it")
      }
    }
    claim(slots, .location)
    // Several coefficients may not be clipped one by one.
    if slots.count > 1 {
      for slot in slots { requireUnbounded(slot) }
    }
    let gramPlaces = design.indices.flatMap { i in
      (0...i).map { j in table.add(weighted.sum(design[i] * design[j])).lowerBound }
    }
    let crossPlaces = design.map { table.add(weighted.sum($0 * residual)).lowerBound }
    let values = column.value.knownValues ?? []
    found.normals.append(
      NormalRule.Cell(
        slots: slots, gram: gramPlaces, cross: crossPlaces,
        squares: table.add(weighted.sum(residual.squared)).lowerBound,
        weight: table.add(weighted.sum(builder.constant(1))).lowerBound, scale: scale,
        dataVariance: hasLabels ? variance(values) : nil))
  }

  /// How the scale is known, and the column with the weights that the sums take.
  private func scale(
    _ sigma: Tensor, _ column: StatementColumn
  ) -> (NormalRule.Scale, StatementColumn) {
    if let slot = SlotPattern(sigma)?.only {
      claim([slot], .scale)
      return (.deviation(slot: slot), column)
    }
    let node = builder.graph[sigma.id]
    if node.op == .unary(.sqrt), let slot = SlotPattern(tensor(node.inputs[0]))?.only {
      claim([slot], .variance)
      return (.variance(slot: slot), column)
    }
    for parameter in parameters(behind: [sigma.id]) {
      leaveOpen(parameter, "it makes up the scale of a normal")
    }
    let weight = column.weight / sigma.squared
    return (
      .inWeights,
      StatementColumn(
        value: column.value, arguments: column.arguments, weight: weight, rows: column.rows)
    )
  }
}

/// The variance of some numbers, dividing by their count.
func variance(_ values: [Double]) -> Double {
  let mean = values.reduce(0, +) / Double(values.count)
  return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
}
