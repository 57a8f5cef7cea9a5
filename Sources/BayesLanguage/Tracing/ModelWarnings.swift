// Slips that leave a model legal: scales that may be negative, data that count twice.

import BayesCore

extension Tracer {
  /// A warning for each parameter that stands bare where a distribution needs a positive number or a
  /// probability, while its support has others.
  ///
  /// Such a model is sampled as in Stan: it has no density where the argument is impossible, and a
  /// trajectory that gets there diverges. It is a warning and no error since a model may keep the
  /// parameter away from there by other means.
  func scaleWarnings() -> [ModelWarning] {
    var warnings: [ModelWarning] = []
    var warned: Set<Key> = []
    for line in expansion.lines {
      guard let distribution = line.distribution else { continue }
      for argument in distribution.arguments {
        guard let key = argument.term.selectedKey,
          let unknown = transforms.unknowns.first(where: { $0.entry.key == key }),
          let support = transforms.constrained[key]?.support,
          let violation = support.violation(of: argument.requirement), warned.insert(key).inserted
        else { continue }
        let half = unknown.priors[0].halfPrior(inventory.names)
        let declaration = "declare it `@Parameter(\(violation.remedy))`"
        warnings.append(
          ModelWarning(
            location: line.location,
            message:
              "\(argument.label) of \(distribution.name) is `\(unknown.entry.name)`, which may be "
              + "\(violation.words): its support is \(support.description) "
              + "(`\(unknown.priors[0].summary)`, \(unknown.location)), and draws that get there diverge; "
              + (half.map { "write `\(unknown.entry.name) ~ \($0)`, or \(declaration)" }
                ?? declaration)))
      }
    }
    return warnings
  }
}

extension Tracer {
  /// A warning for each observed quantity that two statements explain as a whole: it counts twice.
  func repetitionWarnings() -> [ModelWarning] {
    var first: [Key: SourceLocation] = [:]
    return expansion.lines.compactMap { line in
      guard case .likelihood(let left, let name, _) = line.form,
        case .declared(let key) = left.form,
        let earlier = first.updateValue(line.location, forKey: key)
      else { return nil }
      return ModelWarning(
        location: line.location,
        message:
          "`\(name)` stands on the left of `~` a second time (first at \(earlier)), so that its data "
          + "count twice; leave one, or write one as Factor if both are meant")
    }
  }
}

extension Support {
  /// How a quantity of the support may break a requirement, as far as bounds are known, and which
  /// stated support mends it.
  fileprivate func violation(
    of requirement: DistributionArgument.Requirement
  ) -> (words: String, remedy: String)? {
    let lowest: Double
    let highest: Double
    switch self {
    case .real, .ordered, .sumToZero: (lowest, highest) = (-.infinity, .infinity)
    case .unitVector: (lowest, highest) = (-1, 1)
    case .positiveOrdered: (lowest, highest) = (0, .infinity)
    case .lower(let bound): (lowest, highest) = (bound.dataValues?.min() ?? 0, .infinity)
    case .upper(let bound): (lowest, highest) = (-.infinity, bound.dataValues?.max() ?? 0)
    case .interval(let a, let b):
      (lowest, highest) = (a.dataValues?.min() ?? 0, b.dataValues?.max() ?? 1)
    default: return nil
    }
    switch requirement {
    case .positive, .nonNegative: return lowest < 0 ? ("negative", ".positive") : nil
    case .probability:
      return lowest < 0 || highest > 1 ? ("outside 0 to 1", ".bounded(0, 1)") : nil
    default: return nil
    }
  }
}

extension Prior {
  /// The half of a distribution around 0: `HalfNormal(5)` for `Normal(0, 5)`.
  fileprivate func halfPrior(_ names: [Key: String]) -> String? {
    guard ["Normal", "Cauchy"].contains(distribution.name), distribution.arguments.count == 2,
      case .constant(0) = distribution.arguments[0].term.form
    else { return nil }
    return "Half\(distribution.name)(\(distribution.arguments[1].term.words(names, depth: 3)))"
  }
}
