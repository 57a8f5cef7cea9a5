// Programs of the system: where they are, and whether they are still the same.

internal import Glibc

/// The value of an environment variable, unless it is empty.
func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

/// The first executable of that name in PATH.
package func executableInPath(_ name: String) -> String? {
  (environment("PATH") ?? "").split(separator: ":").map { "\($0)/\(name)" }
    .first { access($0, X_OK) == 0 }
}

/// Path, size and time of change of a file, links resolved: they change whenever a tool does.
package func fileIdentity(_ path: String) -> String {
  guard let real = realpath(path, nil) else { return path }
  defer { free(real) }
  var status = stat()
  guard stat(real, &status) == 0 else { return path }
  return "\(String(cString: real)) \(status.st_size) "
    + "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
}
