// Saved chains, of this engine and of CmdStan, as draws.

public import BayesCore
internal import Glibc

/// Reads one file per chain: those of `StanCSVWriter` and those of CmdStan.
///
/// Columns `theta.1.2` become one variable with dimensions, whatever their order in the file. Rows of
/// saved warmup are dropped. Where `run.json` lies beside the first file, variables that it describes
/// (same name, same sizes) take their role and their axes' labels from it. Per-draw statistics are
/// read where all of `DrawStatistics.columns` are there; other columns that end in `__` are ignored.
///
/// - Parameter cuttingToShortest: whether chains of unequal length, as an interrupted run leaves them,
///   are cut to the shortest instead of being refused.
/// - Precondition: at least one path.
/// - Throws: `DataError`.
public func readStanCSV(_ paths: [String], cuttingToShortest: Bool = false) throws -> Draws {
  precondition(!paths.isEmpty, "at least one file")
  let files = try paths.map(StanCSVFile.init)
  for file in files.dropFirst() { try checkColumns(of: file, against: files[0]) }
  let draws = files.map(\.rowCount).min()!
  if !cuttingToShortest, let longer = files.first(where: { $0.rowCount != files[0].rowCount }) {
    throw longer.error(
      "the chain has \(longer.rowCount) draws, that of \(files[0].path) has \(files[0].rowCount)",
      hint: "was the run interrupted? give chains of equal length")
  }
  let described = try describedVariables(beside: paths[0])
  let layout = try StanCSVLayout(files[0], described: described)
  return Draws(
    variables: layout.variables,
    chains: files.map { layout.draws(of: $0, count: draws) },
    statistics: try layout.statistics(of: files, count: draws))
}

/// The CSV files of a folder, in the order of their chains' numbers (`chain-2` before `chain-10`).
///
/// - Throws: `DataError` where the folder cannot be read or has none.
public func stanCSVFiles(in folder: String) throws -> [String] {
  guard let stream = opendir(folder) else {
    if errno == ENOENT { throw DataError.missing(path: folder) }
    throw DataError.unreadable(path: folder, reason: String(cString: strerror(errno)))
  }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name.hasSuffix(".csv"), !name.hasPrefix(".") { names.append(name) }
  }
  guard !names.isEmpty else {
    throw DataError.invalid(
      DataPlace(path: folder), message: "the folder has no CSV files",
      hint: "name the folder that --output wrote, or the files themselves")
  }
  names.sort { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  let base = folder.hasSuffix("/") ? folder : folder + "/"
  return names.map { base + $0 }
}

private func checkColumns(of file: StanCSVFile, against first: StanCSVFile) throws {
  guard file.columns != first.columns else { return }
  let hint = "give the chains of one run of one model"
  if let i = zip(file.columns, first.columns).enumerated().first(where: { $1.0 != $1.1 })?.offset {
    throw file.error(
      "column \(i + 1) is '\(file.columns[i])', in \(first.path) it is '\(first.columns[i])'",
      hint: hint)
  }
  throw file.error(
    "the file has \(file.columns.count) columns, \(first.path) has \(first.columns.count)",
    hint: hint)
}

/// The variables in `run.json` beside a file, or none where there is no such file.
private func describedVariables(beside path: String) throws -> [Variable] {
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  do {
    let record = try parseJSON(path: folder + "run.json")
    return (record["variables"]?.array ?? []).compactMap(Variable.init(json:))
  } catch DataError.missing {
    return []
  }
}

/// Which columns of the files hold which scalar.
private struct StanCSVLayout {
  var variables: [Variable] = []
  /// For each scalar in declaration order, row-major, its column in the file.
  private var sources: [Int] = []
  /// For each of `DrawStatistics.columns` its column in the file; `nil` where not all are there.
  private var statisticSources: [Int]?

  init(_ file: StanCSVFile, described: [Variable]) throws {
    let positions = Dictionary(uniqueKeysWithValues: zip(file.columns, 0...))
    let statistics = DrawStatistics.columns.compactMap { positions[$0.name] }
    statisticSources = statistics.count == DrawStatistics.columns.count ? statistics : nil
    var order: [String] = []
    var ranks: [String: [Int]] = [:]  // The largest index found, by dimension.
    for column in file.columns where !column.hasSuffix("__") {
      let (name, indices) = Self.parts(column)
      if let sizes = ranks[name] {
        guard sizes.count == indices.count, !indices.isEmpty else {
          throw file.error(
            "the columns of '\(name)' have different numbers of indices", hint: nil)
        }
        ranks[name] = zip(sizes, indices).map { max($0, $1) }
      } else {
        order.append(name)
        ranks[name] = indices
      }
    }
    for name in order {
      let sizes = ranks[name]!
      let plain = Variable(
        name: name, dimensions: sizes.map { Dimension(name: "", size: $0) })
      // Sizes come from indices that may be damaged: never list more names than there are columns.
      let isPlausible =
        sizes.reduce(1.0) { $0 * Double($1) } <= Double(file.columns.count)
      let names = isPlausible ? plain.stanColumnNames : []
      let found = names.compactMap { positions[$0] }
      guard !names.isEmpty, found.count == names.count else {
        let missing = names.first { positions[$0] == nil }
        throw file.error(
          "'\(name)' lacks elements" + (missing.map { ", for example '\($0)'" } ?? ""),
          hint: "is the header damaged?")
      }
      sources += found
      variables.append(
        described.first { stanName($0.name) == name && $0.dimensions.map(\.size) == sizes } ?? plain
      )
    }
  }

  /// `theta.1.2` → `theta` and 1, 2; anything but whole positive indices belongs to the name.
  private static func parts(_ column: String) -> (name: String, indices: [Int]) {
    let parts = column.split(separator: ".", omittingEmptySubsequences: false)
    let indices = parts.dropFirst().compactMap { part in
      part.utf8.allSatisfy { (48...57).contains($0) }
        ? Int(part).flatMap { $0 > 0 ? $0 : nil } : nil
    }
    guard indices.count == parts.count - 1 else { return (column, []) }
    return (String(parts[0]), indices)
  }

  func draws(of file: StanCSVFile, count: Int) -> [Double] {
    let width = file.columns.count
    var chain: [Double] = []
    chain.reserveCapacity(count * sources.count)
    file.values.withUnsafeBufferPointer { values in
      for row in 0..<count {
        for source in sources { chain.append(values[row * width + source]) }
      }
    }
    return chain
  }

  func statistics(of files: [StanCSVFile], count: Int) throws -> [[DrawStatistics]] {
    guard let sources = statisticSources else { return [] }
    return try files.map { file in
      try (0..<count).map { row in
        let cells = sources.map { file.values[row * file.columns.count + $0] }
        guard let treeDepth = Int(exactly: cells[3]), let leapfrogs = Int(exactly: cells[4]) else {
          throw file.error(
            "draw \(row + 1) has a tree depth or number of leapfrog steps that is not whole",
            hint: "is the file damaged?")
        }
        return DrawStatistics(
          logDensity: cells[0], acceptance: cells[1], stepSize: cells[2], treeDepth: treeDepth,
          leapfrogs: leapfrogs, isDivergent: cells[5] != 0, energy: cells[6])
      }
    }
  }
}
