// The user's cache of compiled code: where it lies, what in it is trusted, how large it gets.

internal import Glibc

/// A folder of compiled code.
///
/// An entry is a folder, or the files whose names are alike up to the first point: a kernel and its
/// checksum. An entry that turns out to be damaged or gone is made anew, so that any of them can be
/// removed at any time.
package struct CacheFolder: Sendable {
  package let path: String

  /// A folder anywhere.
  package init(path: String) { self.path = path }

  /// The user's folder for one kind of code: under `XDG_CACHE_HOME`, else `~/.cache`.
  package init(kind: String) {
    if let folder = environment("XDG_CACHE_HOME"), folder.hasPrefix("/") {
      path = "\(folder)/bayes/\(kind)"
    } else if let home = environment("HOME") {
      path = "\(home)/.cache/bayes/\(kind)"
    } else {
      path = "/tmp/bayes-\(getuid())/\(kind)"
    }
  }

  // MARK: Trust

  /// Creates the folder and those above it; what is loaded from there runs, so that nobody else may
  /// be able to put files into it.
  ///
  /// - Throws: `CompilationError`.
  package func create() throws {
    var current = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      current += "/\(part)"
      mkdir(current, 0o700)
    }
    guard access(path, W_OK) == 0 else {
      throw CompilationError(description: "the cache folder \(path) cannot be written")
    }
    // Who owns the folder above can put another in the place of this one.
    let parent = path.split(separator: "/").dropLast().joined(separator: "/")
    let above = (path.hasPrefix("/") ? "/" : "./") + parent
    guard Self.isPrivate(path), path.hasPrefix("/tmp/bayes-") ? Self.isPrivate(above) : true else {
      throw CompilationError(
        description:
          "the cache folder \(path) can be written by others; name another by XDG_CACHE_HOME")
    }
  }

  /// Whether a file or folder is this user's own and nobody else can write it.
  package static func isPrivate(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_uid == getuid() && status.st_mode & 0o022 == 0
  }

  // MARK: Size

  /// How much a folder keeps.
  package struct Limits: Sendable {
    package var entries = 200
    package var bytes = 250_000_000
    /// Entries used within so many seconds stay: somebody may be about to load them.
    package var graceSeconds = 600

    package init() {}
  }

  /// Marks a file or folder as used now; `prune` removes what was used least recently.
  package static func touch(_ path: String) { utimensat(AT_FDCWD, path, nil, 0) }

  /// Removes the entries that were used least recently, until the rest is within the limits.
  ///
  /// Only names that start with `prefix` are touched: the folder may be one that a user named.
  /// Several processes may do this at once, and compile or load meanwhile: what they use is younger
  /// than `graceSeconds`, which is looked at once more just before an entry goes.
  package func prune(prefix: String, to limits: Limits = Limits()) {
    let newest = entries(prefix).sorted { ($0.lastUse, $0.name) > ($1.lastUse, $1.name) }
    let oldest = time(nil) - limits.graceSeconds
    var bytes = 0
    for (index, entry) in newest.enumerated() {
      bytes += entry.bytes
      guard index >= limits.entries || bytes > limits.bytes, entry.lastUse < oldest else {
        continue
      }
      remove(entry, unlessUsedAfter: oldest)
    }
  }

  private struct Entry {
    let name: String
    var files: [String] = []
    var bytes = 0
    var lastUse = 0
  }

  private func entries(_ prefix: String) -> [Entry] {
    var entries: [String: Entry] = [:]
    for file in names(in: path) where file.hasPrefix(prefix) {
      guard let status = status(path + "/" + file) else { continue }
      let name = String(file.prefix { $0 != "." })
      var entry = entries[name] ?? Entry(name: name)
      entry.files.append(file)
      entry.bytes += Int(status.st_size)
      entry.lastUse = max(entry.lastUse, status.st_mtim.tv_sec)
      if isFolder(status) {
        for inner in names(in: path + "/" + file) {
          entry.bytes += self.status("\(path)/\(file)/\(inner)").map { Int($0.st_size) } ?? 0
        }
      }
      entries[name] = entry
    }
    return Array(entries.values)
  }

  /// Removes the checksum or record, without which nobody trusts the rest, before what it is about.
  private func remove(_ entry: Entry, unlessUsedAfter moment: Int) {
    let files = entry.files.sorted(by: >).map { path + "/" + $0 }
    if files.contains(where: { status($0).map { $0.st_mtim.tv_sec >= moment } ?? false }) { return }
    for file in files {
      if unlink(file) == 0 { continue }
      for inner in names(in: file).sorted(by: >) { unlink(file + "/" + inner) }
      rmdir(file)
    }
  }

  private func isFolder(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFDIR }

  /// Of the name itself, not of what a link points to.
  private func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  private func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
