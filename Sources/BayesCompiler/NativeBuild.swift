// From C text to a loaded library: finding clang, the cache, dlopen.

internal import Glibc

/// What went wrong while a kernel was compiled.
public struct CompilationError: Error, CustomStringConvertible, Sendable {
  public let description: String

  public init(description: String) { self.description = description }
}

/// A loaded kernel library.
///
/// `@unchecked Sendable`: a handle from dlopen is an immutable address; it is closed when the last
/// reference goes, after every evaluator that holds one.
final class NativeLibrary: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  fileprivate init(path: String) throws {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw CompilationError(
        description: "cannot load the kernel \(path): \(String(cString: dlerror()))")
    }
    self.handle = handle
  }

  deinit { dlclose(handle) }

  func symbol<Function>(_ name: String, as type: Function.Type) throws -> Function {
    guard let address = dlsym(handle, name) else {
      throw CompilationError(description: "the kernel has no function \(name)")
    }
    return unsafeBitCast(address, to: type)
  }
}

/// Compiles C text, or finds it compiled in the cache.
enum NativeBuild {
  /// `-ffinite-math-only` is never among them: infinities mean something here.
  static let flags = [
    "-std=c11", "-O3", "-march=native", "-mprefer-vector-width=512", "-fPIC", "-shared",
    "-fno-math-errno", "-fno-trapping-math", "-fassociative-math", "-fno-signed-zeros",
    "-freciprocal-math", "-fno-semantic-interposition", "-w", "-fuse-ld=lld",
  ]

  /// The library for a C text and whether it came from the cache.
  static func library(for text: String, cacheFolder: String?) throws -> (NativeLibrary, Bool) {
    guard let compiler = findCompiler() else {
      throw CompilationError(
        description: "no clang was found on the PATH or beside swiftc; install it with the Swift "
          + "toolchain from https://www.swift.org/install, or as the package clang")
    }
    let cache = cacheFolder.map(CacheFolder.init(path:)) ?? CacheFolder(kind: "kernels")
    try cache.create()
    var hash = ContentHash()
    hash.add(text)
    hash.add(flags.joined(separator: " "))
    hash.add(fileIdentity(compiler))
    hash.add(processorIdentity())
    let path = "\(cache.path)/kernel-\(hash.hex).so"
    CacheFolder.touch(path)
    if isIntact(path), let library = try? NativeLibrary(path: path) { return (library, true) }
    try compile(text, compiler: compiler, to: path)
    let library = try NativeLibrary(path: path)
    cache.prune(prefix: "kernel-")
    return (library, false)
  }

  // MARK: Cache

  /// An entry is trusted if it is this user's own and its checksum, written last, still matches.
  private static func isIntact(_ path: String) -> Bool {
    guard CacheFolder.isPrivate(path), let library = readFile(path),
      let recorded = readFile("\(path).sum")
    else { return false }
    return checksum(library) == String(decoding: recorded, as: UTF8.self)
  }

  private static func checksum(_ bytes: [UInt8]) -> String {
    var hash = ContentHash()
    hash.add(bytes)
    return "\(bytes.count) \(hash.hex)"
  }

  private static func compile(_ text: String, compiler: String, to path: String) throws {
    let scratch = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))"
    let source = "\(scratch).c"
    let object = "\(scratch).so"
    let log = "\(scratch).log"
    defer { for file in [source, object, log, "\(scratch).sum"] { unlink(file) } }
    try writeFile(source, Array(text.utf8))
    let status = run(compiler, flags + ["-o", object, source], output: log)
    guard status == 0, let library = readFile(object) else {
      let kept = "\(path).failed.c"
      try writeFile(kept, Array(text.utf8))
      let message = readFile(log).map { String(decoding: $0.prefix(2000), as: UTF8.self) } ?? ""
      throw CompilationError(
        description:
          "clang failed on the kernel (status \(status)); its text is \(kept)\n\(message)")
    }
    chmod(object, 0o700)
    try writeFile("\(scratch).sum", Array(checksum(library).utf8))
    // Each rename is atomic; a reader between the two sees a wrong checksum and rebuilds.
    guard rename(object, path) == 0, rename("\(scratch).sum", "\(path).sum") == 0 else {
      throw CompilationError(description: "the cache entry \(path) cannot be written")
    }
  }

  // MARK: The system

  /// clang on the PATH, or beside the swiftc that is.
  static func findCompiler() -> String? {
    if let found = executableInPath("clang") { return found }
    guard let compiler = executableInPath("swiftc"), let real = realpath(compiler, nil) else {
      return nil
    }
    defer { free(real) }
    let path = String(cString: real)
    let beside = path[..<(path.lastIndex(of: "/") ?? path.startIndex)] + "/clang"
    return access(String(beside), X_OK) == 0 ? String(beside) : nil
  }

  /// The processor's feature list, as `-march=native` sees it.
  private static func processorIdentity() -> String {
    guard let text = readFile("/proc/cpuinfo", limit: 8192) else { return "unknown" }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    return lines.filter {
      $0.hasPrefix("model") || $0.hasPrefix("flags") || $0.hasPrefix("Features")
    }
    .prefix(4).joined(separator: "\n")
  }

  private static func readFile(_ path: String, limit: Int = .max) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while bytes.count < limit {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 { return nil }
      if count == 0 { break }
      bytes += buffer[0..<count]
    }
    return bytes
  }

  private static func writeFile(_ path: String, _ bytes: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw CompilationError(
        description: "cannot write \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else {
        throw CompilationError(
          description: "cannot write \(path): \(String(cString: strerror(errno)))")
      }
      written += count
    }
  }

  /// Runs a program with its output in a file; its exit status, or −1.
  private static func run(_ program: String, _ arguments: [String], output: String) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var process = pid_t()
    guard posix_spawn(&process, program, &actions, nil, words, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      if errno != EINTR { return -1 }
    }
    return status & 0x7f == 0 ? (status >> 8) & 0xff : -1
  }
}
