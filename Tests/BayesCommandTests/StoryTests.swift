// The stories of examples/: what they print is what the program prints.

import Foundation
import Testing

/// A command of a story with the lines that stand below it.
private struct Shown {
  let words: [String]
  let lines: [String]
}

@Suite struct StoryTests {
  @Test(
    "Every output of a story is the program's",
    arguments: [
      ("old_faithful", 6), ("bandit_log", 6), ("bandit_online", 7), ("ab_test", 5),
      ("calibration", 6),
    ])
  func story(name: String, commandCount: Int) throws {
    let shown = try commands(in: packageRoot + "examples/\(name)/README.md")
    #expect(shown.count >= commandCount)
    let scratch = try Scratch()
    for folder in ["models", "examples"] {
      try FileManager.default.createSymbolicLink(
        atPath: scratch.path(folder), withDestinationPath: packageRoot + folder)
    }
    for command in shown {
      let found: [Substring]
      if command.words[0] == "head" {
        let text = try String(contentsOfFile: scratch.path(command.words[2]), encoding: .utf8)
        found = [Substring](text.split(separator: "\n").prefix(command.lines.count))
      } else {
        let outcome = try bayes(words: Array(command.words.dropFirst()), in: scratch.folder)
        #expect(outcome.status == 0, "\(command.words): \(outcome.errors)")
        found = outcome.output.split(separator: "\n")
      }
      let isSample = command.words.contains("sample")
      let mismatch = firstMismatch(
        command.lines, found.map(String.init), isSample ? agreesWithinDraws : agrees)
      #expect(mismatch == nil, "\(command.words.joined(separator: " ")): \(mismatch ?? "")")
    }
  }

  private func commands(in path: String) throws -> [Shown] {
    let blocks = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "```")
    return stride(from: 1, to: blocks.count, by: 2).compactMap { index in
      let lines = blocks[index].split(separator: "\n").map(String.init)
      guard let first = lines.first, first.hasPrefix("$ ") else { return nil }
      return Shown(
        words: first.dropFirst(2).split(separator: " ").map(String.init),
        lines: Array(lines.dropFirst()))
    }
  }

  /// The first line of the story that the output does not have; `…` stands for any lines.
  private func firstMismatch(
    _ shown: [String], _ found: [String], _ agree: (String, String) -> Bool
  ) -> String? {
    var rest = found[...]
    var mayPass = false
    for line in shown {
      if line == "…" {
        mayPass = true
        continue
      }
      if mayPass { rest = rest.drop { !agree(line, $0) } }
      mayPass = false
      guard let next = rest.popFirst() else { return "\(line)\n  is not in the output" }
      guard agree(line, next) else { return "\(line)\n  is in the output\n\(next)" }
    }
    return mayPass || rest.isEmpty ? nil : "the output goes on with\n\(rest.first!)"
  }

  /// The same words, and numbers that differ by rounding; how many starts went where is no part of it.
  private func agrees(_ shown: String, _ found: String) -> Bool {
    if shown.contains("restarts: ") { return found.contains("restarts: ") }
    var (a, b) = (tokens(shown), tokens(found))
    if let place = a.firstIndex(of: "of"), place > 4, b.contains("of") {
      (a, b) = (Array(a[..<(place - 1)]), Array(b[..<(b.firstIndex(of: "of")! - 1)]))
    }
    return a.count == b.count && zip(a, b).allSatisfy(sameToken)
  }

  private func sameToken(_ shown: String, _ found: String) -> Bool {
    guard let a = Double(shown), let b = Double(found) else { return shown == found }
    // Two units of the last place shown; probabilities in full precision agree to a hundredth.
    let places = shown.split(separator: ".").dropFirst().first?.count ?? 0
    let unit = places > 8 ? 1e-2 * abs(a) : places > 0 ? 2 * pow(10, -Double(places)) : 0
    return abs(a - b) <= unit * (1 + 1e-9)
  }

  /// The same words, and means within half a standard deviation: draws differ between processors.
  private func agreesWithinDraws(_ shown: String, _ found: String) -> Bool {
    if shown.hasPrefix("Largest R-hat") { return found.hasPrefix("Largest R-hat") }
    let (a, b) = (tokens(shown), tokens(found))
    guard a.count == b.count else { return false }
    let numbers = a.indices.filter { Double(a[$0]) != nil }
    guard a.indices.allSatisfy({ numbers.contains($0) || a[$0] == b[$0] }) else { return false }
    guard numbers.count == 9, let mean = Double(b[1]) else { return true }
    return abs(mean - Double(a[1])!) < 0.5 * Double(a[2])!
  }

  private func tokens(_ line: String) -> [String] {
    line.replacingOccurrences(of: ", from the cache", with: "")
      .split { $0 == " " || $0 == "," || $0 == "(" || $0 == ")" }
      .map { $0.hasSuffix(".") || $0.hasSuffix(";") ? String($0.dropLast()) : String($0) }
  }
}
