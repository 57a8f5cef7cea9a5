// The densities of all ready models at fixed points, against values computed elsewhere.

import BayesCore
import Foundation
import Testing

private struct Reference: Sendable, CustomTestStringConvertible {
  let model: String
  let point: String
  let logDensity: Double
  let unconstrained: Double
  let position: [Double]
  let gradient: [Double]
  var testDescription: String { model }
}

private func numbers(_ value: JSONValue?) -> [Double] {
  (value?.array ?? []).compactMap(\.number)
}

private let references: [Reference] = {
  let path = packageRoot + "Tests/BayesEngineTests/Fixtures/densities.json"
  guard let models = try? parseJSON(path: path)["models"]?.array else { return [] }
  return models.map { entry in
    Reference(
      model: entry["model"]!.string!, point: jsonText(entry["point"]!),
      logDensity: entry["logDensity"]!.number!,
      unconstrained: entry["logDensityUnconstrained"]!.number!,
      position: numbers(entry["unconstrained"]), gradient: numbers(entry["gradient"]))
  }
}()

private let posteriordb = packageRoot + "../shared/fixtures/posteriordb/"

private func close(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
  guard let a else { return false }
  return abs(a - b) <= tolerance * max(1, abs(b))
}

private let hasPosteriordb =
  FileManager.default.fileExists(atPath: posteriordb)
  || ProcessInfo.processInfo.environment["CI"] == "true"

@Suite(.serialized) struct DensityProgramTests {
  @Test("There are references") func some() { #expect(references.count > 15) }

  @Test(
    "Ready models have the reference's density and gradient",
    arguments: references.filter { !$0.model.contains("-") })
  fileprivate func readyModel(_ reference: Reference) throws {
    try check(reference, ["models/\(reference.model).swift"])
  }

  @Test(
    "Models of posteriordb have the reference's density and gradient",
    .enabled(if: hasPosteriordb, "../shared/fixtures/posteriordb is not there"),
    arguments: references.filter { $0.model.contains("-") })
  fileprivate func posteriordbModel(_ reference: Reference) throws {
    try check(
      reference,
      [
        "diagnostics/posteriordb/\(reference.model).swift", "--data",
        posteriordb + reference.model + "/data.json",
      ])
  }

  private func check(_ reference: Reference, _ words: [String]) throws {
    let scratch = try Scratch()
    let named = try scratch.write(reference.point, to: "point.json")
    let array = try scratch.write(jsonText(.numbers(reference.position)), to: "position.json")
    for at in [[named], [array, "--unconstrained"]] {
      let outcome = try bayes(words: ["density"] + words + ["--at"] + at)
      try #require(outcome.status == 0, "\(outcome.errors)")
      let found = try outcome.json()
      #expect(close(found["log_density"]?.number, reference.logDensity))
      #expect(close(found["log_density_unconstrained"]?.number, reference.unconstrained))
      let gradient = numbers(found["gradient"])
      try #require(gradient.count == reference.gradient.count)
      let scale = reference.gradient.map(abs).max() ?? 1
      for (a, b) in zip(gradient, reference.gradient) {
        #expect(abs(a - b) <= 1e-9 * max(1, scale), "\(a) is not \(b)")
      }
    }
  }

  @Test("category_rates has the values computed with mpmath") func categoryRates() throws {
    let data = try parseJSON(path: packageRoot + "models/category_rates.json")
    let successes = numbers(data["successes"])
    let trials = numbers(data["trials"])
    let theta = zip(successes, trials).map { ($0 + 1) / ($1 + 2) }
    let scratch = try Scratch()
    let point = try scratch.write(
      jsonText(["mu": 0.3, "kappa": 10, "theta": .numbers(theta)]), to: "point.json")
    let outcome = try bayes("density", "models/category_rates.swift", "--at", point)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let found = try outcome.json()
    #expect(close(found["log_density"]?.number, -61.286791453108, 1e-12))
    #expect(close(found["log_density_unconstrained"]?.number, -107.094333145469, 1e-12))
    let gradient = numbers(found["gradient"])
    try #require(gradient.count == 27)
    let known = [
      (0, -11.872787425), (1, -7.083153193), (2, -0.905027933), (15, 1.923076923),
    ]
    for (index, value) in known { #expect(abs(gradient[index] - value) < 1e-8) }
  }
}
