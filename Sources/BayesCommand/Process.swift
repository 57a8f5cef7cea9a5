// Another program, run to its end.

import CommandLineKit
import Glibc

/// What a program did.
struct ProcessResult: Sendable {
  /// Its exit code, or 128 + signal.
  let status: Int32
  /// Its standard output and standard error together.
  let output: String
}

/// Runs a program and gathers what it says.
///
/// - Throws: `Failure` where it cannot be started.
func runProcess(_ path: String, _ words: [String]) throws -> ProcessResult {
  var ends: [Int32] = [0, 0]
  guard pipe(&ends) == 0 else { throw startFailure(path, errno) }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  defer { close(ends[0]) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
  var arguments = ([path] + words).map { strdup($0) }
  arguments.append(nil)
  defer { for argument in arguments { free(argument) } }
  var process = pid_t()
  let status = posix_spawn(&process, path, &actions, nil, arguments, environ)
  close(ends[1])
  guard status == 0 else { throw startFailure(path, status) }
  let output = readAll(ends[0])
  var state: Int32 = 0
  while waitpid(process, &state, 0) < 0, errno == EINTR {}
  let signal = state & 0x7f
  return ProcessResult(status: signal == 0 ? (state >> 8) & 0xff : 128 + signal, output: output)
}

private func startFailure(_ path: String, _ code: Int32) -> Failure {
  Failure("error: \(path) cannot be started: \(String(cString: strerror(code)))", .software)
}

private func readAll(_ descriptor: Int32) -> String {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 16_384)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count > 0 {
      bytes += buffer[..<count]
    } else if count == 0 || errno != EINTR {
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
