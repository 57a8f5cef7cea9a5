// What a wrapper states about its property.

import BayesCore

/// What a wrapper states about its property; the name is found by reflection.
struct Declaration: Sendable {
  enum Role: String, Sendable {
    case observed = "@Observed"
    case given = "@Given"
    case parameter = "@Parameter"
    case latent = "@Latent"
    case derived = "@Derived"
    case action = "@Action"
    case context = "@Context"

    var isData: Bool { self == .observed || self == .given }
    /// Whether it has another value in each round of a bandit, beside what is observed.
    var isRound: Bool { self == .action || self == .context }
  }

  let key = Key()
  let role: Role
  let kind: SymbolKind
  var axes: [AxisReference] = []
  /// The axis that an index column, a discrete unknown or a choice points into.
  var target: AxisReference?
  /// The name in the data, where it is not the property's; for a discrete unknown that of its known labels.
  var column: String?
  var narrowing: SupportNarrowing?
  let location: SourceLocation

  /// Whether the data has a value for it: data, and discrete unknowns some of which are known.
  var isRead: Bool { role.isData || (role == .latent && column != nil) }
}

/// A wrapper, whatever the type of its property.
protocol Declaring {
  var declaration: Declaration { get }
  /// The value set through `$`.
  var bound: DataValue? { get }
}
