// From a model's file to an executable: the Swift compiler, and a cache that is never trusted blindly.

import BayesCompiler
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
///   not compile and 69 without a Swift compiler.
func compiledModel(at path: String) throws -> String {
  let source = try readFileBytes(path).dropLast()
  let library = try installedLibrary()
  guard let compiler = executableInPath("swiftc") else {
    throw Failure(
      "error: there is no Swift compiler (swiftc) in PATH\n"
        + "  hint: install Swift 6.2 or newer from https://www.swift.org/install", .unavailable)
  }
  let headers = try bareModules()
  let flags = compilerFlags(library, headers: headers)
  let key =
    "\(path)\n\(fileIdentity(compiler))\n\(fileIdentity(library + "/libBayes.so"))\n"
    + flags.joined(separator: " ") + "\n" + String(decoding: source, as: UTF8.self)
  let cache = CacheFolder(kind: "models")
  let entry = CacheFolder(path: "\(cache.path)/model-\(checksum(key.utf8))")
  let executable = entry.path + "/model"
  CacheFolder.touch(entry.path)
  if isSound(entry.path, key: key) { return executable }
  try create(entry)
  let temporary = "\(executable).\(getpid())"
  defer { unlink(temporary) }
  let result = try runProcess(compiler, flags + ["-o", temporary, path])
  guard result.status == 0 else {
    throw compilationFailure(result.output, path: path, String(decoding: source, as: UTF8.self))
  }
  chmod(temporary, 0o700)
  guard rename(temporary, executable) == 0 else {
    throw Failure("\(executable): error: \(String(cString: strerror(errno)))", .ioError)
  }
  let bytes = try readFileBytes(executable).dropLast()
  try writeFile("\(checksum(bytes))\n\(key)", to: entry.path + "/record")
  cache.prune(prefix: "model-")
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
  let folder = CacheFolder(kind: "modules")
  let map = "module CGSL {}\nmodule COpenBLAS {}\nmodule CSQLite {}\n"
  let path = folder.path + "/module.modulemap"
  if let found = try? readFileBytes(path), found.dropLast().elementsEqual(map.utf8) {
    return folder.path
  }
  try create(folder)
  try writeFile(map, to: path)
  return folder.path
}

private func create(_ folder: CacheFolder) throws {
  do {
    try folder.create()
  } catch {
    throw Failure(
      "error: \(error)\n  hint: set XDG_CACHE_HOME to a folder that can be written", .cannotCreate)
  }
}

/// Whether a cache entry is whole and made from exactly `key`.
private func isSound(_ folder: String, key: String) -> Bool {
  // Another user's program is never run, whatever its record says.
  guard CacheFolder.isPrivate(folder), CacheFolder.isPrivate(folder + "/model"),
    let record = try? readFileBytes(folder + "/record"),
    let executable = try? readFileBytes(folder + "/model"),
    access(folder + "/model", X_OK) == 0
  else { return false }
  return record.dropLast().elementsEqual("\(checksum(executable.dropLast()))\n\(key)".utf8)
}

/// To find damage and to name cache entries; not for security.
private func checksum(_ bytes: some Sequence<UInt8>) -> String {
  var hash = ContentHash()
  hash.add(bytes)
  return hash.hex
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

/// The compiler's messages, trimmed to those about the user's file.
private func compilationFailure(_ output: String, path: String, _ source: String) -> Failure {
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
  } else if !importsBayes(source) {
    text = "\(path):1: error: the file lacks 'import Bayes'\n  hint: make that its first line"
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

private func importsBayes(_ source: String) -> Bool {
  source.split(whereSeparator: \.isNewline).contains { line in
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ";" })
    return words.contains("import") && words.contains("Bayes")
  }
}

/// Whether a line starts a message: `PATH:LINE:COLUMN: error: …`, or one without place.
private func isMessage(_ line: Substring) -> Bool {
  guard !line.hasPrefix(" ") else { return false }
  return [": error: ", ": warning: ", ": note: ", "error: "].contains { line.contains($0) }
}
