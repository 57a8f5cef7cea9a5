// From one statement to its log density, checked first.

import BayesCore
import BayesGraph

/// Builds the log density of statements.
struct StatementTracer {
  let resolver: TermResolver
  let mistakes: Mistakes
  let names: [Key: String]
  let data: BoundData

  /// The statement's terms; `nil` after a mistake.
  func trace(_ line: Expansion.Line) -> TracedStatement? {
    switch line.form {
    case .factor(let term):
      guard let value = resolver.tensor(term, at: line.location) else { return nil }
      return TracedStatement(
        kind: .factor, location: line.location,
        summary: "Factor(\(term.words(names, depth: 3)))", pointwise: value.id, total: value.sum.id)
    case .prior(let key, let left, let distribution):
      return distributed(
        left, distribution, .prior(parameter: names[key] ?? ""), line.location)
    case .latent(let key, let distribution):
      return distributed(
        Term(.declared(key)), distribution, .latent(label: names[key] ?? ""), line.location)
    case .likelihood(let left, let name, let distribution):
      return distributed(left, distribution, .likelihood(data: name), line.location)
    }
  }

  private func distributed(
    _ left: Term, _ distribution: any Distribution, _ kind: TracedStatement.Kind,
    _ location: SourceLocation
  ) -> TracedStatement? {
    let value = resolver.tensor(left, at: location)
    let arguments = distribution.arguments.compactMap {
      resolver.tensor($0.term, at: location)
    }
    guard let value, arguments.count == distribution.arguments.count else { return nil }
    let summary = left.summary(distribution, names)
    var isSound = true
    for (argument, tensor) in zip(distribution.arguments, arguments) {
      check(argument, tensor, of: distribution, location)
    }
    if let conflict = distribution.conflict(arguments, shape: value.shape) {
      mistakes.add(
        location, "`\(summary)`: \(conflict)\(sizes(left, value, distribution, arguments))")
      isSound = false
    }
    guard isSound else { return nil }
    if case .likelihood = kind, let narrowed = distribution as? any NarrowedDistribution,
      narrowed.hasOpenConstant
    {
      mistakes.add(
        location,
        "`\(summary)` is narrowed, but narrowing does not renormalise, and data lie inside anyway: it would "
          + "change nothing. For truncated data, subtract the log probability of the interval once for "
          + "each row with Factor; else leave the narrowing out")
      return nil
    }
    if case .likelihood(let name) = kind {
      checkData(left, name, value, distribution.support(arguments), summary, location)
    }
    let density = distribution.logDensity(value, arguments)
    let isElementwise = distribution.event != .vector && distribution.event != .matrix
    let pointwise = isElementwise ? density.filled(value.shape) : density
    return TracedStatement(
      kind: kind, location: location, summary: summary, pointwise: pointwise.id,
      total: pointwise.sum.id)
  }

  /// Checks an argument that is known without parameters.
  func check(
    _ argument: DistributionArgument, _ tensor: Tensor, of distribution: any Distribution,
    _ location: SourceLocation
  ) {
    guard let values = tensor.dataValues,
      let violation = argument.requirement.firstViolation(of: values, shape: tensor.shape)
    else { return }
    let found = values.isEmpty ? "empty" : numberText(values[violation.element])
    var place = ""
    if !tensor.shape.isScalar, !values.isEmpty {
      place = " in \(BoundData.position(violation.element, tensor.shape.extents))"
    }
    var origin = ""
    if case .declared(let key) = argument.term.form, let bound = data.values[key] {
      origin = " (`\(names[key] ?? "")`, \(bound.origin.description(element: violation.element)))"
    }
    mistakes.add(
      location,
      "\(argument.label) of \(distribution.name) is \(found)\(place)\(origin); expected "
        + violation.expected)
  }

  /// Sizes of all parts, for a message about a conflict.
  private func sizes(
    _ left: Term, _ value: Tensor, _ distribution: any Distribution, _ arguments: [Tensor]
  ) -> String {
    let parts = zip(distribution.arguments, arguments).filter { !$1.shape.isScalar }.map {
      resolver.sized($0.term, $1)
    }
    return " (" + ([resolver.sized(left, value)] + parts).joined(separator: ", ") + ")"
  }

  /// Checks data against the support, and points to the row of the first value outside.
  private func checkData(
    _ left: Term, _ name: String, _ value: Tensor, _ support: Support, _ summary: String,
    _ location: SourceLocation
  ) {
    guard let values = value.dataValues,
      let violation = support.firstViolation(of: values, shape: value.shape)
    else { return }
    let place = origin(of: violation.element, left, name, location)
    let found = values.isEmpty ? "nothing" : numberText(values[violation.element])
    mistakes.add(
      location,
      "`\(summary)`: `\(left.words(names, depth: 3))` is \(found)\(place); expected "
        + violation.expected)
  }

  /// Where an element of a left side stands in the data: ` in row 3 of `y` (d.json:1)`.
  private func origin(
    of element: Int, _ left: Term, _ name: String, _ location: SourceLocation
  ) -> String {
    guard let key = left.declaredKeys.first, let bound = data.values[key] else { return "" }
    var place: Int?
    if let selected = left.elementwiseBase.selectedKey {
      let selector = Selector(data: data, names: names, mistakes)
      place =
        selector.selection(
          left.elementwiseBase, of: selected, shape: bound.shape, at: location)?.places[element]
    }
    let file = bound.origin.description(element: place)
    if left.isDeclared, bound.shape.isScalar { return " (\(file))" }
    if bound.shape.isScalar || place == nil { return " (`\(name)`, \(file))" }
    let row = BoundData.position(place!, bound.shape.extents)
    return " in \(row)\(left.isDeclared ? "" : " of `\(name)`") (\(file))"
  }
}

extension Shape {
  /// The length of each dimension.
  var extents: [Int] {
    switch rank {
    case 0: []
    case 1: [rows]
    default: [rows, columns]
    }
  }
}

extension Term {
  /// The operand of the elementwise functions of one operand that the term consists of.
  fileprivate var elementwiseBase: Term {
    if case .unary(_, let x) = form { x.elementwiseBase } else { self }
  }
}
