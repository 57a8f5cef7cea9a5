// The log of choices that off-policy evaluation reads, row by row.

import BayesCore

/// A choice that was made and what came of it.
public struct LoggedChoice: Sendable, Equatable {
  /// The arm that was chosen, from 0.
  public var arm: Int
  /// What came of it.
  public var reward: Double
  /// The probability with which the logging policy made this choice, above 0 and at most 1.
  public var propensity: Double
  /// The probability with which the policy to evaluate makes this choice, where the log says it.
  public var target: Double?
  /// The policy's probabilities of all arms in this row, where the log says them; else empty.
  public var targets: [Double]
  /// What was known of the round, for a policy that is a function of it; else empty.
  public var context: [Double]
  /// The line of the file, or the row's number from 1.
  public var line: Int

  /// A row of a log.
  public init(
    arm: Int, reward: Double, propensity: Double, target: Double? = nil, targets: [Double] = [],
    context: [Double] = [], line: Int = 0
  ) {
    self.arm = arm
    self.reward = reward
    self.propensity = propensity
    self.target = target
    self.targets = targets
    self.context = context
    self.line = line
  }
}

/// Rows that can be read more than once, in the same order each time.
///
/// A log larger than memory is read as a stream: nothing here asks for all rows at once.
public protocol ChoiceLog {
  /// The arms' labels by index; complete once all rows have been read.
  var arms: [String] { get }
  /// The rows of the last reading that were left out because their reward is not there yet.
  var pendingCount: Int { get }
  /// Reads all rows.
  ///
  /// - Throws: what is wrong with a row, or what `body` throws.
  func read(_ body: (borrowing LoggedChoice) throws -> Void) throws
}

/// A log in memory.
public struct ChoiceList: ChoiceLog, Sendable {
  /// The arms' labels.
  public let arms: [String]
  /// The rows.
  public let choices: [LoggedChoice]
  /// No row is left out.
  public var pendingCount: Int { 0 }

  /// Rows whose arms are positions in `arms`.
  ///
  /// - Precondition: arms are in range, propensities above 0 and at most 1, rewards finite.
  public init(arms: [String], choices: [LoggedChoice]) {
    precondition(
      choices.allSatisfy {
        arms.indices.contains($0.arm) && $0.propensity > 0 && $0.propensity <= 1
          && $0.reward.isFinite
      }, "rows of a log")
    self.arms = arms
    self.choices = choices
  }

  /// Reads all rows.
  public func read(_ body: (borrowing LoggedChoice) throws -> Void) rethrows {
    for choice in choices { try body(choice) }
  }
}

/// The order in which arms are shown and listed: numbers ascending, other labels by alphabet.
///
/// - Returns: positions in `labels`.
public func armOrder(_ labels: [String]) -> [Int] {
  let numbers = labels.map { Int($0) }
  if numbers.contains(nil) { return labels.indices.sorted { labels[$0] < labels[$1] } }
  return labels.indices.sorted { numbers[$0]! < numbers[$1]! }
}

/// The arm that a label most likely means; `nil` among numbers, which are all close to one another.
func likelyArm(_ label: String, _ arms: [String]) -> String? {
  Int(label) == nil ? closestName(to: label, among: arms) : nil
}
