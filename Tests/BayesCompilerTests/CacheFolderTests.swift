// The cache of compiled code: whom it trusts, and what it keeps.

import BayesCompiler
import BayesCore
import Glibc
import Testing

/// A folder that goes with its owner.
private final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/bayes-cache-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit { remove(path) }

  private func remove(_ path: String) {
    for name in names(in: path) { remove(path + "/" + name) }
    Glibc.remove(path)
  }

  /// What lies in the folder or one of its folders, sorted.
  func names(in folder: String? = nil) -> [String] {
    guard let stream = opendir(folder ?? path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// A file of some bytes, used some seconds ago.
  func write(_ name: String, bytes: Int = 1, secondsAgo: Int) {
    let file = path + "/" + name
    let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
    _ = ftruncate(descriptor, off_t(bytes))
    close(descriptor)
    age(name, secondsAgo)
  }

  func age(_ name: String, _ seconds: Int) {
    let moment = timespec(tv_sec: time(nil) - seconds, tv_nsec: 0)
    utimensat(AT_FDCWD, path + "/" + name, [moment, moment], 0)
  }

  var cache: CacheFolder { CacheFolder(path: path) }
}

private func limits(
  entries: Int = 1000, bytes: Int = 1_000_000, grace: Int = 60
) -> CacheFolder.Limits {
  var limits = CacheFolder.Limits()
  (limits.entries, limits.bytes, limits.graceSeconds) = (entries, bytes, grace)
  return limits
}

@Suite("Cache folder") struct CacheFolderTests {
  @Test("What was used least recently goes, with its checksum, and others' files never")
  func leastRecent() throws {
    let scratch = try Scratch()
    for (name, seconds) in [("kernel-a", 400), ("kernel-b", 100), ("kernel-c", 300)] {
      scratch.write(name + ".so", secondsAgo: seconds)
      scratch.write(name + ".so.sum", secondsAgo: 5000)
    }
    scratch.write("thesis.tex", secondsAgo: 1_000_000)
    scratch.cache.prune(prefix: "kernel-", to: limits(entries: 2))
    #expect(
      scratch.names() == [
        "kernel-b.so", "kernel-b.so.sum", "kernel-c.so", "kernel-c.so.sum", "thesis.tex",
      ])
    CacheFolder.touch(scratch.path + "/kernel-c.so")
    scratch.cache.prune(prefix: "kernel-", to: limits(entries: 1))
    #expect(scratch.names() == ["kernel-c.so", "kernel-c.so.sum", "thesis.tex"])
  }

  @Test("Bytes are bounded too, of folders what is in them")
  func bytes() throws {
    let scratch = try Scratch()
    for (name, seconds) in [("model-a", 300), ("model-b", 200), ("model-c", 100)] {
      mkdir(scratch.path + "/" + name, 0o700)
      scratch.write(name + "/model", bytes: 40_000, secondsAgo: seconds)
      scratch.write(name + "/record", secondsAgo: seconds)
      scratch.age(name, seconds)
    }
    scratch.cache.prune(prefix: "model-", to: limits(bytes: 100_000))
    #expect(scratch.names() == ["model-b", "model-c"])
    #expect(scratch.names(in: scratch.path + "/model-b") == ["model", "record"])
  }

  @Test("What was used just now stays, since somebody may be about to load it")
  func grace() throws {
    let scratch = try Scratch()
    for name in ["a", "b", "c"] { scratch.write("kernel-\(name).so", secondsAgo: 10) }
    scratch.cache.prune(prefix: "kernel-", to: limits(entries: 1))
    #expect(scratch.names().count == 3)
  }

  @Test("Several processes may prune and make entries at once")
  func together() throws {
    let scratch = try Scratch()
    for index in 0..<300 { scratch.write("kernel-\(index).so", secondsAgo: 1000 + index) }
    let cache = scratch.cache
    let folder = scratch.path
    _ = try parallelMap(count: 4, threads: 4) { thread in
      for index in 0..<20 {
        close(open("\(folder)/kernel-new-\(thread)-\(index).so", O_WRONLY | O_CREAT, 0o600))
        cache.prune(prefix: "kernel-", to: limits(entries: 100))
      }
    }
    let names = scratch.names()
    #expect(names.count == 100)
    #expect(names.count { $0.hasPrefix("kernel-new-") } == 80)
  }

  @Test("A folder that others can write is refused, and so is one that cannot be made")
  func trust() throws {
    let scratch = try Scratch()
    let folder = CacheFolder(path: scratch.path + "/a/b")
    try folder.create()
    #expect(CacheFolder.isPrivate(folder.path))
    chmod(folder.path, 0o777)
    #expect(!CacheFolder.isPrivate(folder.path))
    #expect(throws: CompilationError.self) { try folder.create() }
    scratch.write("file", secondsAgo: 0)
    #expect(throws: CompilationError.self) {
      try CacheFolder(path: scratch.path + "/file/b").create()
    }
  }
}
