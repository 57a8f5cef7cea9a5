// From one statement to its log density, checked first.

import BayesCore
import BayesGraph
import BayesNumerics

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
        summary: "Factor(\(term.words(names, depth: 3)))", pointwise: value.id, total: value.sum.id,
        simulate: nil)
    case .prior(let key, let left, let distribution):
      return distributed(
        left, distribution, .prior(parameter: names[key] ?? ""), line.location)
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
    let summary = "\(left.words(names, depth: 3)) ~ \(distribution.name)"
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
    if case .likelihood(let name) = kind {
      checkData(left, name, value, distribution.support(arguments), summary, location)
    }
    let density = distribution.logDensity(value, arguments)
    let isElementwise = distribution.event != .vector && distribution.event != .matrix
    let pointwise = isElementwise ? density.filled(value.shape) : density
    return TracedStatement(
      kind: kind, location: location, summary: summary, pointwise: pointwise.id,
      total: pointwise.sum.id,
      simulate: simulation(distribution, arguments, shape: value.shape))
  }

  /// Checks an argument that is known without parameters.
  private func check(
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
    let key = left.declaredKeys.first
    let origin = key.flatMap { data.values[$0]?.origin } ?? .code
    let start = left.firstRow
    let row = violation.element + (start ?? 0)
    let place = BoundData.position(row, value.shape.extents)
    let found = values.isEmpty ? "nothing" : numberText(values[violation.element])
    let subject = left.words(names, depth: 3)
    mistakes.add(
      location,
      "`\(summary)`: `\(subject)` is \(found) in \(place) of `\(name)` "
        + "(\(start == nil ? origin.description() : origin.description(element: row))); expected "
        + violation.expected)
  }

  // MARK: Simulation

  private func simulation(
    _ distribution: any Distribution, _ arguments: [Tensor], shape: Shape
  ) -> TracedStatement.Simulation? {
    guard Self.isProper(distribution, arguments, shape: shape) else { return nil }
    let nodes = arguments.map(\.id)
    let count = shape.count
    switch distribution.event {
    case .vector, .matrix:
      return .init(arguments: nodes) { values, stream in
        distribution.draw(values, size: count, using: &stream)
          ?? [Double](repeating: .nan, count: count)
      }
    case .real, .count, .category:
      let readers = zip(distribution.arguments, arguments).map { argument, tensor in
        Reader(argument.requirement, tensor.shape, distribution.event, shape)
      }
      return .init(arguments: nodes) { values, stream in
        (0..<count).map { i in
          let element = zip(readers, values).map { $0.read($1, i) }
          return distribution.draw(element, size: 1, using: &stream)?.first ?? .nan
        }
      }
    }
  }

  /// How element i of a left side reads an argument.
  private enum Reader {
    case whole
    case element
    case row(columns: Int)

    init(
      _ requirement: DistributionArgument.Requirement, _ argument: Shape, _ event: Event,
      _ left: Shape
    ) {
      if argument.isScalar {
        self = .whole
      } else if argument.rank == 2, left.rank == 1 {
        self = .row(columns: argument.columns)
      } else if requirement == .simplex || argument != left
        || (event == .category && argument.rank == 1)
      {
        self = .whole
      } else {
        self = .element
      }
    }

    func read(_ values: [Double], _ i: Int) -> [Double] {
      switch self {
      case .whole: values
      case .element: [values[i]]
      case .row(let columns): Array(values[i * columns..<(i + 1) * columns])
      }
    }
  }

  /// Whether draws exist, tried with harmless arguments.
  private static func isProper(
    _ distribution: any Distribution, _ arguments: [Tensor], shape: Shape
  ) -> Bool {
    var stream = RandomStream(seed: 1, chain: 0, purpose: .prior, iteration: 0)
    let isWhole = distribution.event == .vector || distribution.event == .matrix
    let harmless = zip(distribution.arguments, arguments).map { argument, tensor in
      argument.requirement.harmless(
        isWhole || argument.requirement == .simplex ? tensor.shape : .scalar)
    }
    return distribution.draw(harmless, size: isWhole ? shape.count : 1, using: &stream) != nil
  }
}

extension DistributionArgument.Requirement {
  /// A value that meets the requirement.
  fileprivate func harmless(_ shape: Shape) -> [Double] {
    switch self {
    case .simplex:
      let length = shape.rank == 2 ? shape.columns : shape.count
      return [Double](repeating: 1 / Double(max(1, length)), count: max(1, length))
    case .covariance, .choleskyFactor:
      return (0..<shape.count).map { $0 % (shape.columns + 1) == 0 ? 1 : 0 }
    case .probability: return [Double](repeating: 0.5, count: shape.count)
    default: return [Double](repeating: 1, count: shape.count)
    }
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
  /// Where the first element of an expression of data stands in the data, if its elements follow those of
  /// the data one by one.
  fileprivate var firstRow: Int? {
    switch form {
    case .declared: 0
    case .unary(_, let x): x.firstRow
    case .slice(let x, let start, _), .element(let x, let start): x.firstRow.map { $0 + start }
    default: nil
    }
  }
}
