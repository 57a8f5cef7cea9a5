// A CSV file as a log of choices, read as a stream.

import BayesCore
import Glibc

/// Which columns of a log hold what.
public struct LogColumns: Sendable, Equatable {
  /// The arm that was chosen, a label.
  public var action: String
  /// What came of it, a number; an empty cell is a reward that is not there yet.
  public var reward: String
  /// The probability with which the choice was made.
  public var propensity: String
  /// The probability with which the policy to evaluate makes this choice, or `nil`.
  public var target: String?
  /// The beginning of the names of the columns with the policy's probabilities of all arms, each
  /// followed by the arm's label; or `nil`.
  public var targetPrefix: String?
  /// The columns of the context, numbers, for a policy that is a function of it.
  public var context: [String]

  /// The columns of `bayes bandit export`.
  public init(
    action: String = "arm", reward: String = "reward", propensity: String = "propensity",
    target: String? = nil, targetPrefix: String? = nil, context: [String] = []
  ) {
    self.action = action
    self.reward = reward
    self.propensity = propensity
    self.target = target
    self.targetPrefix = targetPrefix
    self.context = context
  }
}

/// A log in a CSV file: each reading goes through the file once, so it must be a file and no pipe.
///
/// Memory: a window of 1 MiB and the arms' labels, whatever the size of the file.
public final class CSVChoiceLog: ChoiceLog {
  /// The file.
  public let path: String
  /// The arms' labels: those given, those of the target's columns, or those of the rows read so far.
  public private(set) var arms: [String]
  /// The rows of the last reading that have no reward.
  public private(set) var pendingCount = 0
  private let columns: LogColumns
  private let isClosed: Bool
  private var indices: [String: Int]

  /// Opens the log to see whether its columns are there.
  ///
  /// - Parameter arms: all arms, so that a label that is none of them is an error and an arm may be
  ///   without rows; `nil` to take the labels as they come.
  /// - Throws: `DataError`.
  public init(path: String, columns: LogColumns = LogColumns(), arms: [String]? = nil) throws {
    self.path = path
    self.columns = columns
    var status = stat()
    if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      throw DataError.unreadable(
        path: path, reason: "it is a pipe or a device, and a log is read twice; write it to a file")
    }
    let rows = try CSVRows(path: path)
    let named = columns.targetPrefix.map { prefix in
      rows.names.filter { $0.hasPrefix(prefix) && $0 != prefix }
        .map { String($0.dropFirst(prefix.count)) }
    }
    if let named, named.isEmpty {
      throw DataError.invalid(
        DataPlace(path: path, line: 1),
        message: "no column's name begins with \(quotedForMessage(columns.targetPrefix!))",
        hint: "the target policy's probabilities are columns named by prefix and arm")
    }
    self.arms = arms ?? named ?? []
    isClosed = arms != nil || named != nil
    indices = Dictionary(
      zip(self.arms, self.arms.indices), uniquingKeysWith: { first, _ in first })
    _ = try Positions(columns, self.arms, rows.names, path)
  }

  /// Reads all rows.
  ///
  /// - Throws: `DataError`: a cell that is no number, a propensity that is not in [1e-100, 1], a
  ///   probability of the target that is not in [0, 1], an arm that is none of those given.
  public func read(_ body: (borrowing LoggedChoice) throws -> Void) throws {
    let rows = try CSVRows(path: path)
    let positions = try Positions(columns, arms, rows.names, path)
    var choice = LoggedChoice(arm: 0, reward: 0, propensity: 1)
    choice.targets = [Double](repeating: 0, count: positions.targets.count)
    pendingCount = 0
    while try rows.next() {
      choice.line = rows.line
      choice.arm = try arm(rows, positions.action)
      guard let reward = try reward(rows, positions.reward) else {
        pendingCount += 1
        continue
      }
      choice.reward = reward
      choice.propensity = try propensity(rows, positions.propensity)
      if let target = positions.target { choice.target = try probability(rows, target) }
      if !positions.targets.isEmpty {
        for (i, column) in positions.targets.enumerated() {
          choice.targets[i] = try probability(rows, column)
        }
        try checkSum(choice.targets, line: rows.line)
      }
      if !positions.context.isEmpty {
        choice.context = try positions.context.map { try contextNumber(rows, $0) }
      }
      try body(choice)
    }
  }

  private func arm(_ rows: CSVRows, _ column: Int) throws -> Int {
    let label = rows.text(column)
    if let index = indices[label] { return index }
    if label.isEmpty {
      throw error(
        rows, column, "the cell is empty, where an arm was expected", "every row names its arm")
    }
    if isClosed {
      let closest = likelyArm(label, arms)
      throw error(
        rows, column, "\(quotedForMessage(label)) is none of the \(arms.count) arms",
        closest.map { "did you mean \($0)?" } ?? "the arms are \(list(arms)); add it to them")
    }
    indices[label] = arms.count
    arms.append(label)
    return arms.count - 1
  }

  private func reward(_ rows: CSVRows, _ column: Int) throws -> Double? {
    guard let value = rows.number(column) else {
      if isMissing(rows.text(column)) { return nil }
      throw notANumber(rows, column)
    }
    guard value.isFinite else {
      throw error(
        rows, column, "a reward of \(rows.text(column))", "rewards are finite numbers")
    }
    return value
  }

  /// The squares of inverses, times those of rewards, are still numbers.
  private static let smallestPropensity = 1e-100

  private func propensity(_ rows: CSVRows, _ column: Int) throws -> Double {
    guard let value = rows.number(column) else { throw notANumber(rows, column) }
    if value >= Self.smallestPropensity, value <= 1 { return value }
    if value > 0, value < Self.smallestPropensity {
      throw error(
        rows, column, "a propensity of \(rows.text(column))",
        "a weight of its inverse is no number to compute with; propensities are at least "
          + "\(Self.smallestPropensity)")
    }
    throw error(
      rows, column, "a propensity of \(rows.text(column))",
      value == 0
        ? "a choice that was made had a probability above 0: log the probability of the arm that "
          + "was chosen, at the time it was"
        : "it is the probability of the choice: above 0 and at most 1")
  }

  private func contextNumber(_ rows: CSVRows, _ column: Int) throws -> Double {
    guard let value = rows.number(column), value.isFinite else { throw notANumber(rows, column) }
    return value
  }

  private func probability(_ rows: CSVRows, _ column: Int) throws -> Double {
    guard let value = rows.number(column) else { throw notANumber(rows, column) }
    if value >= 0, value <= 1 { return value }
    throw error(
      rows, column, "\(rows.text(column)) where a probability was expected",
      "the policy's probabilities are from 0 to 1")
  }

  private func checkSum(_ probabilities: [Double], line: Int) throws {
    let sum = probabilities.reduce(0, +)
    if abs(sum - 1) > 1e-6 {
      throw DataError.invalid(
        DataPlace(path: path, line: line),
        message: "the policy's probabilities of all arms sum to \(sum)", hint: "they sum to 1")
    }
  }

  private func notANumber(_ rows: CSVRows, _ column: Int) -> DataError {
    let text = rows.text(column)
    return error(
      rows, column,
      text.isEmpty
        ? "the cell is empty, where a number was expected"
        : "\(quotedForMessage(text)) where a number was expected", "correct the cell")
  }

  private func error(
    _ rows: CSVRows, _ column: Int, _ message: String, _ hint: String
  ) -> DataError {
    .invalid(rows.place(column), message: "column \(rows.names[column]): \(message)", hint: hint)
  }
}

/// At most ten labels, with commas.
private func list(_ labels: [String]) -> String {
  labels.prefix(10).joined(separator: ", ") + (labels.count > 10 ? ", …" : "")
}

/// Where the columns stand.
private struct Positions {
  let action: Int
  let reward: Int
  let propensity: Int
  let target: Int?
  let targets: [Int]
  let context: [Int]

  init(_ columns: LogColumns, _ arms: [String], _ names: [String], _ path: String) throws {
    func position(_ name: String, _ option: String) throws -> Int {
      if let index = names.firstIndex(of: name) { return index }
      let closest = closestName(to: name, among: names)
      throw DataError.invalid(
        DataPlace(path: path, line: 1), message: "there is no column \(name)",
        hint: (closest.map { "did you mean \($0)? Name" } ?? "name") + " it with \(option); "
          + "the columns are \(list(names))")
    }
    action = try position(columns.action, "--action")
    reward = try position(columns.reward, "--reward")
    propensity = try position(columns.propensity, "--propensity")
    target = try columns.target.map { try position($0, "--target-column") }
    targets =
      try columns.targetPrefix.map { prefix in
        try arms.map { try position(prefix + $0, "--target-prefix") }
      } ?? []
    context = try columns.context.map { try position($0, "a column of the context") }
  }
}
