// The examples: every command of the tour runs, and the example package compiles and runs.

import Foundation
import Testing

@Suite(.serialized) struct ExampleTests {
  /// The commands of the tour: the lines that start with `$ ./bayes`.
  static let commands: [[String]] = {
    let text =
      (try? String(contentsOfFile: packageRoot + "examples/tour.md", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix("$ ./bayes ") }.map { line in
      line.split(separator: " ").dropFirst(2).map(String.init)
    }
  }()

  @Test("Every command of the tour succeeds, in the order of the tour") func tour() throws {
    #expect(Self.commands.count >= 8)
    let scratch = try Scratch()
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("models"), withDestinationPath: packageRoot + "models")
    for command in Self.commands {
      let outcome = try bayes(words: command, in: scratch.folder)
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
      #expect(!(outcome.output + outcome.errors).isEmpty, "\(command) says something")
    }
  }

  @Test("The example package compiles against the library and answers") func package() throws {
    let scratch = try Scratch()
    let folder = packageRoot + "examples/schools_package/Sources/Schools/"
    let release = URL(filePath: program).deletingLastPathComponent().path(percentEncoded: false)
    let sources = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
      folder + $0
    }
    let compiler = try run(
      "/usr/bin/env",
      [
        "swiftc", "-parse-as-library", "-swift-version", "6", "-warnings-as-errors", "-Onone",
        "-I", release + "Modules", "-I", packageRoot + "Sources/CGSL", "-I",
        packageRoot + "Sources/COpenBLAS", "-I", packageRoot + "Sources/CSQLite", "-L", release,
        "-lBayes", "-Xlinker", "-rpath",
        "-Xlinker", release, "-o", scratch.path("schools"),
      ] + sources)
    #expect(compiler.status == 0, "\(compiler.output)")
    let answer = try run(scratch.path("schools"), [])
    #expect(answer.status == 0)
    let probability = answer.output.split(separator: "\n").first?.split(separator: " ").last
    let value = try #require(probability.flatMap { Double($0) })
    // The first school has the largest effect and error: about one half beats chance of 1/8.
    #expect(value > 0.15 && value < 0.5)
  }

  @Test("The Swift code of the README has the types of the library") func readme() throws {
    let scratch = try Scratch()
    let release = URL(filePath: program).deletingLastPathComponent().path(percentEncoded: false)
    let blocks = try String(contentsOfFile: packageRoot + "README.md", encoding: .utf8)
      .components(separatedBy: "```swift\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
      .filter { !$0.contains("…") }
    #expect(blocks.count >= 7)
    // What readers have before: scores of their own.
    var text = "import Bayes\nlet labels = [0, 1, 1], logits = [0.5, -1, 2]\n"
    for block in blocks.map({ $0.replacing("import Bayes\n", with: "") }) {
      text +=
        block.contains("@main") ? block.replacing("@main ", with: "") : "do {\n\(block)\n}\n"
    }
    try text.write(toFile: scratch.path("main.swift"), atomically: true, encoding: .utf8)
    let compiler = try run(
      "/usr/bin/env",
      [
        "swiftc", "-typecheck", "-swift-version", "6", "-I", release + "Modules", "-I",
        packageRoot + "Sources/CGSL", "-I", packageRoot + "Sources/COpenBLAS", "-I",
        packageRoot + "Sources/CSQLite", scratch.path("main.swift"),
      ])
    #expect(compiler.status == 0, "\(compiler.output)")
  }

  @Test("The example package's manifest resolves") func manifest() throws {
    let outcome = try run(
      "/usr/bin/env",
      [
        "swift", "package", "--package-path", packageRoot + "examples/schools_package",
        "dump-package",
      ])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("\"Schools\""))
  }

  private func run(_ path: String, _ words: [String]) throws -> (status: Int32, output: String) {
    let scratch = try Scratch()
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment
      .merging(["OPENBLAS_NUM_THREADS": "1"]) { $1 }
    let file = scratch.path("output")
    try Data().write(to: URL(filePath: file))
    let handle = try FileHandle(forWritingTo: URL(filePath: file))
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: file, encoding: .utf8))
  }
}
