// The whole content of a file as bytes, without Foundation.

internal import Glibc

/// Reads a file, ending its bytes with one NUL that is not part of the content.
///
/// The NUL lets scanners look one byte ahead without a bounds check of their own.
///
/// - Throws: `DataError.missing` or `DataError.unreadable`.
public func readFileBytes(_ path: String) throws -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw readFailure(path) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw readFailure(path) }
  if status.st_mode & S_IFMT == S_IFDIR {
    throw DataError.unreadable(path: path, reason: "it is a directory")
  }
  var bytes: [UInt8] = []
  var isAtEnd = false
  var room = max(65_536, Int(status.st_size) + 1)
  while !isAtEnd {
    let used = bytes.count
    // One allocation for a regular file; pipes, whose size is unknown, grow by doubling.
    var problem: DataError?
    let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      count = 0
      while count < buffer.count {
        let got = read(descriptor, buffer.baseAddress! + count, buffer.count - count)
        if got > 0 {
          count += got
        } else if got == 0 {
          isAtEnd = true
          break
        } else if errno != EINTR {
          problem = readFailure(path)
          break
        }
      }
    }
    if let problem { throw problem }
    if used == 0 { bytes = chunk } else { bytes += chunk }
    room = max(room, bytes.count)
  }
  bytes.append(0)
  return bytes
}

/// The error of the system call that has just failed.
func readFailure(_ path: String) -> DataError {
  let code = errno
  if code == ENOENT || code == ENOTDIR { return .missing(path: path) }
  return .unreadable(path: path, reason: String(cString: strerror(code)).lowercasedFirst)
}

extension String {
  /// The text with a lower-case first letter, to continue a sentence.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
