// Recognises proportions, ratios of sums, and gamma distributions.

import BayesGraph
import BayesLanguage

extension RuleBuilder {
  /// Categories with probabilities that are parameters: expected counts.
  func readCategorical(
    _ term: CompleteTerm, _ density: TracedDensity, _ weight: Tensor
  ) -> Bool {
    let argument = tensor(density.arguments[0])
    guard density.distribution.arguments[0].label == "probabilities",
      let values = tensor(density.value).knownValues,
      let pattern = SlotPattern(argument)
    else { return false }
    let categories = argument.shape.rank == 2 ? argument.shape.columns : argument.shape.count
    let chosen = values.enumerated().map { row, value in
      pattern[(argument.shape.rank == 2 ? row * categories : 0) + Int(value)]
    }
    guard !chosen.isEmpty else { return true }
    claim(pattern.all, .proportion)
    let groups = SlotGroups(chosen)
    let column = StatementColumn(
      value: tensor(density.value), arguments: [], weight: weight, rows: term.rows)
    let counts = table.add(column.sums(builder.constant(1), by: groups))
    found.counts += zip(groups.distinct, counts).map { ($0, $1) }
    return true
  }

  /// Rows of counts with probabilities that are parameters: sums of the counts.
  func readMultinomial(
    _ term: CompleteTerm, _ density: TracedDensity, _ weight: Tensor
  ) -> Bool {
    let value = tensor(density.value)
    let given = tensor(density.arguments[1])
    guard value.dataValues != nil, value.shape.rank == 2, value.shape.rows == term.rows else {
      return false
    }
    let (rows, categories) = (value.shape.rows, value.shape.columns)
    if let shared = given.shape.rank == 2 ? given.repeatedRow : given {
      guard let pattern = SlotPattern(shared) else { return false }
      claim(pattern.all, .proportion)
      let sums = value.times(vector: weight.filled(.vector(rows)), transposed: true)
      found.counts += zip(pattern.all, table.add(sums)).map { ($0, $1) }
      return true
    }
    guard let pattern = SlotPattern(given) else { return false }
    claim(pattern.all, .proportion)
    for k in 0..<categories {
      let groups = SlotGroups((0..<rows).map { pattern[$0 * categories + k] })
      let column = StatementColumn(
        value: value.slice(Stride(start: k, count: rows, step: categories)), arguments: [],
        weight: weight, rows: rows)
      found.counts += zip(groups.distinct, table.add(column.sums(column.value, by: groups)))
        .map { ($0, $1) }
    }
    return true
  }

  /// A Markov chain: expected starts and moves are counts of categories.
  func read(_ chain: CompleteChain, starts: Tensor, moves: Tensor) {
    for (probabilities, counts) in [(chain.initial, starts), (chain.transition, moves)] {
      guard let pattern = SlotPattern(tensor(probabilities)) else {
        for parameter in parameters(behind: [probabilities]) {
          leaveOpen(parameter, "it makes up probabilities of a Markov chain")
        }
        continue
      }
      claim(pattern.all, .proportion)
      found.counts += zip(pattern.all, table.add(counts)).map { ($0, $1) }
    }
  }

  /// Distributions whose parameter is estimated by a ratio of weighted sums.
  func readRatio(_ term: CompleteTerm, _ density: TracedDensity, _ weight: Tensor) -> Bool {
    let labels = density.distribution.arguments.map(\.label)
    guard
      let columns = StatementColumn.columns(
        value: tensor(density.value), arguments: density.arguments.map(tensor), weight: weight,
        rows: term.rows)
    else { return false }
    for column in columns {
      let one = builder.constant(1)
      let parameter: Tensor
      let kind: Kind
      var (numerator, denominator) = (column.value, one)
      switch (density.distribution.name, labels) {
      case ("Bernoulli", ["probability"]): (parameter, kind) = (column.arguments[0], .probability)
      case ("Binomial", ["trials", "probability"]):
        (parameter, kind) = (column.arguments[1], .probability)
        denominator = column.arguments[0]
      case ("Poisson", ["mean"]): (parameter, kind) = (column.arguments[0], .rate)
      case ("Exponential", ["rate"]):
        (parameter, kind) = (column.arguments[0], .rate)
        (numerator, denominator) = (one, column.value)
      default: return false
      }
      guard let exposure = exposure(of: parameter, rows: column.rows) else { return false }
      var slots = exposure.slots
      if slots.isEmpty { continue }
      if let values = exposure.values {
        // Data times a rate; data times a probability or a rate of waiting is nothing of the kind.
        guard density.distribution.name == "Poisson", values.allSatisfy({ $0 > 0 }) else {
          return false
        }
        denominator = builder.data(values, shape: .vector(column.rows))
      }
      if slots.count == 1 { slots = [Int](repeating: slots[0], count: column.rows) }
      claim(slots, kind)
      let groups = SlotGroups(slots)
      let upper = table.add(column.sums(numerator, by: groups))
      let lower = table.add(column.sums(denominator, by: groups))
      for (k, slot) in groups.distinct.enumerated() {
        found.ratios.append((slot, upper.lowerBound + k, lower.lowerBound + k))
      }
    }
    return true
  }

  /// The slots that a parameter of a distribution is, none where it is known, and the data that they are
  /// multiplied by; `nil` for anything else.
  private func exposure(of parameter: Tensor, rows: Int) -> (slots: [Int], values: [Double]?)? {
    if let pattern = SlotPattern(parameter) { return (pattern.all, nil) }
    guard let design = LinearDesign(parameter, rows: rows, limit: 1) else { return nil }
    guard let only = design.columns.first else { return ([], nil) }
    guard design.constant.allSatisfy({ $0 == 0 }),
      let pattern = SlotPattern(tensor(only.coefficient))
    else { return nil }
    return (pattern.all, only.values)
  }

  /// Gamma distributions of which both parameters are unknown.
  func readGamma(_ term: CompleteTerm, _ density: TracedDensity, _ weight: Tensor) -> Bool {
    guard density.distribution.arguments.map(\.label) == ["shape", "rate"],
      let columns = StatementColumn.columns(
        value: tensor(density.value), arguments: density.arguments.map(tensor), weight: weight,
        rows: term.rows)
    else { return false }
    for column in columns {
      guard let shape = SlotPattern(column.arguments[0])?.only,
        let rate = SlotPattern(column.arguments[1])?.only
      else { return false }
      for slot in [shape, rate] where !interval(slot).isPositive {
        leaveOpen(parameter(of: slot), "it has bounds of its own")
      }
      claim([shape], .gammaShape)
      claim([rate], .gammaRate)
      found.gammas.append(
        GammaRule.Part(
          shape: shape, rate: rate, weight: table.add(column.total).lowerBound,
          sum: table.add(column.sum(column.value)).lowerBound,
          logSum: table.add(column.sum(column.value.logarithm)).lowerBound))
    }
    return true
  }
}
