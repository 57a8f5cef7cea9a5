// From a model's file to an executable: the Swift compiler, and a cache that is never trusted blindly.

import BayesCore
import BayesReport
import CommandLineKit
import Glibc

/// The executable of a model's file, compiled now or taken from the cache.
///
/// The cache is keyed by the file's text and name, the compiler, the library and the flags. An entry
/// counts only if its record holds exactly these and the executable's checksum; else it is made anew.
///
/// - Throws: `DataError` where the file cannot be read, `Failure` with exit code 65 where it does
///   not compile.
func compiledModel(at path: String) throws -> String {
  let source = try readFileBytes(path).dropLast()
  let library = try installedLibrary()
  guard let compiler = inSearchPath("swiftc") else {
    throw Failure(
      "error: there is no Swift compiler (swiftc) in PATH\n"
        + "  hint: install Swift 6.2 or newer from https://www.swift.org/install", .software)
  }
  let headers = try bareModules()
  let flags = compilerFlags(library, headers: headers)
  let key =
    "\(path)\n\(identity(compiler))\n\(identity(library + "/libBayes.so"))\n"
    + flags.joined(separator: " ") + "\n" + String(decoding: source, as: UTF8.self)
  let folder = cacheFolder() + "/models/" + "/" + hexadecimal(checksum(Array(key.utf8)))
  let executable = folder + "/model"
  if isSound(folder, key: key) { return executable }
  try create(folder)
  let temporary = "\(folder)/model.\(getpid())"
  defer { unlink(temporary) }
  let result = try runProcess(compiler, flags + ["-o", temporary, path])
  guard result.status == 0 else { throw compilationFailure(result.output, path: path) }
  guard rename(temporary, executable) == 0 else {
    throw Failure("\(executable): error: \(String(cString: strerror(errno)))", .ioError)
  }
  let bytes = try readFileBytes(executable)
  try writeFile("\(hexadecimal(checksum(bytes)))\n\(key)", to: folder + "/record")
  return executable
}

private func compilerFlags(_ library: String, headers: String) -> [String] {
  [
    "-parse-as-library", "-swift-version", "6", "-Onone", "-gnone", "-module-name", "model",
    "-I", headers, "-I", library + "/Modules", "-L", library, "-lBayes", "-Xlinker", "-rpath",
    "-Xlinker", library,
    "-use-ld=lld",
  ]
}

/// A folder with empty modules under the names of the C libraries.
///
/// The Swift modules name the C modules that they use inside, and the compiler wants to see them; no
/// declaration of theirs is in a public interface, so that empty ones save parsing GSL's headers.
private func bareModules() throws -> String {
  let folder = cacheFolder() + "/modules"
  let map = "module CGSL {}\nmodule COpenBLAS {}\n"
  let path = folder + "/module.modulemap"
  if let found = try? readFileBytes(path), found.dropLast().elementsEqual(map.utf8) {
    return folder
  }
  try create(folder)
  try writeFile(map, to: path)
  return folder
}

private func create(_ folder: String) throws {
  do {
    try createFolder(folder)
  } catch {
    throw Failure(
      "\(error)\n  hint: set XDG_CACHE_HOME to a folder that can be written", .cannotCreate)
  }
}

/// Whether a cache entry is whole and made from exactly `key`.
private func isSound(_ folder: String, key: String) -> Bool {
  // Another user's program is never run, whatever its record says.
  var status = stat()
  guard stat(folder + "/model", &status) == 0, status.st_uid == getuid(),
    status.st_mode & 0o022 == 0, stat(folder, &status) == 0, status.st_uid == getuid(),
    status.st_mode & 0o022 == 0
  else { return false }
  guard let record = try? readFileBytes(folder + "/record"),
    let executable = try? readFileBytes(folder + "/model"),
    access(folder + "/model", X_OK) == 0
  else { return false }
  return record.dropLast().elementsEqual(
    "\(hexadecimal(checksum(executable)))\n\(key)".utf8)
}

/// The folder with `libBayes.so` and `Modules`: that of this executable.
private func installedLibrary() throws -> String {
  var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
  let count = readlink("/proc/self/exe", &path, Int(PATH_MAX))
  guard count > 0 else { throw Failure("error: /proc is not mounted", .software) }
  let executable = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let folder = executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
  guard access(folder + "/libBayes.so", R_OK) == 0, access(folder + "/Modules", R_OK) == 0 else {
    throw Failure(
      "error: libBayes.so and Modules are not beside \(executable)\n"
        + "  hint: run ./bayes in the clone, or install again with ./bayes install", .software)
  }
  return folder
}

private func cacheFolder() -> String {
  if let folder = environment("XDG_CACHE_HOME"), folder.hasPrefix("/") {
    return folder + "/bayes"
  }
  return environment("HOME").map { $0 + "/.cache/bayes" } ?? "/tmp/bayes-\(getuid())"
}

/// The first executable of that name in PATH.
private func inSearchPath(_ name: String) -> String? {
  (environment("PATH") ?? "").split(separator: ":").map { "\($0)/\(name)" }
    .first { access($0, X_OK) == 0 }
}

/// A file as far as its content can be told without reading it: path, size and time of change.
private func identity(_ path: String) -> String {
  var status = stat()
  guard stat(path, &status) == 0 else { return path }
  return "\(path) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
}

/// FNV-1a over 64-bit words, to find damage and to name cache entries; not for security.
private func checksum(_ bytes: [UInt8]) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  bytes.withUnsafeBytes { bytes in
    let words = bytes.count / 8
    for word in 0..<words {
      hash ^= bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)
      hash = (hash &* 0x100_0000_01b3) ^ (hash >> 47)
    }
    for index in (8 * words)..<bytes.count {
      hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3
    }
  }
  return hash
}

private func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// The compiler's messages, trimmed to those about the user's file.
private func compilationFailure(_ output: String, path: String) -> Failure {
  var kept: [Substring] = []
  var isKept = false
  for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
    if isMessage(line) {
      let isWarning = line.contains(": warning: ")
      isKept = (line.hasPrefix(path + ":") || line.contains("/" + path + ":")) && !isWarning
    }
    if isKept { kept.append(line) }
  }
  while kept.last?.isEmpty ?? false { kept.removeLast() }
  var text =
    kept.isEmpty ? output : kept.joined(separator: "\n")
  if output.contains("undefined symbol: main") || output.contains("'main' attribute") {
    text =
      "\(path): error: the file has no model\n  hint: it needs '@main struct NAME: Model { … }'"
  }
  let source = (try? readFileBytes(path)).map { String(decoding: $0.dropLast(), as: UTF8.self) }
  for hint in compilerHints(for: kept, source: source ?? "") { text += "\n  hint: \(hint)" }
  if kept.isEmpty, output.contains("undefined symbol: $s") {
    return Failure(
      "error: libBayes.so and Modules are of different builds\n"
        + "  hint: build both: swift build -c release", .software)
  }
  return Failure(text, .data)
}

/// Whether a line starts a message: `PATH:LINE:COLUMN: error: …`, or one without place.
private func isMessage(_ line: Substring) -> Bool {
  guard !line.hasPrefix(" ") else { return false }
  return [": error: ", ": warning: ", ": note: ", "error: "].contains { line.contains($0) }
}
