// What can be wrong with a policy, an environment or a simulation.

/// A mistake in what a policy, an environment or a simulation was told.
public enum PolicyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A value outside its range; `name` is what the user calls it.
  case invalid(name: String, value: String, expected: String)
  /// A policy that there is none of, with the name that it resembles.
  case unknownPolicy(name: String, closest: String?)
  /// A policy that cannot be used with these rewards, contexts or settings.
  case unsuitable(policy: String, reason: String)

  /// One sentence, with the closest name where one is known.
  public var description: String {
    switch self {
    case .invalid(let name, let value, let expected): "\(name) is \(value), not \(expected)"
    case .unknownPolicy(let name, let closest):
      "unknown policy '\(name)'" + (closest.map { "; did you mean '\($0)'?" } ?? "")
    case .unsuitable(let policy, let reason): "\(policy) \(reason)"
    }
  }
}
