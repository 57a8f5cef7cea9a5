// The exit codes of the command line, by sysexits.h.

/// How a command ended, as the shell sees it.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// All went well.
  case success = 0
  /// A result was refused because `--strict` asked for it.
  case strict = 1
  /// The command line is wrong.
  case usage = 64
  /// The data or the model is wrong.
  case data = 65
  /// An input file is missing or cannot be read.
  case noInput = 66
  /// A program that is needed is not installed.
  case unavailable = 69
  /// A mistake of this program.
  case software = 70
  /// An output file cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed: a full disk, a broken pipe.
  case ioError = 74
  /// Ended by Ctrl-C.
  case interrupted = 130
}

/// An error that knows how a command ends because of it.
public protocol CommandFailure: Error {
  /// The exit code.
  var exitCode: ExitCode { get }
  /// What went wrong, as standard error shows it, without a final newline.
  var message: String { get }
}
