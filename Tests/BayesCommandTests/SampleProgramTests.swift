// `sample` and its neighbours end to end: what reaches which stream, files and exit codes.

import BayesCore
import Foundation
import Testing

private let models = [
  "bandit_rates", "beta_binomial", "category_rates", "eight_schools", "gaussian_mixture",
  "gaussian_mixture_2d", "linear_regression", "logistic_regression", "mixture_of_regressions",
  "poisson_mixture", "radon",
  "zero_inflated",
]

@Suite(.serialized) struct SampleProgramTests {
  @Test("Every ready model samples with its own data", arguments: models)
  func everyModel(_ name: String) throws {
    let outcome = try bayes(
      "sample", "models/\(name).swift", "--seed", "1", "--warmup", "300", "--draws", "200",
      "--format", "json", "--quiet")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let found = try outcome.json()
    let variables = try #require(found["variables"]?.array)
    #expect(!variables.isEmpty)
    for variable in variables {
      for key in ["mean", "sd", "mcse_mean", "q5", "median", "q95", "ess_bulk", "ess_tail"] {
        #expect(variable[key]?.number != nil, "\(variable["name"]?.string ?? "?") has no \(key)")
      }
      #expect((variable["r_hat"]?.number ?? 9) < 1.1)
    }
    let seconds = try #require(found["sampler"]?["seconds"])
    for key in ["compile_model", "compile_kernel", "warmup", "sampling", "total"] {
      #expect(seconds[key]?.number != nil)
    }
    #expect(found["sampler"]?["step_size"]?.array?.count == 4)
    #expect(found["sampler"]?["e_bfmi"]?.array?.count == 4)
    #expect(errorsAreEmpty(outcome))
  }

  private func errorsAreEmpty(_ outcome: Outcome) -> Bool { outcome.errors.isEmpty }

  @Test("category_rates has the exact posterior within four Monte Carlo errors")
  func categoryRates() throws {
    let outcome = try bayes(
      "sample", "models/category_rates.swift", "--seed", "20", "--format", "json", "--quiet",
      "--strict")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let found = try outcome.json()
    let exact: [String: (mean: Double, sd: Double)] = [
      "mu": (0.2696504225, 0.0308303338), "kappa": (7.8331438864, 2.2873553849),
    ]
    for variable in found["variables"]?.array ?? [] {
      #expect(variable["r_hat"]!.number! < 1.01)
      #expect(variable["ess_bulk"]!.number! > 400)
      guard let truth = exact[variable["name"]!.string!] else { continue }
      let error = variable["mcse_mean"]!.number!
      #expect(abs(variable["mean"]!.number! - truth.mean) < 4 * error)
      #expect(abs(variable["sd"]!.number! / truth.sd - 1) < 0.1)
    }
    #expect(found["sampler"]?["divergences"]?.number == 0)
  }

  @Test("A seed gives the same bytes, with labels in the names") func sameBytes() throws {
    let words = [
      "sample", "models/eight_schools.swift", "--seed", "7", "--warmup", "200", "--draws", "100",
    ]
    let first = try bayes(words: words)
    let second = try bayes(words: words)
    #expect(first.status == 0, "\(first.errors)")
    // The kernel comes from the cache the second time, which is said.
    func body(_ outcome: Outcome) -> [Substring] {
      outcome.output.split(separator: "\n").filter { !$0.hasPrefix("Kernel") }
    }
    #expect(body(first) == body(second))
    #expect(first.output.contains("theta[Choate]"))
    #expect(first.output.contains("seed 7"))
    #expect(first.output.contains("Mean"))
  }

  @Test("Without a seed one is drawn, printed and recorded") func drawnSeed() throws {
    let scratch = try Scratch()
    let outcome = try bayes(
      "sample", "models/beta_binomial.swift", "--warmup", "100", "--draws", "50", "--output",
      scratch.path("fit"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try parseJSON(path: scratch.path("fit/run.json"))
    let seed = try #require(record["seed"]?.unsigned)
    #expect(outcome.output.contains("seed \(seed)"))
    #expect(outcome.errors.contains("seed \(seed)"))
  }

  @Test("Saved chains summarise to the same table") func saved() throws {
    let scratch = try Scratch()
    let sampled = try bayes(
      "sample", "models/eight_schools.swift", "--seed", "3", "--warmup", "300", "--draws", "200",
      "--output", scratch.path("fit"))
    try #require(sampled.status == 0, "\(sampled.errors)")
    let summary = try bayes("summary", scratch.path("fit"))
    #expect(summary.status == 0, "\(summary.errors)")
    func table(_ text: String) -> Substring { text.split(separator: "\n\n")[0] }
    #expect(table(summary.output) == table(sampled.output))
    let file = try String(contentsOfFile: scratch.path("fit/chain-1.csv"), encoding: .utf8)
    #expect(file.contains("lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__"))
    #expect(file.contains("theta.1"))
    let json = try bayes("summary", scratch.path("fit"), "--format", "json").json()
    #expect(json["variables"]?.array?.count == 18)
  }

  @Test("Initial values, static HMC and a dense metric are taken") func settings() throws {
    let scratch = try Scratch()
    let start = try scratch.write(#"{"mu": 4, "tau": 2}"#, to: "init.json")
    let outcome = try bayes(
      "sample", "models/eight_schools.swift", "--seed", "3", "--init", start, "--sampler", "hmc",
      "--leapfrogs", "12", "--metric", "dense", "--warmup-schedule", "stan", "--draws", "100",
      "--warmup", "200")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("static HMC, 12 steps, dense metric"))
  }

  @Test("compile shows the graph and the C text") func compile() throws {
    let graph = try bayes("compile", "models/eight_schools.swift")
    #expect(graph.status == 0, "\(graph.errors)")
    #expect(graph.output.contains(" = position["))
    let text = try bayes("compile", "models/eight_schools.swift", "--emit", "c")
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("double"))
  }

  @Test("new writes a model that samples, and never overwrites") func new() throws {
    let scratch = try Scratch()
    let outcome = try bayes("new", "growth", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let sampled = try bayes(
      "sample", "growth.swift", "--seed", "1", "--draws", "200", "--warmup", "300",
      in: scratch.folder)
    #expect(sampled.status == 0, "\(sampled.errors)")
    #expect(sampled.output.contains("slope"))
    #expect(try bayes("new", "growth", in: scratch.folder).status == 73)
  }

  @Test("A damaged cache entry is rebuilt") func damagedCache() throws {
    let scratch = try Scratch()
    let cache = ["XDG_CACHE_HOME": scratch.path("cache")]
    let words = ["compile", "models/beta_binomial.swift"]
    #expect(try bayes(words: words, environment: cache).status == 0)
    let entries = try FileManager.default.contentsOfDirectory(
      atPath: scratch.path("cache/bayes/models"))
    let model = scratch.path("cache/bayes/models/\(try #require(entries.first))/model")
    try "damaged".write(toFile: model, atomically: false, encoding: .utf8)
    let again = try bayes(words: words, environment: cache)
    #expect(again.status == 0, "\(again.errors)")
  }

  @Test("Ctrl-C keeps what was drawn and ends with 130") func interrupted() throws {
    let scratch = try Scratch()
    // The model is compiled first, so that the interrupt meets the sampler.
    _ = try bayes("compile", "models/gaussian_mixture.swift")
    let outcome = try bayes(
      "sample", "models/gaussian_mixture.swift", "--seed", "1", "--warmup", "100", "--draws",
      "400000",
      "--output", scratch.path("fit"), interruptAfter: 2)
    #expect(outcome.status == 130, "\(outcome.errors)")
    #expect(outcome.output.contains("sigma[2]"))
    #expect(try bayes("summary", scratch.path("fit")).status == 0)
  }

  @Test(
    "Help has examples",
    arguments: [
      [], ["sample"], ["summary"], ["density"], ["compile"], ["sbc"], ["benchmark"], ["new"],
    ])
  func help(_ words: [String]) throws {
    let outcome = try bayes(words: words + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("EXAMPLES"))
    #expect(outcome.errors.isEmpty)
  }
}
