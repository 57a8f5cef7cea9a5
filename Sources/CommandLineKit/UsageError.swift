// A mistake on the command line.

/// A mistake on the command line: what is wrong, what was perhaps meant, and where help is.
public struct UsageError: CommandFailure, Equatable, CustomStringConvertible {
  /// What is wrong, one sentence without its full stop.
  public let problem: String
  /// What the user may have meant or can do, or `nil`.
  public let hint: String?
  /// The command whose help explains it, for example `bayes sample`.
  public let command: String

  /// A mistake in the arguments of `command`.
  public init(_ problem: String, hint: String? = nil, command: String) {
    self.problem = problem
    self.hint = hint
    self.command = command
  }

  /// 64.
  public var exitCode: ExitCode { .usage }

  /// The problem, the hint, and the way to the help, a line each.
  public var message: String {
    var lines = ["error: \(problem)"]
    if let hint { lines.append("  hint: \(hint)") }
    lines.append("See '\(command) --help'.")
    return lines.joined(separator: "\n")
  }

  /// The same text as `message`.
  public var description: String { message }
}
