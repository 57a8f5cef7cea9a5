// Which discrete unknowns a statement reads, and row by row or not.

import BayesCore
import BayesGraph

/// How the rows of a statement relate to the positions of a discrete unknown.
enum RowMap: Equatable {
  /// Row i reads the label at position i.
  case own
  /// Row i reads the label at the position that an index column has there.
  case through(NodeID)
}

/// A statement with the discrete unknowns that it reads.
struct LatentStatement {
  let line: Expansion.Line
  var uses: [Key: RowMap] = [:]

  /// The label that the statement gives a distribution to.
  var explained: Key? {
    if case .latent(let key, _) = line.form { key } else { nil }
  }
}

/// Finds the discrete unknowns in terms, and refuses expressions that tie the labels of different rows
/// together: those cannot be summed out row by row.
final class LatentUses {
  private let latents: Set<Key>
  private let expansion: Expansion
  private let resolver: TermResolver
  let mistakes: Mistakes
  let names: [Key: String]
  private var dependent: [ObjectIdentifier: Bool] = [:]

  init(
    latents: Set<Key>, _ expansion: Expansion, _ resolver: TermResolver, names: [Key: String],
    _ mistakes: Mistakes
  ) {
    self.latents = latents
    self.expansion = expansion
    self.resolver = resolver
    self.names = names
    self.mistakes = mistakes
  }

  /// The statement with its unknowns, or `nil` if it reads none; `isSound` tells of mistakes.
  func statement(_ line: Expansion.Line) -> (found: LatentStatement?, isSound: Bool) {
    var result = LatentStatement(line: line)
    if case .latent(let key, let distribution) = line.form {
      result.uses[key] = .own
      if let chain = distribution as? MarkovChain, !isSound(chain, of: key, at: line.location) {
        return (nil, false)
      }
    }
    for term in line.terms where !scan(term, at: line.location, into: &result.uses) {
      return (nil, false)
    }
    return (result.uses.isEmpty ? nil : result, true)
  }

  /// Whether a term's value depends on a discrete unknown.
  func depends(_ term: Term) -> Bool {
    if let known = dependent[ObjectIdentifier(term)] { return known }
    // A definition that leads back to itself is reported elsewhere.
    dependent[ObjectIdentifier(term)] = false
    let result = term.declaredKeys.contains { key in
      latents.contains(key) || expansion.definitions[key].map { depends($0.term) } ?? false
    }
    dependent[ObjectIdentifier(term)] = result
    return result
  }

  private func scan(
    _ term: Term, at location: SourceLocation, into uses: inout [Key: RowMap]
  ) -> Bool {
    guard depends(term) else { return true }
    switch term.form {
    case .declared(let key):
      if latents.contains(key) { return note(key, .own, at: location, in: &uses) }
      guard let definition = expansion.definitions[key] else { return true }
      return scan(definition.term, at: definition.location, into: &uses)
    case .gather(let x, let indices):
      if case .declared(let key) = x.form, latents.contains(key), !depends(indices) {
        guard let column = resolver.tensor(indices, at: location) else { return false }
        return note(key, .through(column.id), at: location, in: &uses)
      }
      return depends(x) ? refuse(term, at: location) : scan(indices, at: location, into: &uses)
    case .gatherRows(let x, let indices):
      return depends(x) ? refuse(term, at: location) : scan(indices, at: location, into: &uses)
    case .gatherEntries(let x, let rows, let columns):
      return depends(x)
        ? refuse(term, at: location)
        : scan(rows, at: location, into: &uses) && scan(columns, at: location, into: &uses)
    case .unary, .binary, .select, .logSumExp, .column:
      return term.parts.allSatisfy { scan($0, at: location, into: &uses) }
    case .matrixVector(let a, let x) where !depends(x):
      return scan(a, at: location, into: &uses)
    default:
      return refuse(term, at: location)
    }
  }

  private func note(
    _ key: Key, _ map: RowMap, at location: SourceLocation, in uses: inout [Key: RowMap]
  ) -> Bool {
    if let earlier = uses.updateValue(map, forKey: key), earlier != map {
      let name = names[key] ?? ""
      mistakes.add(
        location,
        "the statement reads `\(name)` in two ways, row by row and through an index column, or through "
          + "two of them; each row may depend on one label of `\(name)`: give the other a latent of its own"
      )
      return false
    }
    return true
  }

  private func refuse(_ term: Term, at location: SourceLocation) -> Bool {
    let inner = term.declaredKeys.first { latents.contains($0) }
    let name = inner.flatMap { names[$0] } ?? "the discrete unknown"
    mistakes.add(
      location,
      "`\(term.words(names, depth: 3))` mixes the labels of different rows, so that `\(name)` cannot be "
        + "summed out row by row; use the labels as an index, `mu[\(name)]`, in elementwise expressions "
        + "only")
    return false
  }
}

extension Expansion.Line {
  /// The expressions that the statement reads.
  var terms: [Term] {
    switch form {
    case .prior(_, let left, let distribution): [left] + distribution.arguments.map(\.term)
    case .latent(_, let distribution): distribution.arguments.map(\.term)
    case .likelihood(let left, _, let distribution): [left] + distribution.arguments.map(\.term)
    case .factor(let term): [term]
    }
  }
}
