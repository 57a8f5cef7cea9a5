// `bayes calibrate conformal` and `conformal-apply` as programs.

import BayesCore
import Foundation
import Testing

/// A small generator of its own, so that files are the same everywhere.
private struct Numbers {
  var state: UInt64

  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }

  mutating func normal() -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
  }
}

/// Rows of three classes, overconfident, sorted by label where wanted.
private func classRows(_ count: Int, seed: UInt64, sorted: Bool = false) -> String {
  var numbers = Numbers(state: seed)
  var rows: [(label: Int, text: String)] = []
  for i in 0..<count {
    let logits = (0..<3).map { _ in 1.5 * numbers.normal() }
    let weights = logits.map { exp($0) }
    var u = numbers.uniform() * weights.reduce(0, +)
    var label = 0
    while label < 2, u > weights[label] {
      u -= weights[label]
      label += 1
    }
    let cells = logits.map { "\(2 * $0)" }.joined(separator: ",")
    rows.append((label, "\(cells),\(i % 5 == 0 ? "small town" : "city"),\(label)\n"))
  }
  if sorted { rows.sort { $0.label < $1.label } }
  return "s_ant,s_bee,s_wasp,place,label\n" + rows.map(\.text).joined()
}

/// Rows of a number with a prediction and two quantiles that are too narrow; the city's errors are 3 times as large.
private func numberRows(_ count: Int, seed: UInt64) -> String {
  var numbers = Numbers(state: seed)
  var text = "m,lower,q95,place,label\n"
  for i in 0..<count {
    let (m, isCity) = (numbers.normal(), i % 2 == 0)
    let y = m + numbers.normal() * (isCity ? 3 : 1)
    text += "\(m),\(m - 1),\(m + 1),\(isCity ? "city" : "town"),\(y)\n"
  }
  return text
}

/// The cells of the rows of a table without quotation marks, without the first.
private func cells(_ text: String) -> [[String]] {
  text.split(separator: "\n").dropFirst().map {
    $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

@Suite("bayes calibrate conformal")
struct ConformalProgramTests {
  @Test(
    "A file sorted by label covers every class by default; in its order it is not the same rows")
  func shuffled() throws {
    let scratch = try Scratch()
    try scratch.write(classRows(800, seed: 7, sorted: true), to: "c.csv")
    let words = ["calibrate", "conformal", "c.csv", "--logits", "s_ant,s_bee,s_wasp"]
    let random = try bayes(words: words, in: scratch.folder)
    #expect(random.status == 0, "\(random.errors)")
    #expect(random.output.hasPrefix("c.csv: labels in column label, logits of 3 classes.\n"))
    #expect(random.output.contains("400 rows taken at random (seed 1); measured on the other 400"))
    func rows(_ more: String...) throws -> [Int] {
      let json = try bayes(words: words + more + ["--format", "json"], in: scratch.folder).json()
      #expect(json["classes"]?.array?.map { $0["name"]?.string } == ["ant", "bee", "wasp"])
      return json["classes"]?.array?.compactMap { $0["rows"]?.integer } ?? []
    }
    #expect(try rows().allSatisfy { $0 > 90 })
    #expect(try rows("--split", "first")[0] == 0)
    #expect(try rows("--seed", "2") != rows())
    let first = try bayes(words: words + ["--split", "first"], in: scratch.folder)
    #expect(first.output.contains("from the first 400 rows; measured on the 400 after them"))
  }

  @Test("Stored thresholds give new rows the sets that their definition says")
  func applySets() throws {
    let scratch = try Scratch()
    try scratch.write(classRows(1000, seed: 1), to: "c.csv")
    try scratch.write(classRows(5000, seed: 2), to: "new.csv")
    let saved = try bayes(
      "calibrate", "conformal", "c.csv", "--logits", "s_ant,s_bee,s_wasp", "--save", "r.json",
      in: scratch.folder)
    #expect(saved.output.contains("calibrate conformal-apply r.json"), "\(saved.errors)")
    let outcome = try bayes(
      "calibrate", "conformal-apply", "r.json", "new.csv", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("s_ant,s_bee,s_wasp,place,label,set\n"))
    let record = try parseJSON(path: scratch.path("r.json"))
    let threshold = try #require(record["thresholds"]?.array?.first?["threshold"]?.number)
    var (covered, rows) = (0, 0)
    for row in cells(outcome.output) {
      let logits = row[..<3].compactMap(Double.init)
      let total = logits.reduce(0) { $0 + exp($1) }
      let names = ["ant", "bee", "wasp"]
      let wanted = (0..<3).filter { 1 - exp(logits[$0]) / total <= threshold }.map { names[$0] }
      #expect(row[5] == wanted.joined(separator: " "))
      rows += 1
      if wanted.contains(names[Int(row[4]) ?? 0]) { covered += 1 }
    }
    // 500 rows give the threshold: a standard deviation of .014 of coverage.
    #expect(rows == 5000 && abs(Double(covered) / 5000 - 0.9) < 0.05)
  }

  @Test("Groups have their own thresholds, in the record, the table and the intervals of new rows")
  func applyGroups() throws {
    let scratch = try Scratch()
    try scratch.write(numberRows(1200, seed: 3), to: "n.csv")
    try scratch.write(numberRows(4000, seed: 4), to: "new.csv")
    let saved = try bayes(
      "calibrate", "conformal", "n.csv", "--prediction", "m", "--group", "place", "--save",
      "r.json",
      "--format", "json", in: scratch.folder)
    #expect(saved.status == 0, "\(saved.errors)")
    let groups = try #require(try saved.json()["groups"]?.array)
    #expect(groups.map { $0["fit_rows"]?.integer } == [300, 300])
    let widths = groups.compactMap { $0["threshold"]?.number }
    #expect(widths[0] > 2.2 * widths[1])
    let outcome = try bayes(
      "calibrate", "conformal-apply", "r.json", "new.csv", "--output", "out.csv", in: scratch.folder
    )
    #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.errors)")
    // There is a column `lower` already.
    let text = try String(contentsOfFile: scratch.path("out.csv"), encoding: .utf8)
    #expect(text.hasPrefix("m,lower,q95,place,label,conformal_lower,conformal_upper\n"))
    var covered = ["city": 0.0, "town": 0]
    for row in cells(text) {
      let numbers = row.map { Double($0) ?? .nan }
      let half = widths[row[3] == "city" ? 0 : 1]
      #expect(abs(numbers[6] - numbers[5] - 2 * half) < 1e-12)
      if numbers[5] <= numbers[4], numbers[4] <= numbers[6] { covered[row[3], default: 0] += 1 }
    }
    #expect(covered.values.allSatisfy { abs($0 / 2000 - 0.9) < 0.06 }, "\(covered)")
    try scratch.write("m,place\n1,city\n2,village\n", to: "other.csv")
    let unknown = try bayes(
      "calibrate", "conformal-apply", "r.json", "other.csv", in: scratch.folder)
    #expect(unknown.status == 65 && unknown.errors.contains("other.csv:3"), "\(unknown.errors)")
    #expect(unknown.errors.contains("village"))
  }

  @Test("Intervals are measured as they were given before they are conformalised")
  func asGiven() throws {
    let scratch = try Scratch()
    try scratch.write(numberRows(900, seed: 5), to: "n.csv")
    let words = ["calibrate", "conformal", "n.csv", "--lower", "lower", "--upper", "q95"]
    let outcome = try bayes(words: words, in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let given = try #require(outcome.output.range(of: "As given: "))
    let mended = try #require(outcome.output.range(of: "Conformalised: "))
    #expect(given.lowerBound < mended.lowerBound && outcome.output.contains("That is not 90 %"))
    let json = try bayes(words: words + ["--format", "json"], in: scratch.folder).json()
    let own = try #require(json["as_given"])
    #expect(abs(try #require(own["mean_width"]?.number) - 2) < 1e-9)
    let coverage = try #require(own["coverage"]?.number)
    // P(|normal| < 1) is .68, and .26 with 3 times the error.
    #expect(abs(coverage - 0.47) < 0.08)
    let band = try #require(own["interval"]?.array).compactMap { $0.number }
    #expect(band[0] < coverage && coverage < band[1] && band[1] < 0.9)
    #expect(try #require(json["mean_width"]?.number) > 3)
    try scratch.write("a,b,y\n0,1,0\n2,1,0\n", to: "crossed.csv")
    let crossed = try bayes(
      "calibrate", "conformal", "crossed.csv", "--lower", "a", "--upper", "b", in: scratch.folder)
    #expect(crossed.status == 65 && crossed.errors.contains("crossed.csv:3:1"), "\(crossed.errors)")
  }

  @Test("Thresholds by class, settings of RAPS, and empty sets are told")
  func settings() throws {
    let scratch = try Scratch()
    try scratch.write(classRows(900, seed: 11), to: "c.csv")
    let words = ["calibrate", "conformal", "c.csv", "--logits", "s_ant,s_bee,s_wasp"]
    let classes = try bayes(
      words: words + ["--by-class", "--format", "json", "--save", "r.json"], in: scratch.folder
    ).json()
    let found = try #require(classes["classes"]?.array)
    #expect(
      found.allSatisfy { $0["threshold"]?.number != nil && $0["coverage_band"]?.array != nil })
    #expect(Set(found.compactMap { $0["threshold"]?.number }).count == 3)
    #expect(
      try bayes("calibrate", "conformal-apply", "r.json", "c.csv", in: scratch.folder).status == 0)
    func meanSize(_ more: String...) throws -> Double {
      let sizes = try bayes(words: words + more + ["--format", "json"], in: scratch.folder).json()[
        "sizes"]?.array?.compactMap(\.number)
      return try #require(sizes).enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
    }
    let large = try meanSize("--score", "raps", "--raps-penalty", "0", "--raps-rank", "0")
    #expect(large == (try meanSize("--score", "aps")))
    let small = try meanSize("--score", "raps", "--raps-penalty", "3", "--raps-rank", "1")
    #expect(small != large)
    let raps = try bayes(
      words: words + ["--score", "raps", "--raps-penalty", "3", "--raps-rank", "1"],
      in: scratch.folder)
    #expect(raps.output.contains("λ = 3 beyond rank 1"))
    let free = try bayes(words: words + ["--score", "raps"], in: scratch.folder)
    #expect(free.output.contains("this is aps") && !raps.output.contains("this is aps"))
    let low = try bayes(words: words + ["--level", "0.3"], in: scratch.folder)
    #expect(low.output.contains("sets are empty"), "\(low.output)")
  }

  @Test(
    "Options that contradict one another are refused",
    arguments: [
      "--prediction m --probability p", "--prediction m --score aps",
      "--prediction m --lower lower",
      "--lower lower", "--prediction m --by-class", "--raps-penalty 1", "--score aps --raps-rank 2",
      "--by-class --group place", "--prediction m --test n.csv --split first",
      "--prediction m --test n.csv --fit-rows 3", "--prediction m --level 1",
      "--prediction m --fit-rows 20",
    ])
  func contradictions(words: String) throws {
    let scratch = try Scratch()
    try scratch.write(numberRows(20, seed: 1), to: "n.csv")
    let outcome = try bayes(
      words: ["calibrate", "conformal", "n.csv"] + words.split(separator: " ").map(String.init),
      in: scratch.folder)
    #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome.errors)")
  }

  @Test("Damaged thresholds, other columns and bad cells are refused with their place")
  func badRecords() throws {
    let scratch = try Scratch()
    try scratch.write(numberRows(40, seed: 1), to: "n.csv")
    _ = try bayes(
      "calibrate", "conformal", "n.csv", "--prediction", "m", "--save", "r.json", in: scratch.folder
    )
    let text = try String(contentsOfFile: scratch.path("r.json"), encoding: .utf8)
    try scratch.write(text.replacingOccurrences(of: "0.9", with: "1.9"), to: "level.json")
    try scratch.write(String(text.dropLast(20)), to: "cut.json")
    try scratch.write("{\"format\": \"bayes calibration map\", \"version\": 1}", to: "map.json")
    try scratch.write("m\n1\nx\n", to: "bad.csv")
    try scratch.write("n\n1\n", to: "other.csv")
    for (record, rows, status, message) in [
      ("level.json", "n.csv", 65, "level.json:5"), ("cut.json", "n.csv", 65, "cut.json:"),
      ("map.json", "n.csv", 65, "no conformal thresholds"), ("none.json", "n.csv", 66, "none.json"),
      ("r.json", "bad.csv", 65, "bad.csv:3:1"), ("r.json", "other.csv", 65, "no column m"),
    ] as [(String, String, Int32, String)] {
      let outcome = try bayes("calibrate", "conformal-apply", record, rows, in: scratch.folder)
      #expect(outcome.status == status && outcome.errors.contains(message), "\(outcome.errors)")
    }
    let renamed = try bayes(
      "calibrate", "conformal-apply", "r.json", "other.csv", "--columns", "n", in: scratch.folder)
    #expect(renamed.status == 0 && renamed.output.hasPrefix("n,lower,upper\n1,"))
    let same = try bayes(
      "calibrate", "conformal-apply", "r.json", "n.csv", "--output", "n.csv", in: scratch.folder)
    #expect(same.status == 64)
  }

  @Test("Without enough rows bounds are empty cells")
  func whole() throws {
    let scratch = try Scratch()
    try scratch.write(numberRows(8, seed: 1), to: "n.csv")
    _ = try bayes(
      "calibrate", "conformal", "n.csv", "--prediction", "m", "--save", "r.json", in: scratch.folder
    )
    try scratch.write("m\n1\n", to: "new.csv")
    let outcome = try bayes(
      "calibrate", "conformal-apply", "r.json", "new.csv", in: scratch.folder)
    #expect(outcome.output == "m,lower,upper\n1,,\n", "\(outcome.errors)")
  }

  @Test("An interval whose quantiles are too near to one another is its middle, and is counted")
  func empty() throws {
    let scratch = try Scratch()
    let rows = (0..<60).map { "\($0 - 10),\($0 + 10),\(Double($0) + Double($0 % 7) / 10)\n" }
    try scratch.write("a,b,y\n" + rows.joined(), to: "n.csv")
    _ = try bayes(
      "calibrate", "conformal", "n.csv", "--lower", "a", "--upper", "b", "--save", "r.json",
      in: scratch.folder)
    let record = try parseJSON(path: scratch.path("r.json"))
    let q = try #require(record["thresholds"]?.array?.first?["threshold"]?.number)
    #expect(q < -9)
    try scratch.write("a,b\n0,1\n0,100\n", to: "new.csv")
    let outcome = try bayes(
      "calibrate", "conformal-apply", "r.json", "new.csv", in: scratch.folder)
    #expect(
      outcome.output == "a,b,lower,upper\n0,1,0.5,0.5\n0,100,\(-q),\(100 + q)\n",
      "\(outcome.errors)")
    #expect(outcome.errors.contains("1 interval is empty"))
  }

  @Test("Rows with empty cells stop the command, or are left out and counted")
  func missing() throws {
    let scratch = try Scratch()
    var text = numberRows(40, seed: 1)
    text += "NA,0,1,city,1\n,0,1,city,1\n"
    try scratch.write(text, to: "n.csv")
    let words = ["calibrate", "conformal", "n.csv", "--prediction", "m"]
    let stopped = try bayes(words: words, in: scratch.folder)
    #expect(stopped.status == 65 && stopped.errors.contains("n.csv:42"), "\(stopped.errors)")
    let skipping = words + ["--skip-missing", "--save", "r.json"]
    let left = try bayes(words: skipping, in: scratch.folder)
    #expect(left.output.contains("2 rows with empty cells left out"), "\(left.errors)")
    let refused = try bayes(
      "calibrate", "conformal-apply", "r.json", "n.csv", "--output", "o.csv", in: scratch.folder)
    #expect(refused.status == 65 && !FileManager.default.fileExists(atPath: scratch.path("o.csv")))
    let applied = try bayes(
      "calibrate", "conformal-apply", "r.json", "n.csv", "--skip-missing", in: scratch.folder)
    #expect(applied.status == 0 && cells(applied.output).count == 40)
    #expect(applied.errors.contains("2 rows"))
  }

  @Test("Labels by name, of two classes or of the columns, and probabilities that were rounded")
  func names() throws {
    let scratch = try Scratch()
    var numbers = Numbers(state: 3)
    var (two, three) = ("p,y\n", "p_a,p_b,p_c,y\n")
    for _ in 0..<200 {
      let p = numbers.uniform()
      two += "\(p),\(numbers.uniform() < p ? "won" : "lost")\n"
      three += "0.33,0.33,0.33,\(["a", "b", "c"][Int(3 * numbers.uniform())])\n"
    }
    try scratch.write(two, to: "two.csv")
    try scratch.write(three, to: "three.csv")
    let words = ["calibrate", "conformal", "two.csv", "--save", "r.json"]
    #expect(try bayes(words: words, in: scratch.folder).status == 65)
    #expect(try bayes(words: words + ["--positive", "won"], in: scratch.folder).status == 0)
    let classes = [
      "calibrate", "conformal", "three.csv", "--probabilities", "p_a,p_b,p_c", "--save", "t.json",
    ]
    #expect(try bayes(words: classes, in: scratch.folder).status == 65)
    #expect(try bayes(words: classes + ["--normalise"], in: scratch.folder).status == 0)
    let apply = ["calibrate", "conformal-apply", "t.json", "three.csv"]
    #expect(try bayes(words: apply, in: scratch.folder).status == 65)
    #expect(
      try bayes(words: apply + ["--normalise"], in: scratch.folder).output.contains(",a b c\n"))
  }
}
