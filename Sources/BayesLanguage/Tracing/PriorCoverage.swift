// How the priors of a parameter share its elements, and the support that follows from them.

import BayesCore
import BayesGraph

/// One prior of a parameter.
struct Prior {
  let distribution: any Distribution
  let location: SourceLocation
  /// The elements that it is for; `nil` for the whole parameter.
  let part: Selection?
  /// As a message shows it: `z[0] ~ Normal`.
  let summary: String
}

extension Inventory.Entry {
  /// A parameter's priors, of which every element has exactly one; `nil` after a mistake.
  func priors(
    _ lines: [Expansion.Line], _ shape: Shape, _ selector: Selector, _ mistakes: Mistakes
  ) -> [Prior]? {
    var priors: [Prior] = []
    /// Which prior each element has.
    var owners = [Int?](repeating: nil, count: shape.count)
    var isSound = true
    var reported: Set<SourceLocation> = []
    for line in lines {
      guard case .prior(let key, let left, let distribution) = line.form,
        let selection = selector.selection(left, of: key, shape: shape, at: line.location)
      else { return nil }
      let overlap = selection.places.filter { place in
        defer { owners[place] = owners[place] ?? priors.count }
        return owners[place] != nil
      }
      let isWhole = selection.shape == shape && selection.places == Array(0..<shape.count)
      priors.append(
        Prior(
          distribution: distribution, location: line.location, part: isWhole ? nil : selection,
          summary: left.summary(distribution, [key: name])))
      if let place = overlap.first {
        isSound = false
        guard reported.insert(line.location).inserted else { continue }
        let first = priors[owners[place]!]
        let others = overlap.count == 1 ? "" : ", like \(overlap.count - 1) more of its elements,"
        mistakes.add(
          line.location,
          "`\(shape.elementName(name, place))`\(others) has a second prior (first `\(first.summary)` at "
            + "\(first.location)); leave one, or write one as Factor if both are meant")
      }
    }
    let missing = owners.indices.filter { owners[$0] == nil }
    if let place = missing.first {
      isSound = false
      let shown = missing.prefix(4).map { "`\(shape.elementName(name, $0))`" }
      let more = missing.count > 4 ? " and \(missing.count - 4) more" : ""
      let verb = missing.count == 1 ? "has" : "have"
      mistakes.add(
        location,
        "\(shown.joined(separator: ", "))\(more) \(verb) no prior, while other elements of \(quoted) have "
          + "one; write `\(shape.elementName(name, place)) ~ …` in body (`~ Flat()` for none)")
    }
    return isSound ? priors : nil
  }
}

/// Why priors give a parameter no support.
struct PriorMistake: Error {
  /// `nil` for the declaration's.
  let location: SourceLocation?
  let message: String
}

/// The support of a parameter of `shape` whose elements have the priors, narrowed to the stated one.
///
/// The supports of all priors must be of one kind; bounds may differ from element to element. A prior
/// of a part must be one of independent bounds, since a part cannot be, say, a simplex of its own.
///
/// - Parameters:
///   - arguments: those of each prior's distribution.
///   - bounds: those of the narrowing, scalars or of the parameter's shape.
func sharedSupport(
  of priors: [Prior], _ quoted: String, _ shape: Shape, _ arguments: [[Tensor]],
  _ narrowing: SupportNarrowing?, _ bounds: [Tensor], _ builder: GraphBuilder
) throws -> Support {
  if let bound = bounds.first(where: { !$0.shape.isScalar && $0.shape != shape }) {
    throw PriorMistake(
      location: nil,
      message: "a bound of \(quoted) is \(bound.shape.inWords), but \(quoted) is \(shape.inWords); "
        + "expected a number or \(shape.inWords)")
  }
  let supports = try zip(priors, arguments).map { prior, arguments in
    let support = prior.distribution.support(arguments)
    if support.isDiscrete {
      throw PriorMistake(
        location: prior.location,
        message:
          "\(quoted) is a continuous parameter, but \(prior.distribution.name) is a distribution of "
          + "whole numbers; sum the unknown out, for example with Mixture")
    }
    guard let part = prior.part else {
      return try narrowing?.narrowed(support, bounds: bounds) ?? support
    }
    guard support.isElementwise else {
      throw PriorMistake(
        location: prior.location,
        message:
          "`\(prior.summary)`: a part of \(quoted) cannot be \(support.description) by itself; "
          + "declare that part as a parameter of its own")
    }
    let own = bounds.map {
      $0.shape.isScalar ? $0 : $0.gathered(part.places, shape: part.shape)
    }
    return try narrowing?.narrowed(support, bounds: own) ?? support
  }
  for (prior, support) in zip(priors, supports) where support.kind != supports[0].kind {
    throw PriorMistake(
      location: prior.location,
      message: "the elements of \(quoted) have different supports: `\(priors[0].summary)` "
        + "(\(priors[0].location)) is \(supports[0].description), `\(prior.summary)` is "
        + "\(support.description); state one that holds for all, such as "
        + "`@Parameter(\(supports[0].narrowingWords ?? support.narrowingWords ?? ".positive"))`, or declare "
        + "two parameters")
  }
  return supports[0].withBounds(
    supports[0].bounds.indices.map { k in
      wholeBound(zip(priors, supports.map { $0.bounds[k] }).map { ($0.part, $1) }, shape, builder)
    })
}

/// A bound for all elements from those of the parts.
private func wholeBound(
  _ parts: [(part: Selection?, bound: Tensor)], _ shape: Shape, _ builder: GraphBuilder
) -> Tensor {
  let first = parts[0].bound
  if parts.count == 1, parts[0].part == nil { return first }
  if first.shape.isScalar, parts.allSatisfy({ $0.bound.id == first.id }) { return first }
  // All bounds one after another, then each element's from where it stands.
  var origin = [Int](repeating: 0, count: shape.count)
  var row: [Tensor] = []
  var start = 0
  for (part, bound) in parts {
    guard let part else { return bound }
    // A bound that does not fit is reported with its statement.
    guard bound.shape.isScalar || bound.shape.count == part.shape.count else { return first }
    row.append(bound.filled(bound.shape.isScalar ? part.shape : bound.shape))
    for (i, place) in part.places.enumerated() { origin[place] = start + i }
    start += part.places.count
  }
  return builder.concatenate(row).gathered(origin, shape: shape)
}

extension Support {
  /// Whether each element is bounded by itself.
  var isElementwise: Bool {
    switch self {
    case .real, .lower, .upper, .interval: true
    default: false
    }
  }

  /// How a declaration states the support, where its bounds are numbers.
  fileprivate var narrowingWords: String? {
    guard bounds.allSatisfy({ $0.dataValues?.count == 1 }) else { return nil }
    return switch self {
    case .lower(let a): a.isConstant(0) ? ".positive" : ".lower(\(a.inWords))"
    case .upper(let b): b.isConstant(0) ? ".negative" : ".upper(\(b.inWords))"
    case .interval(let a, let b): ".bounded(\(a.inWords), \(b.inWords))"
    default: nil
    }
  }

  /// The support with other bounds.
  func withBounds(_ bounds: [Tensor]) -> Support {
    switch self {
    case .lower: .lower(bounds[0])
    case .upper: .upper(bounds[0])
    case .interval: .interval(bounds[0], bounds[1])
    case .countsTo: .countsTo(bounds[0])
    case .countsThatSum: .countsThatSum(to: bounds[0])
    default: self
    }
  }
}
