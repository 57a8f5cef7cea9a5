// The statements of a model's body, those of its submodels included, sorted by what they do.

import BayesCore

/// The statements of a body by what they do, in the order in which they stand.
struct Expansion {
  struct Line {
    enum Form {
      /// The prior of a parameter, or of elements of it; the left side as it was written.
      case prior(Key, Term, any Distribution)
      /// Data, or an expression of data; the name of the data.
      case likelihood(Term, String, any Distribution)
      case factor(Term)
      /// A discrete unknown's distribution.
      case latent(Key, any Distribution)
    }

    let form: Form
    let location: SourceLocation

    /// Whether a discrete unknown stands on the left.
    var isLatent: Bool { if case .latent = form { true } else { false } }

    /// What the left side is distributed as; `nil` for factors.
    var distribution: (any Distribution)? {
      switch form {
      case .prior(_, _, let distribution), .likelihood(_, _, let distribution): distribution
      case .latent(_, let distribution): distribution
      case .factor: nil
      }
    }
  }

  private(set) var lines: [Line] = []
  /// The distributions of discrete unknowns.
  private(set) var latents: [Key: Line] = [:]
  /// The priors of each parameter: one, or several that share its elements.
  private(set) var priors: [Key: [Line]] = [:]
  private(set) var definitions: [Key: (term: Term, location: SourceLocation)] = [:]
  /// Observed data that stands on a left side.
  private(set) var explained: Set<Key> = []

  private let entries: [Key: Inventory.Entry]
  private let names: [Key: String]

  init(of model: some Model, _ inventory: Inventory, _ mistakes: Mistakes) {
    entries = Dictionary(inventory.entries.map { ($0.key, $0) }, uniquingKeysWith: { a, _ in a })
    names = inventory.names
    expand(bodyOf: model, depth: 0, mistakes)
    for entry in inventory.entries { check(entry, mistakes) }
  }

  /// Whether a declared quantity is a single number.
  func isNumber(_ key: Key) -> Bool { entries[key]?.declaration.kind.rank == 0 }

  private mutating func expand(bodyOf model: some Model, depth: Int, _ mistakes: Mistakes) {
    let body = model.body
    if let inner = body as? any Model { return expand(bodyOf: inner, depth: depth, mistakes) }
    guard let block = body as? Block else { return }
    for line in block.lines {
      switch line.form {
      case .distributed(let left, let distribution):
        distributed(left, distribution, line.location, mistakes)
      case .defined(let left, let right): defined(left, right, line.location, mistakes)
      case .factor(let term): lines.append(Line(form: .factor(term), location: line.location))
      case .model(let part): submodel(part, depth: depth, line.location, mistakes)
      }
    }
  }

  private mutating func submodel(
    _ part: any Model, depth: Int, _ location: SourceLocation, _ mistakes: Mistakes
  ) {
    let keys = Mirror(reflecting: part).children.compactMap {
      ($0.value as? any Declaring)?.declaration.key
    }
    if keys.contains(where: { names[$0] == nil }) {
      mistakes.add(
        location,
        "a \(type(of: part)) stands here that is no property of the model, so that its quantities have "
          + "no names; declare it, `let part = \(type(of: part))()`, and write `part` here")
    } else if depth >= 32 {
      mistakes.add(
        location,
        "the submodel \(type(of: part)) contains itself; a body may not lead back to its own model")
    } else {
      expand(bodyOf: part, depth: depth + 1, mistakes)
    }
  }

  private mutating func defined(
    _ left: Term, _ right: Term, _ location: SourceLocation, _ mistakes: Mistakes
  ) {
    guard case .declared(let key) = left.form, let entry = entries[key],
      entry.declaration.role == .derived
    else {
      mistakes.add(
        location,
        "`\(left.words(names, depth: 3))` stands on the left of `<-`; expected a quantity declared "
          + "@Derived, as a whole")
      return
    }
    if let earlier = definitions[key] {
      mistakes.add(
        location,
        "\(entry.quoted) is defined a second time (first at \(earlier.location)); leave one `<-`")
    } else {
      definitions[key] = (right, location)
    }
  }

  private mutating func distributed(
    _ left: Term, _ distribution: any Distribution, _ location: SourceLocation, _ mistakes: Mistakes
  ) {
    let words = left.words(names, depth: 3)
    let isLatent = left.declaredKeys.contains { entries[$0]?.declaration.role == .latent }
    if distribution is MarkovChain, !isLatent {
      mistakes.add(location, "`\(words) ~ MarkovChain`: \(MarkovChain.misplaced)")
      return
    }
    if let key = left.selectedKey, let entry = entries[key], entry.declaration.role == .parameter {
      prior(entry, left, distribution, location, mistakes)
      return
    }
    if case .declared(let key) = left.form, let entry = entries[key],
      entry.declaration.role == .latent
    {
      let line = Line(form: .latent(key, distribution), location: location)
      if let earlier = latents[key] {
        mistakes.add(
          location,
          "\(entry.quoted) has a second distribution (first at \(earlier.location)); leave one")
      } else {
        latents[key] = line
        lines.append(line)
      }
      return
    }
    let used = left.declaredKeys.compactMap { entries[$0] }
    if let unknown = used.first(where: { !$0.declaration.role.isData }) {
      mistakes.add(
        location,
        unknown.declaration.role == .derived
          ? "\(unknown.quoted) is @Derived and stands on the left of `~`; give the quantities it is made of "
            + "their priors, or write Factor with a log density and the log Jacobian of its definition"
          : "`\(words)` on the left of `~` is an expression of \(unknown.quoted), which is not data: a `~` "
            + "would miss the Jacobian of the transformation; give \(unknown.quoted) or its elements a prior, "
            + "or write Factor with the log density and the log Jacobian")
      return
    }
    for entry in used where entry.declaration.role == .given {
      mistakes.add(
        location,
        "\(entry.quoted) is @Given and stands on the left of `~`; declare it @Observed if the model "
          + "explains it")
    }
    guard let first = used.first else {
      if left.declaredKeys.isEmpty {
        mistakes.add(
          location, "`\(words)` on the left of `~` is a constant; expected a parameter or data")
      }
      return
    }
    explained.formUnion(used.map(\.key))
    lines.append(Line(form: .likelihood(left, first.name, distribution), location: location))
  }

  private mutating func prior(
    _ entry: Inventory.Entry, _ left: Term, _ distribution: any Distribution,
    _ location: SourceLocation, _ mistakes: Mistakes
  ) {
    // Where elements are concerned, `PriorCoverage` tells, once sizes are known.
    if left.isDeclared,
      let earlier = priors[entry.key]?.first(where: { line in
        if case .prior(_, let left, _) = line.form { left.isDeclared } else { false }
      })
    {
      mistakes.add(
        location,
        "\(entry.quoted) has a second prior (first at \(earlier.location)); leave one, or write one as "
          + "Factor if both are meant")
      return
    }
    let line = Line(form: .prior(entry.key, left, distribution), location: location)
    priors[entry.key, default: []].append(line)
    lines.append(line)
  }

  /// What every declaration owes.
  private func check(_ entry: Inventory.Entry, _ mistakes: Mistakes) {
    switch entry.declaration.role {
    case .parameter where priors[entry.key] == nil:
      mistakes.add(
        entry.location,
        "\(entry.quoted) has no prior; write `\(entry.name) ~ …` in body (`\(entry.name) ~ Flat()` "
          + "for none)")
    case .latent where latents[entry.key] == nil:
      mistakes.add(
        entry.location,
        "\(entry.quoted) has no distribution; write `\(entry.name) ~ Categorical(…)` in body")
    case .derived where definitions[entry.key] == nil:
      mistakes.add(
        entry.location,
        "\(entry.quoted) is @Derived but never defined; write `\(entry.name) <- …` in body")
    case .observed where !explained.contains(entry.key):
      mistakes.add(
        entry.location,
        "\(entry.quoted) is @Observed but stands on no left side; write `\(entry.name) ~ …` in body, or "
          + "declare it @Given")
    default: break
    }
  }
}
