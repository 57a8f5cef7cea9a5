// Settings of expectation maximisation, with one table that holds name, default, range and help of each.

import BayesCore

/// Settings of a run of expectation maximisation.
public struct EMSettings: Sendable, Equatable {
  /// Independent starts.
  public var restarts = 10
  /// The most steps (one E-step and one M-step each) of a restart, rejected extrapolations included.
  public var maxIterations = 1000
  /// A restart has converged only when a plain step raises the objective by no more than this fraction of
  /// it (of 1, where the objective is smaller than 1), and neither would all further steps together. At 0 none
  /// converges: all take `maxIterations` steps.
  public var tolerance = 1e-8
  /// A restart has converged only when all further steps together would raise the objective by no more than
  /// this many nats, as far as its rate of convergence tells.
  ///
  /// Differences of log-likelihoods have a meaning of their own: where the objective is g below its maximum,
  /// the parameters are within √(2g) standard errors of theirs, so the default stands for 1.4e-4 of
  /// a standard error whatever the number of rows. `infinity` leaves `tolerance` alone to decide.
  public var accuracy = 1e-8
  /// Whether steps are extrapolated; see `expectationMaximisation`.
  public var accelerates = true
  /// Threads to run restarts on.
  public var threads = availableProcessors()

  /// The default settings.
  public init() {}

  /// One numeric setting as the command line, help and validation see it.
  public typealias Option = NumericOption<EMSettings>

  /// All numeric settings.
  public static let options: [Option] = [
    Option(
      name: "restarts", range: 1...1_000_000, help: "Independent starts", isInteger: true,
      value: { Double($0.restarts) }),
    Option(
      name: "max-iterations", range: 1...1_000_000_000, help: "Most steps of a restart",
      isInteger: true, value: { Double($0.maxIterations) }),
    Option(
      name: "tolerance", range: 0...1, help: "Relative change of the objective at convergence",
      isInteger: false, value: { $0.tolerance }),
    Option(
      name: "accuracy", range: 0...(.infinity),
      help: "What the objective may still lack at convergence, in nats", isInteger: false,
      value: { $0.accuracy }),
    Option(
      name: "threads", range: 1...10_000, help: "Threads to run restarts on", isInteger: true,
      value: { Double($0.threads) }),
  ]

  /// Throws `EMError.invalidSetting` for the first setting outside its range.
  public func validate() throws {
    for option in Self.options {
      guard let text = option.violation(in: self) else { continue }
      throw EMError.invalidSetting(name: option.name, value: text, expected: option.expected)
    }
  }

  /// The gain that counts as none near an objective: what convergence is measured against.
  ///
  /// Never finer than 1e-13 of the objective: a sum over rows is not known better than that.
  func negligibleGain(at objective: Double) -> Double {
    let size = max(1, abs(objective))
    return max(1e-13 * size, min(tolerance * size, accuracy))
  }
}

extension NumericOption<EMSettings> {
  /// The value of the default settings.
  public var defaultValue: Double? { value(EMSettings()) }
}

/// Why expectation maximisation cannot begin.
public enum EMError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A setting outside its range.
  case invalidSetting(name: String, value: String, expected: String)

  public var description: String {
    switch self {
    case .invalidSetting(let name, let value, let expected):
      "\(name) is \(value); expected \(expected)"
    }
  }
}
