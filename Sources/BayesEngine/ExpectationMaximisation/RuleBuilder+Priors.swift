// Priors that closed-form M-steps take in: conjugate ones with constant arguments.

import BayesGraph
import BayesLanguage

extension RuleBuilder {
  /// Reads a prior of MAP estimation; one that no closed form takes in leaves its parameter to
  /// numerical maximisation.
  func read(prior: TracedStatement) {
    guard let density = prior.density, let slots = SlotPattern(tensor(density.value))?.all else {
      return leaveOpen(prior, "a Factor reads it")
    }
    let arguments = density.arguments.map { tensor($0).knownValues }
    let isKnown = arguments.allSatisfy { $0 != nil }
    func argument(_ k: Int, _ i: Int) -> Double {
      let values = arguments[k] ?? []
      return values.count == 1 ? values[0] : values[i % max(1, values.count)]
    }
    let labels = density.distribution.arguments.map(\.label)
    let kinds = Set(slots.map { kind($0) })
    // A parameter that data do not inform is not estimated by a rule.
    guard isKnown, kinds.count == 1, let kind = kinds.first ?? nil else {
      return leaveOpen(prior, "its prior \(prior.summary) has other parameters in it")
    }
    switch (density.distribution.name.prefixBeforeBracket, kind) {
    case ("Flat", _), ("Uniform", _): return
    case ("Dirichlet", .proportion):
      for (i, slot) in slots.enumerated() {
        found.priorCounts[slot, default: 0] += argument(0, i) - 1
      }
    case ("Beta", .probability):
      for (i, slot) in slots.enumerated() {
        let (a, b) = (argument(0, i), argument(1, i))
        add(slot, a - 1, a + b - 2)
      }
    case ("Gamma", .rate) where labels == ["shape", "rate"]:
      for (i, slot) in slots.enumerated() { add(slot, argument(0, i) - 1, argument(1, i)) }
    case ("Exponential", .rate) where labels == ["rate"]:
      for (i, slot) in slots.enumerated() { add(slot, 0, argument(0, i)) }
    case ("Normal", .location), ("Normal", .mean):
      for (i, slot) in slots.enumerated() {
        found.priorLocations[slot] = (argument(0, i), 1 / (argument(1, i) * argument(1, i)))
      }
    case ("InverseWishart", .covariance):
      let size = tensor(density.value).shape.columns
      for start in stride(from: 0, to: slots.count, by: size * size) {
        found.priorSpreads[slots[start]] = (
          scale: (0..<(size * size)).map { argument(1, $0) }, degrees: argument(0, 0)
        )
      }
    default:
      leaveOpen(prior, "its prior \(prior.summary) is not conjugate")
    }
  }

  private func add(_ slot: Int, _ numerator: Double, _ denominator: Double) {
    let known = found.priorRatios[slot] ?? (0, 0)
    found.priorRatios[slot] = (known.numerator + numerator, known.denominator + denominator)
  }
}

extension String {
  /// The name of what a narrowed distribution narrows.
  fileprivate var prefixBeforeBracket: String { String(prefix { $0 != "(" && $0 != "." }) }
}
