// EM against maxima found independently (Tests/oracles/em_reference.py): values, estimates and errors.

import BayesCore
import BayesInference
import BayesLanguage
import Foundation
import Testing

@testable import BayesEngine

/// A maximum of the table.
struct EMReference: Sendable, CustomTestStringConvertible {
  let name: String
  let data: String
  let components: Int
  let logLikelihood: Double
  let parameterCount: Int
  let bic: Double
  let icl: Double?
  /// Flattened, by name.
  let parameters: [String: [Double]]
  let errors: [String: [Double?]]

  var testDescription: String { name }

  /// The part of the table with mixtures.
  static let mixtures: [EMReference] = {
    let path = URL(fileURLWithPath: emFixtureFolder).deletingLastPathComponent()
      .appendingPathComponent("em_reference.json").path
    guard let table = try? parseJSON(path: path), let rows = table["mixtures"]?.array else {
      return []
    }
    return rows.map(EMReference.init)
  }()

  static func named(_ names: [String]) -> [EMReference] {
    names.compactMap { name in mixtures.first { $0.name == name } }
  }

  private init(_ row: JSONValue) {
    name = row["name"]?.string ?? ""
    data = row["data"]?.string ?? ""
    components = Int(row["components"]?.number ?? 0)
    logLikelihood = row["logLikelihood"]?.number ?? .nan
    parameterCount = Int(row["parameterCount"]?.number ?? 0)
    bic = row["bic"]?.number ?? .nan
    icl = row["icl"]?.number
    func flattened(_ value: JSONValue) -> [Double?] {
      value.array.map { $0.flatMap(flattened) } ?? [value.number]
    }
    var (values, errors): ([String: [Double]], [String: [Double?]]) = ([:], [:])
    for member in row["parameters"]?.object ?? [] {
      values[member.key] = flattened(member.value).map { $0 ?? .nan }
    }
    for member in row["standardErrors"]?.object ?? [] {
      errors[member.key] = flattened(member.value)
    }
    (parameters, self.errors) = (values, errors)
  }

  /// Compares a fit; `names` gives the table's names for the model's.
  func expect(_ fit: EMFit, names: [String: String] = [:]) {
    #expect(abs(fit.logLikelihood - logLikelihood) < 1e-6)
    #expect(fit.parameterCount == parameterCount)
    #expect(abs(fit.bic - bic) < 1e-5)
    if let icl, let found = fit.icl { #expect(abs(found - icl) < 1e-2) }
    // The table's components ascend by their mean; ours may stand in another order.
    for estimate in fit.estimates {
      let name = names[estimate.variable.name] ?? estimate.variable.name
      guard let expected = parameters[name], expected.count == estimate.values.count else {
        continue
      }
      let block = expected.count / components
      func blocks<T>(_ values: [T]) -> [[T]] {
        stride(from: 0, to: values.count, by: block).map { Array(values[$0..<($0 + block)]) }
      }
      for (k, own) in blocks(expected).enumerated() {
        let match = blocks(estimate.values).enumerated().first { _, found in
          zip(found, own).allSatisfy { abs($0 - $1) < 1e-4 * max(1, abs($1)) }
        }
        #expect(match != nil, "\(name) of component \(k + 1)")
        guard let match, fit.errorNote == nil, let errors = errors[name] else { continue }
        for (found, error) in zip(blocks(estimate.standardErrors)[match.offset], blocks(errors)[k])
        {
          guard let error, error > 0, let found else { continue }
          #expect(abs(found - error) < 2e-3 * error)
        }
      }
    }
  }
}

@Suite("EM against independent maxima")
struct EMReferenceTests {
  private func options(_ reference: EMReference) -> EMOptions {
    var options = EMOptions(seed: 1)
    options.driver.restarts = 20
    for form in CovarianceForm.allCases where reference.name.contains("_\(form.rawValue)_") {
      options.covariance = form
    }
    return options
  }

  static let planes = EMReference.named(
    ["gmm2d_full_2"]
      + [
        "full_1", "full_2", "tied_2", "tied_3", "diagonal_2", "diagonal_3", "spherical_2",
        "spherical_3",
      ].map { "faithful_\($0)" } + ["iris_full_2", "iris_tied_2", "iris_tied_3"])

  @Test("multivariate normals of every form", arguments: planes)
  func plane(_ reference: EMReference) throws {
    let columns =
      switch reference.data {
      case "em/gmm2d.csv": ["x1", "x2"]
      case "em/iris.csv": ["sepal_length", "sepal_width", "petal_length", "petal_width"]
      default: ["eruptions", "waiting"]
      }
    let name = String(reference.data.dropFirst(3).dropLast(4))
    let model = PlaneMixture(columns, components: reference.components)
    let fit = try fitEM(model, data: try emFixture(name), options: options(reference))
    reference.expect(fit, names: ["sigma": "covariance"])
    #expect(fit.notes.isEmpty || reference.components == 1)
  }

  @Test(
    "other families",
    arguments: EMReference.named(["gamma", "exponential", "binomial", "multinomial", "weighted"]))
  func families(_ reference: EMReference) throws {
    let data = try emFixture(reference.name)
    var options = options(reference)
    let fit: EMFit
    switch reference.name {
    case "gamma": fit = try fitEM(GammaMixture(), data: data, options: options)
    case "exponential": fit = try fitEM(ExponentialMixture(), data: data, options: options)
    case "multinomial": fit = try fitEM(TextMixture(), data: data, options: options)
    case "binomial": fit = try fitEM(BinomialMixture(), data: data, options: options)
    default:
      guard case .numbers(_, let times)? = data["times"]?.value else { return }
      options.rowWeights = times
      fit = try fitEM(NormalMixture(), data: data, options: options)
    }
    reference.expect(fit)
  }

  @Test("the table is there")
  func complete() { #expect(EMReference.mixtures.count == 27) }
}
