// A loop's statements about elements as one statement about a vector.

import BayesCore
import BayesGraph
import BayesNumerics

extension Expansion {
  /// The lines with those of a loop made one where they differ in positions and numbers only.
  ///
  /// `for i in 1..<n { z[i] ~ Normal(z[i - 1], s) }` runs as n − 1 statements from one place of the source;
  /// as `z[1..<n] ~ Normal(z[0..<(n - 1)], s)` it has the same density, and its graph and its kernel do not
  /// grow with n.
  func fusedLines() -> [Line] {
    // A submodel that a model has twice runs the same source for quantities of its own.
    struct Source: Hashable {
      let location: SourceLocation
      let key: Key?
    }
    let sources = lines.map { Source(location: $0.location, key: $0.left.declaredKeys.first) }
    let groups = Dictionary(grouping: lines.indices) { sources[$0] }
    var replaced: [Source: Line?] = [:]
    var result: [Line] = []
    for (line, source) in zip(lines, sources) {
      if replaced[source] == nil {
        let group = groups[source]!.map { lines[$0] }
        replaced[source] = .some(group.count > 1 ? fused(group) : nil)
        if let fused = replaced[source]! { result.append(fused) }
      }
      // A loop that does not fit stays as it is.
      if replaced[source]! == nil { result.append(line) }
    }
    return result
  }

  private func fused(_ lines: [Line]) -> Line? {
    guard let first = lines[0].distribution else { return nil }
    var budget = Self.largestExpression
    let distributions = lines.compactMap(\.distribution)
    // Elements side by side are independent draws for these alone: a vector of logits beside a
    // category is one distribution, not one for each row.
    guard first.event == .real || first.event == .count, distributions.count == lines.count,
      distributions.allSatisfy({ first.isLike($0) }),
      let left = fusedTerm(lines.map(\.left), depth: 4, &budget),
      !left.isSame(as: lines[0].left, depth: 8)
    else { return nil }
    var arguments: [Term] = []
    for k in first.arguments.indices {
      guard let argument = fusedTerm(distributions.map { $0.arguments[k].term }, depth: 24, &budget)
      else {
        return nil
      }
      arguments.append(argument)
    }
    let distribution = Refitted(first, arguments)
    switch lines[0].form {
    case .prior(let key, _, _):
      return Line(form: .prior(key, left, distribution), location: lines[0].location)
    case .likelihood(_, let name, _):
      return Line(form: .likelihood(left, name, distribution), location: lines[0].location)
    case .factor, .latent: return nil
    }
  }

  /// Larger expressions, and those that share parts so often that they are as good as larger, stay loops.
  private static let largestExpression = 2000

  /// Scalar terms as one term for all of them: a vector, or a scalar where all are alike.
  private func fusedTerm(_ terms: [Term], depth: Int, _ budget: inout Int) -> Term? {
    budget -= 1
    if budget < 0 { return nil }
    let first = terms[0]
    if terms.allSatisfy({ $0 === first }) { return isScalar(first, depth: 8) ? first : nil }
    if depth == 0 { return nil }
    func parts(_ part: (Term) -> Term?) -> Term? {
      let parts = terms.compactMap(part)
      return parts.count == terms.count ? fusedTerm(parts, depth: depth - 1, &budget) : nil
    }
    switch first.form {
    case .constant:
      let numbers = terms.compactMap { term -> Double? in
        if case .constant(let number) = term.form { number } else { nil }
      }
      guard numbers.count == terms.count else { return nil }
      return numbers.allSatisfy { $0 == numbers[0] } ? first : Term(.numbers(numbers))
    case .declared:
      return isScalar(first, depth: 8) && terms.allSatisfy { $0.isSame(as: first, depth: 1) }
        ? first : nil
    case .unary(let op, _):
      return parts { if case .unary(op, let x) = $0.form { x } else { nil } }
        .map { Term(.unary(op, $0)) }
    case .binary(let op, _, _):
      guard let a = parts({ if case .binary(op, let a, _) = $0.form { a } else { nil } }),
        let b = parts({ if case .binary(op, _, let b) = $0.form { b } else { nil } })
      else { return nil }
      return Term(.binary(op, a, b))
    case .element(let vector, _):
      let places = terms.compactMap { term -> Int? in
        guard case .element(let other, let place) = term.form, other.isSame(as: vector, depth: 8)
        else { return nil }
        return place
      }
      guard places.count == terms.count else { return nil }
      if places.allSatisfy({ $0 == places[0] }) { return first }
      if places.enumerated().allSatisfy({ $1 == places[0] + $0 }) {
        return Term(.slice(vector, places[0], places[0] + places.count))
      }
      // An index column cannot say of a place below 0 that the source names it so.
      guard places.allSatisfy({ $0 >= 0 }) else { return nil }
      return Term(.gather(vector, Term(.numbers(places.map(Double.init)))))
    default:
      return isScalar(first, depth: 8) && terms.allSatisfy { $0.isSame(as: first, depth: 8) }
        ? first : nil
    }
  }

  /// Whether a term is surely a number, as far as `depth` steps show.
  private func isScalar(_ term: Term, depth: Int) -> Bool {
    if depth == 0 { return false }
    return switch term.form {
    case .constant, .element, .entry, .reduce, .mean: true
    case .declared(let key): isNumber(key)
    case .unary(_, let x): isScalar(x, depth: depth - 1)
    case .binary(_, let a, let b): isScalar(a, depth: depth - 1) && isScalar(b, depth: depth - 1)
    default: false
    }
  }
}

extension Expansion.Line {
  /// The left side; of a factor, the factor.
  fileprivate var left: Term {
    switch form {
    case .prior(_, let left, _), .likelihood(let left, _, _): left
    case .factor(let term): term
    case .latent(let key, _): Term(.declared(key))
    }
  }
}

extension Term {
  /// Whether both are surely the same expression, as far as `depth` steps show.
  fileprivate func isSame(as other: Term, depth: Int) -> Bool {
    if self === other { return true }
    if depth == 0 { return false }
    switch (form, other.form) {
    case (.constant(let a), .constant(let b)): return a == b
    case (.declared(let a), .declared(let b)): return a == b
    case (.element(_, let i), .element(_, let j)) where i != j: return false
    case (.entry(_, let i, let k), .entry(_, let j, let l)) where i != j || k != l: return false
    case (.row(_, let i), .row(_, let j)) where i != j: return false
    case (.column(_, let i), .column(_, let j)) where i != j: return false
    case (.block(_, let i), .block(_, let j)) where i != j: return false
    case (.slice(_, let a, let b), .slice(_, let c, let d)) where a != c || b != d: return false
    case (.unary(let a, _), .unary(let b, _)) where a != b: return false
    case (.binary(let a, _, _), .binary(let b, _, _)) where a != b: return false
    case (.reduce(let a, _), .reduce(let b, _)) where a != b: return false
    case (.element, .element), (.entry, .entry), (.row, .row), (.column, .column),
      (.slice, .slice), (.block, .block), (.unary, .unary), (.binary, .binary), (.reduce, .reduce),
      (.mean, .mean):
      return zip(parts, other.parts).allSatisfy { $0.isSame(as: $1, depth: depth - 1) }
    default: return false
    }
  }
}

extension Distribution {
  /// Whether another distribution differs in its arguments only, as far as its stored properties show.
  fileprivate func isLike(_ other: any Distribution) -> Bool {
    guard type(of: other) == Self.self else { return false }
    let (own, others) = (Mirror(reflecting: self).children, Mirror(reflecting: other).children)
    return zip(own, others).allSatisfy { a, b in
      if a.label == "arguments" { return true }
      guard let x = a.value as? AnyHashable, let y = b.value as? AnyHashable else { return false }
      return x == y
    }
  }
}

/// A distribution with other arguments in the place of its own.
private struct Refitted: Distribution {
  let base: any Distribution
  let arguments: [DistributionArgument]

  init(_ base: any Distribution, _ terms: [Term]) {
    self.base = base
    arguments = zip(base.arguments, terms).map {
      DistributionArgument($0.label, Expression(term: $1), $0.requirement)
    }
  }

  private struct Expression: Symbolic { let term: Term }

  var name: String { base.name }
  var event: Event { base.event }
  func support(_ arguments: [Tensor]) -> Support { base.support(arguments) }
  func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    base.logDensity(value, arguments)
  }
  func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    base.draw(arguments, size: size, using: &stream)
  }
  func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    base.conflict(arguments, shape: shape)
  }
}
