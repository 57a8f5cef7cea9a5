// Standard output and standard error, with failures that are noticed.

internal import Glibc

/// Standard output could not be written: a full disk, a pipe whose reader has gone.
public struct OutputFailure: CommandFailure, Equatable {
  /// What the system says.
  public let reason: String
  /// Whether the reader of a pipe has gone, as after `| head`.
  public let isBrokenPipe: Bool

  /// 74.
  public var exitCode: ExitCode { .ioError }
  /// What could not be written, and why.
  public var message: String { "error: standard output cannot be written: \(reason)" }
}

/// Standard output or standard error, unbuffered.
public enum StandardStream: Int32, Sendable {
  /// For results.
  case output = 1
  /// For everything else.
  case error = 2

  /// Makes a write to a closed pipe an error instead of the end of the process.
  public static func prepare() { signal(SIGPIPE, SIG_IGN) }

  /// Writes all of the text.
  ///
  /// - Throws: `OutputFailure`.
  public func write(_ text: String) throws { try Self.write(text, to: rawValue) }

  /// Writes all of the text to a descriptor.
  ///
  /// - Throws: `OutputFailure`.
  package static func write(_ text: String, to descriptor: Int32) throws {
    var text = text
    try text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if count >= 0 {
          written += count
        } else if errno == EAGAIN {
          var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&request, 1, -1)
        } else if errno != EINTR {
          let code = errno
          throw OutputFailure(
            reason: String(cString: strerror(code)), isBrokenPipe: code == EPIPE)
        }
      }
    }
  }

  /// Writes what can be written: for messages whose loss must not hide another failure.
  public func writeIgnoringErrors(_ text: String) { try? write(text) }
}
