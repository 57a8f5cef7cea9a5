// How each kind of error ends a command: its exit code and what standard error shows.

import BayesBandits
import BayesCore
import BayesEngine
import BayesInference
import BayesLanguage
import BayesReport
import CommandLineKit
import Glibc

/// An error of any layer as a command ends with it.
struct Failure: CommandFailure, Equatable {
  let message: String
  let exitCode: ExitCode

  init(_ message: String, _ exitCode: ExitCode) {
    self.message = message
    self.exitCode = exitCode
  }

  /// The exit code of an error by sysexits: see the table in DESIGN.
  init(_ error: any Error) {
    switch error {
    case let failure as any CommandFailure: self.init(failure.message, failure.exitCode)
    case let error as DataError:
      self.init(error.description, error.isMissingInput ? .noInput : .data)
    case let error as ModelError: self.init("\(error)", .data)
    case let error as EngineError: self.init(error.description, .data)
    case let error as BeliefError: self.init("error: \(error)", .data)
    case let error as StateError: self.init(error.description, Self.exitCode(error))
    case let error as SamplingError: self.init("error: \(error)", Self.exitCode(error))
    case let error as OutputError:
      if case .cannotCreate = error {
        self.init(error.description, .cannotCreate)
      } else {
        self.init(error.description, .ioError)
      }
    default: self.init("error: \(error)", .software)
    }
  }

  private static func exitCode(_ error: StateError) -> ExitCode {
    switch error {
    case .missing: .noInput
    case .notWritable: .cannotCreate
    case .failed, .busy: .ioError
    default: .data
    }
  }

  private static func exitCode(_ error: SamplingError) -> ExitCode {
    switch error {
    case .invalidSetting: .usage
    case .noInitialPoint, .wrongInitialPositions: .data
    case .outOfMemory: .software
    }
  }
}

extension Subcommand {
  /// A command whose errors of all layers end it with the right exit code.
  init<Settings: Sendable>(
    _ command: Command<Settings>, orFail run: @escaping @Sendable (Settings) throws -> ExitCode
  ) {
    self.init(
      command,
      run: { settings in
        do {
          return try run(settings)
        } catch {
          throw Failure(error)
        }
      })
  }
}

/// Writes a line to standard error.
func note(_ text: String) { StandardStream.error.writeIgnoringErrors(text + "\n") }

/// Refuses an output whose folder cannot be written to, before hours are spent on it.
///
/// - Throws: `OutputError.cannotCreate`.
func requireFolder(_ path: String) throws {
  let folder =
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  guard access(folder, W_OK | X_OK) == 0 else {
    throw OutputError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
  }
}

/// The value of an environment variable.
func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}
