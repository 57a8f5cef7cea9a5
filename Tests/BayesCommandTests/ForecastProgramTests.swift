// `bayes calibrate forecast` as a program: series, and forecasts of one's own.

import BayesCore
import Foundation
import Testing

/// Normal numbers, the same everywhere.
private func normals(_ count: Int, seed: UInt64) -> [Double] {
  var state = seed
  func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (Double(state >> 11) + 0.5) * 0x1p-53
  }
  return (0..<count).map { _ in
    (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
  }
}

private func series(_ values: [Double]) -> String {
  "value\n" + values.map { "\($0)\n" }.joined()
}

/// A random walk.
private func walk(_ count: Int, seed: UInt64) -> [Double] {
  var level = 0.0
  return normals(count, seed: seed).map { step in
    level += step
    return level
  }
}

@Suite("bayes calibrate forecast")
struct ForecastProgramTests {
  @Test("The p of transforms is of forecasts one step ahead, which are independent")
  func transforms() throws {
    // The right model of 20 walks, 12 steps ahead: all transforms together would be rejected nearly always.
    let scratch = try Scratch()
    var rejected = 0
    for seed in 1...20 {
      try scratch.write(series(walk(140, seed: UInt64(seed))), to: "s.csv")
      let json = try bayes(
        "calibrate", "forecast", "s.csv", "--methods", "last", "--horizon", "12", "--step", "4",
        "--format", "json", in: scratch.folder
      ).json()
      let method = try #require(json["methods"]?.array?.first)
      if try #require(method["pit_p_value"]?.number) < 0.05 { rejected += 1 }
      #expect(method["overall"]?["levels"]?.array?[0]["band"]?.array == nil)
      let byHorizon = try #require(method["by_horizon"]?.array)
      // 4 rows from window to window: 4 steps ahead no error is shared, 5 steps ahead one is.
      #expect(byHorizon[3]["levels"]?.array?[0]["band"]?.array != nil)
      #expect(byHorizon[4]["levels"]?.array?[0]["band"]?.array == nil)
    }
    #expect(rejected <= 4)
    let text = try bayes(
      "calibrate", "forecast", "s.csv", "--methods", "last,mean", "--horizon", "12", "--step", "12",
      in: scratch.folder
    ).output
    #expect(text.contains("p of PIT, 1 step") && text.contains("share errors"), "\(text)")
    #expect(!text.contains("(binomial)"))
  }

  @Test("Coverage has the band that right intervals have, and a mark outside of it")
  func coverage() throws {
    let scratch = try Scratch()
    try scratch.write(series(walk(200, seed: 5)), to: "s.csv")
    let outcome = try bayes(
      "calibrate", "forecast", "s.csv", "--methods", "last,mean", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    // Of binomial(180, ½), 77 to 103 hold 95 %: 0.428 to 0.572.
    #expect(outcome.output.contains("0.428 to 0.572 at 50 %"), "\(outcome.output)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("last value ") && !$0.contains("*") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("mean ") && $0.contains("*") && $0.contains("< 0.001") })
    #expect(!outcome.output.contains(" 0.000\n"), "a probability is never 0.000")
    #expect(outcome.output.contains("CRPS less that of last value"))
    let json = try bayes(
      "calibrate", "forecast", "s.csv", "--methods", "last,mean", "--format", "json",
      in: scratch.folder
    ).json()
    let methods = try #require(json["methods"]?.array)
    let difference = try #require(methods[1]["crps_difference"])
    let scores = methods.compactMap { $0["overall"]?["crps"]?.number }
    #expect(abs(try #require(difference["mean"]?.number) - (scores[1] - scores[0])) < 1e-9)
    #expect(try #require(difference["interval"]?.array?.first?.number) > 0)
    #expect(difference["lags"]?.integer == 18)
  }

  @Test("A constant series is called one, and a season adds a method or is hinted at")
  func comments() throws {
    let scratch = try Scratch()
    try scratch.write(series(Array(repeating: 5, count: 40)), to: "k.csv")
    let constant = try bayes("calibrate", "forecast", "k.csv", in: scratch.folder)
    #expect(constant.status == 0 && constant.output.contains("All values are 5"))
    #expect(!constant.output.contains("1.000") && !constant.output.contains("(binomial)"))
    let pattern: [Double] = [1, 4, 9, 2]
    let values: [Double] = (0..<60).map { (i: Int) -> Double in
      pattern[i % 4] + 0.1 * Double(i * 7 % 5)
    }
    try scratch.write(series(values), to: "s.csv")
    let plain = try bayes("calibrate", "forecast", "s.csv", in: scratch.folder)
    #expect(plain.output.contains("--season") && !plain.output.contains("same season"))
    let season = try bayes("calibrate", "forecast", "s.csv", "--season", "4", in: scratch.folder)
    #expect(season.output.contains("same season, period 4") && !season.output.contains("--season"))
  }

  @Test("One's own forecasts: normal, intervals and draws, each with the scores it can have")
  func own() throws {
    let scratch = try Scratch()
    let z = normals(6000, seed: 9)
    var text = "y,m,s,q05,q95,d1,d2,d3,d4,d5,d6,d7,d8,d9\n"
    for i in 0..<500 {
      let m = z[12 * i]
      let draws = (2...10).map { "\(m + 2 * z[12 * i + $0])" }.joined(separator: ",")
      text += "\(m + 2 * z[12 * i + 1]),\(m),2,\(m - 3.28971),\(m + 3.28971),\(draws)\n"
    }
    try scratch.write(text, to: "mine.csv")
    let words = [
      "calibrate", "forecast", "mine.csv", "--actual", "y", "--mean", "m", "--sd", "s", "--lower",
      "q05", "--upper", "q95", "--draws", "d*",
    ]
    let outcome = try bayes(words: words, in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("normal m, s") && outcome.output.contains("9 draws"))
    #expect(outcome.output.contains("9 draws can reach a level of 80 % at most"))
    let json = try bayes(words: words + ["--format", "json"], in: scratch.folder).json()
    let methods = try #require(json["methods"]?.array)
    #expect(methods.count == 3)
    let normal = try #require(methods[0]["overall"])
    // The CRPS of a right normal forecast is σ/√π, the MAE σ√(2/π).
    #expect(abs(try #require(normal["crps"]?.number) - 2 / Double.pi.squareRoot()) < 0.08)
    #expect(abs(try #require(normal["mae"]?.number) - 2 * (2 / Double.pi).squareRoot()) < 0.15)
    #expect(try #require(methods[0]["pit_p_value"]?.number) > 0.01)
    #expect(try #require(methods[1]["pit_p_value"]?.number) > 0.01)
    // The interval is the normal forecast's own, so that both are covered and scored alike.
    let level = try #require(normal["levels"]?.array?.last)
    let interval = try #require(methods[2]["interval"])
    #expect(interval["coverage"]?.number == level["coverage"]?.number)
    let own = try #require(interval["interval_score"]?.number)
    let score = try #require(level["interval_score"]?.number)
    #expect(abs(own - score) < 1e-3)
    // Nine draws have a CRPS above that of the distribution behind them, but for the unbiased one.
    let draws = try #require(methods[1]["overall"])
    let crps = try #require(draws["crps"]?.number)
    #expect(try #require(draws["fair_crps"]?.number) < crps)
    #expect(try #require(methods[1]["crps_difference"]?["interval"]?.array?[0].number) > 0)
  }

  @Test("Own intervals alone are one short table; several steps ahead have no band and no p")
  func intervals() throws {
    let scratch = try Scratch()
    let z = normals(400, seed: 3)
    try scratch.write(
      "y,a,b,s\n" + z.map { "\($0),-1,1,1\n" }.joined(), to: "mine.csv")
    let outcome = try bayes(
      "calibrate", "forecast", "mine.csv", "--actual", "y", "--lower", "a", "--upper", "b",
      "--level", "0.9", in: scratch.folder)
    #expect(outcome.output.contains("interval a to b") && outcome.output.contains("*"))
    #expect(!outcome.output.contains("CRPS") && outcome.output.contains("Score of 90 %"))
    let later = try bayes(
      "calibrate", "forecast", "mine.csv", "--actual", "y", "--mean", "a", "--sd", "s", "--horizon",
      "3", in: scratch.folder)
    #expect(later.output.contains("No p of PIT") && !later.output.contains("(binomial)"))
    for (words, status) in [
      ("--lower b --upper a", 65), ("--mean a", 64), ("--lower a", 64), ("--draws q*", 64),
      ("", 64), ("--lower a --upper b --methods last", 64), ("--mean s --sd a", 65),
      ("--draws a,a", 64), ("--mean s --sd none", 65), ("--mean y --sd s", 64),
    ] as [(String, Int32)] {
      let refused = try bayes(
        words: ["calibrate", "forecast", "mine.csv", "--actual", "y"]
          + words.split(separator: " ").map(String.init), in: scratch.folder)
      #expect(refused.status == status && refused.output.isEmpty, "\(words): \(refused.errors)")
    }
    let missing = try bayes(
      "calibrate", "forecast", "mine.csv", "--value", "y", "--lower", "a", "--upper", "b",
      in: scratch.folder)
    #expect(missing.status == 64 && missing.errors.contains("--actual"))
  }
}
