// The policies by name, with their parameters: what `--policies` understands.

internal import BayesCore

/// A parameter of a named policy.
public struct PolicyParameter: Sendable {
  /// Its name.
  public let name: String
  /// Its value where none is given, in words where it depends on the problem.
  public let defaultText: String
  let defaultValue: Double?
  let range: ClosedRange<Double>
  let isWhole: Bool

  init(
    _ name: String, _ defaultValue: Double?, in range: ClosedRange<Double>, whole: Bool = false,
    else defaultText: String = ""
  ) {
    self.name = name
    self.defaultValue = defaultValue
    self.range = range
    isWhole = whole
    self.defaultText = defaultValue.map { Self.text($0) } ?? defaultText
  }

  /// The smallest value that is not 0, where a parameter must be positive.
  static let tiny = 1e-9

  static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : value.description
  }

  /// What it may be, in words.
  var expectation: String {
    let kind = isWhole ? "a whole number" : "a number"
    if range.lowerBound == Self.tiny {
      return "\(kind) above 0\(range.upperBound == 1e9 ? ", from 1e-9 to 1e9" : "")"
    }
    return "\(kind) from \(Self.text(range.lowerBound)) to "
      + (range.upperBound == 1e9 ? "1e9" : Self.text(range.upperBound))
  }
}

/// A kind of policy that has a name.
public struct PolicyEntry: Sendable {
  /// The name.
  public let name: String
  /// What it does, in one line.
  public let summary: String
  /// Its parameters, in order.
  public let parameters: [PolicyParameter]
  let make: @Sendable (PolicyValues, BanditTask) throws -> Contender

  init(
    _ name: String, _ summary: String, _ parameters: [PolicyParameter] = [],
    make: @escaping @Sendable (PolicyValues, BanditTask) throws -> Contender
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.make = make
  }

  /// The name with its parameters and their defaults: `epsilon-greedy:epsilon=0.1`.
  public var usage: String {
    ([name] + parameters.map { "\($0.name)=\($0.defaultText)" }).joined(separator: ":")
  }
}

/// The parameters of a policy, as given and by default.
struct PolicyValues: Sendable {
  /// What the user wrote.
  let text: String
  let values: [String: Double]

  /// A parameter that has a value, given or by default.
  subscript(_ name: String) -> Double { values[name]! }

  /// A parameter whose default depends on the problem.
  func given(_ name: String) -> Double? { values[name] }

  func unsuitable(_ reason: String) -> PolicyError {
    .unsuitable(policy: text, reason: reason)
  }
}

/// The policy that a text names, for a problem: `ucb1`, `epsilon-greedy:0.05`, `thompson-beta:a=2:b=5`.
///
/// Parameters follow the name after colons, by position or by name.
///
/// - Throws: `PolicyError` for an unknown name, a bad parameter, or a policy that does not suit the problem.
public func contender(_ text: String, for task: BanditTask) throws -> Contender {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
  let entries = policyCatalogue
  guard let entry = entries.first(where: { $0.name == parts[0] }) else {
    throw PolicyError.unknownPolicy(
      name: parts[0], closest: closestName(to: parts[0], among: entries.map(\.name)))
  }
  var values: [String: Double] = [:]
  for parameter in entry.parameters { values[parameter.name] = parameter.defaultValue }
  var given: Set<String> = []
  for (position, part) in parts.dropFirst().enumerated() {
    let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let parameter: PolicyParameter
    if pair.count == 2 {
      guard let named = entry.parameters.first(where: { $0.name == pair[0] }) else {
        let names = entry.parameters.map(\.name)
        throw PolicyError.invalid(
          name: "parameter '\(pair[0])' of \(entry.name)", value: "not known",
          expected: names.isEmpty
            ? "needed: it has none" : "one of \(names.joined(separator: ", "))")
      }
      parameter = named
    } else {
      guard position < entry.parameters.count else {
        throw PolicyError.invalid(
          name: "parameter \(position + 1) of \(entry.name)", value: "'\(part)'",
          expected: "expected: it is written \(entry.usage)")
      }
      parameter = entry.parameters[position]
    }
    guard let value = Double(String(pair[pair.count - 1])), parameter.range.contains(value),
      !parameter.isWhole || value == value.rounded()
    else {
      throw PolicyError.invalid(
        name: "\(parameter.name) of \(entry.name)", value: "'\(pair[pair.count - 1])'",
        expected: parameter.expectation)
    }
    guard given.insert(parameter.name).inserted else {
      throw PolicyError.invalid(
        name: "\(parameter.name) of \(entry.name)", value: "given twice", expected: "allowed twice")
    }
    values[parameter.name] = value
  }
  return try entry.make(PolicyValues(text: text, values: values), task)
}
