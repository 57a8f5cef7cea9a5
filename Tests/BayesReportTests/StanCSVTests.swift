// CmdStan files: what is written, what is read back, and what is refused.

import BayesCore
import BayesReport
import Glibc
import Testing

/// A folder that is removed after the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/bayes-report-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    if let names = try? entries() { for name in names { unlink("\(path)/\(name)") } }
    rmdir(path)
  }

  func entries() throws -> [String] {
    let stream = try #require(opendir(path))
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Writes a file and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    try writeFile(text, to: "\(path)/\(name)")
    return "\(path)/\(name)"
  }
}

@Suite("CmdStan files")
struct StanCSVTests {
  static let variables = [
    Variable(name: "mu"),
    Variable(
      name: "theta", role: .derived,
      dimensions: [Dimension(name: "school", size: 2, labels: ["Choate", "Phillips, A"])]),
    Variable(
      name: "a.L", dimensions: [Dimension(name: "", size: 2), Dimension(name: "", size: 3)]),
  ]

  static func statistics(_ i: Int) -> DrawStatistics {
    DrawStatistics(
      logDensity: -4.5 - Double(i), acceptance: 0.9, stepSize: 0.1 + 0.2, treeDepth: 3,
      leapfrogs: 7,
      isDivergent: i == 1, energy: 6.25)
  }

  static func row(_ i: Int) -> [Double] { (0..<9).map { Double($0) + Double(i) / 7 } }

  private func write(to path: String, chain: Int = 1, rows: Int = 2) throws {
    let writer = try StanCSVWriter(
      path: path,
      header: StanCSVHeader(
        model: "eight schools", chain: chain, seed: .max, draws: rows, warmup: 100, version: "0.1"),
      variables: Self.variables)
    try writer.write(
      StanCSVAdaptation(stepSize: 0.25, inverseMetric: .diagonal([1, 0.5, 2])))
    for i in 0..<rows { try writer.append(Self.row(i), statistics: Self.statistics(i)) }
    try writer.finish(warmupSeconds: 0.5, samplingSeconds: 1.25)
  }

  @Test(
    "A file has CmdStan's form: settings, columns with matrices column-major, adaptation, times")
  func golden() throws {
    let folder = try TemporaryFolder()
    try write(to: folder.path + "/chain-1.csv", rows: 1)
    let bytes = try readFileBytes(folder.path + "/chain-1.csv")
    #expect(
      String(decoding: bytes.dropLast(), as: UTF8.self) == """
        # generator = bayes 0.1
        # model = eight_schools
        # method = sample (Default)
        #   sample
        #     num_samples = 1
        #     num_warmup = 100
        #     save_warmup = 0
        #     thin = 1
        #     adapt
        #       engaged = 1
        #       delta = 0.8
        #     algorithm = hmc (Default)
        #       hmc
        #         engine = nuts
        #           nuts
        #             max_depth = 10
        #         metric = diag_e
        # id = 1
        # random
        #   seed = 18446744073709551615
        lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__,mu,theta.1,\
        theta.2,a_L.1.1,a_L.2.1,a_L.1.2,a_L.2.2,a_L.1.3,a_L.2.3
        # Adaptation terminated
        # Step size = 0.25
        # Diagonal elements of inverse mass matrix:
        # 1.0, 0.5, 2.0
        -4.5,0.9,0.30000000000000004,3,7,0,6.25,0.0,1.0,2.0,3.0,6.0,4.0,7.0,5.0,8.0
        #
        #  Elapsed Time: 0.500 seconds (Warm-up)
        #                1.250 seconds (Sampling)
        #                1.750 seconds (Total)
        #

        """)
  }

  @Test("What was written reads back to the same bits, with labels from run.json beside it")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let paths = (1...2).map { "\(folder.path)/chain-\($0).csv" }
    for (i, path) in paths.enumerated() { try write(to: path, chain: i + 1) }

    let plain = try readStanCSV(paths)
    #expect(plain.columnNames.prefix(4) == ["mu", "theta[1]", "theta[2]", "a_L[1,1]"])

    let record: JSONValue = ["variables": JSONValue(.array(Self.variables.map(\.json)))]
    _ = try folder.file("run.json", jsonText(record, indented: true))
    let draws = try readStanCSV(paths)
    #expect(draws.variables == Self.variables)
    #expect(draws.chains == Array(repeating: Self.row(0) + Self.row(1), count: 2))
    #expect(
      draws.statistics == Array(repeating: [Self.statistics(0), Self.statistics(1)], count: 2))
    #expect(try stanCSVFiles(in: folder.path) == paths)
  }

  @Test("CmdStan's saved warmup is dropped, other samplers' columns are not asked for")
  func cmdStan() throws {
    let folder = try TemporaryFolder()
    let header = "# num_warmup = 5\n# save_warmup = true\n# thin = 2 (Default)\nlp__,z.2,z.1,w:1\n"
    let path = try folder.file(
      "a.csv",
      header + "1,2,3,4\n1,2,3,4\n1,2,3,4\n# Adaptation terminated\n-1,5,6,7\r\n# end\n-2,8,9,1\n")
    let draws = try readStanCSV([path])
    #expect(draws.variables.map(\.name) == ["z", "w:1"])
    #expect(draws.chains == [[6, 5, 7, 9, 8, 1]])
    #expect(draws.statistics.isEmpty)
    let unmarked = try folder.file("b.csv", header + "1,2,3,4\n1,2,3,4\n1,2,3,4\n-1,5,6,7\n")
    #expect(try readStanCSV([unmarked]).chains == [[6, 5, 7]])
  }

  @Test(
    "A damaged file is refused with the line",
    arguments: [
      (
        "mu,x\n1,2\n3",
        ":3: error: the last line is cut off: it has 1 of 2 cells and no line break\n"
          + "  hint: remove the line to use the draws before it"
      ),
      (
        "mu,x\n1,2\n3,4",
        ":3: error: the last line is cut off: it has 2 of 2 cells and no line break\n"
          + "  hint: remove the line to use the draws before it"
      ),
      (
        "# c\nmu,x\n1,2\n3\n4,5\n",
        ":4: error: the row has 1 cells, where 2 were expected\n  hint: is the file damaged?"
      ),
      (
        "mu,x\n1,2\n3,abc\n",
        ":3:3: error: found \"abc\" where a number was expected\n  hint: is the file damaged?"
      ),
      ("mu,x\n", ": error: the file has no draws\n  hint: was the run ended during warmup?"),
      (
        "# only\n",
        ": error: the file has no header of column names\n  hint: is it a CSV file of draws?"
      ),
      (
        "1,2\n3,4\n",
        ":1: error: found numbers where the column names were expected\n"
          + "  hint: is it a CSV file of draws?"
      ),
      (
        "x.1,x.3\n1,2\n",
        ": error: 'x' lacks elements\n  hint: is the header damaged?"
      ),
      ("x.1,x.2.1\n1,2\n", ": error: the columns of 'x' have different numbers of indices"),
      ("mu,mu\n1,2\n", ":1: error: two columns are named 'mu'"),
    ] as [(String, String)])
  func damaged(text: String, expected: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.csv", text)
    let error = #expect(throws: DataError.self) { try readStanCSV([path]) }
    #expect(error.map { "\($0)" } == path + expected)
  }

  @Test("Chains that do not belong together are refused, unequal ones can be cut")
  func unequalChains() throws {
    let folder = try TemporaryFolder()
    let a = try folder.file("a.csv", "mu,x\n1,2\n3,4\n")
    let b = try folder.file("b.csv", "mu,y\n1,2\n3,4\n")
    let c = try folder.file("c.csv", "mu,x\n5,6\n")
    let names = #expect(throws: DataError.self) { try readStanCSV([a, b]) }
    #expect(
      names.map { "\($0)" } == "\(b): error: column 2 is 'y', in \(a) it is 'x'\n"
        + "  hint: give the chains of one run of one model")
    let lengths = #expect(throws: DataError.self) { try readStanCSV([a, c]) }
    #expect(
      lengths.map { "\($0)" } == "\(c): error: the chain has 1 draws, that of \(a) has 2\n"
        + "  hint: was the run interrupted? give chains of equal length")
    #expect(try readStanCSV([a, c], cuttingToShortest: true).chains == [[1, 2], [5, 6]])
  }

  @Test("A full disk and an impossible place are told apart")
  func outputErrors() throws {
    let header = StanCSVHeader(model: "m", chain: 1, seed: 1, draws: 1, warmup: 1, version: "0")
    #expect(
      throws: OutputError.writeFailed(path: "/dev/full", reason: "no space left on device")
    ) { try StanCSVWriter(path: "/dev/full", header: header, variables: []) }
    #expect(
      throws: OutputError.cannotCreate(path: "/nowhere/a.csv", reason: "no such file or directory")
    ) { try StanCSVWriter(path: "/nowhere/a.csv", header: header, variables: []) }
    #expect(
      throws: OutputError.cannotCreate(path: "/dev/null/a", reason: "not a directory")
    ) { try createFolder("/dev/null/a") }
    #expect(throws: OutputError.self) { try writeFile("x", to: "/nowhere/run.json") }
  }

  @Test("A write that fails leaves whole rows behind")
  func fullDisk() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let path = folder.path + "/a.csv"
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 100_001, rlim_max: 100_001)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let header = StanCSVHeader(model: "m", chain: 1, seed: 1, draws: 1, warmup: 0, version: "0")
      let writer = try StanCSVWriter(
        path: path, header: header, variables: [Variable(name: "mu")])
      let error = #expect(throws: OutputError.self) {
        for i in 0..<100_000 {
          try writer.append([Double(i)], statistics: StanCSVTests.statistics(i))
        }
      }
      #expect(error == .writeFailed(path: path, reason: "file too large"))
      let draws = try readStanCSV([path])
      #expect(draws.drawCount > 1000)
      #expect(draws.chains[0] == (0..<draws.drawCount).map(Double.init))
    }
  }
}
