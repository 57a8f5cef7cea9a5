// The numbers of every map, to JSON and back.

import BayesCore
import BayesNumerics

extension FittedMap {
  /// The map's numbers as a JSON object.
  var parameters: JSONValue {
    func number(_ x: Double) -> JSONValue { JSONValue(.number(x)) }
    func optional(_ x: Double?) -> JSONValue { x.map(number) ?? nil }
    switch self {
    case .none: return [:]
    case .temperature(let map):
      return [
        "temperature": number(map.temperature),
        "inverse_standard_error": optional(map.inverseStandardError),
        "mean_negative_log_likelihood": optional(map.meanNegativeLogLikelihood),
      ]
    case .bayesianTemperature(let map):
      return [
        "prior_location": number(map.prior.location), "prior_scale": number(map.prior.scale),
        "step": number(map.posterior.step), "log_temperatures": .numbers(map.posterior.nodes),
        "log_densities": .numbers(map.posterior.logDensities),
        "slopes": .numbers(map.posterior.slopes),
      ]
    case .platt(let map):
      return [
        "slope": number(map.slope), "intercept": number(map.intercept),
        "slope_standard_error": number(map.standardErrors.slope),
        "intercept_standard_error": number(map.standardErrors.intercept),
        "targets": JSONValue(.string(map.targets.rawValue)),
      ]
    case .bayesianPlatt(let map): return averaged(map.prior, map.posterior)
    case .bayesianBeta(let map): return averaged(map.prior, map.posterior)
    case .beta(let map): return ["a": number(map.a), "b": number(map.b), "c": number(map.c)]
    case .ensembleTemperature(let map):
      return [
        "temperature": number(map.temperature),
        "weights": .numbers([map.tempered, map.unchanged, map.uniform]),
        "mean_negative_log_likelihood": number(map.meanNegativeLogLikelihood),
        "is_at_bound": JSONValue(.bool(map.isAtBound)),
      ]
    case .isotonic(let map):
      return [
        "scale": JSONValue(.string(map.scale.rawValue)), "thresholds": .numbers(map.thresholds),
        "values": .numbers(map.values),
      ]
    case .histogram(let map):
      return ["edges": .numbers(map.edges), "values": .numbers(map.values)]
    case .bayesianBinning(let map):
      return [
        "bins": .numbers(map.models.map { Double($0.bins) }),
        "weights": .numbers(map.models.map(\.weight)), "log_evidence": number(map.logEvidence),
        "edges": .numbers(map.steps.edges), "values": .numbers(map.steps.values),
      ]
    case .affine(let map):
      return [
        "weights": .numbers(map.weights.values), "intercepts": .numbers(map.intercepts),
        "mean_negative_log_likelihood": number(map.meanNegativeLogLikelihood),
        "shrinkage": map.shrinkage.map { shrinkage in
          [
            "weights": number(shrinkage.weights), "intercepts": number(shrinkage.intercepts),
            "log_evidence": optional(map.logEvidence),
          ]
        } ?? nil,
      ]
    }
  }

  /// The map of a method with the numbers of a JSON object.
  init(_ method: CalibrationMethod, _ file: MapReader) throws {
    switch method {
    case .none: self = .none
    case .temperature: self = .temperature(try TemperatureScaling(file))
    case .bayesianTemperature: self = .bayesianTemperature(try BayesianTemperature(file))
    case .platt: self = .platt(try PlattScaling(file))
    case .bayesianPlatt:
      let (prior, posterior) = try file.averaged(dimension: 2)
      self = .bayesianPlatt(BayesianPlatt(prior, posterior))
    case .bayesianBeta:
      let (prior, posterior) = try file.averaged(dimension: 3)
      self = .bayesianBeta(BayesianBeta(prior, posterior))
    case .beta: self = .beta(try BetaCalibration(file))
    case .ensembleTemperature: self = .ensembleTemperature(try EnsembleTemperature(file))
    case .bayesianBinning: self = .bayesianBinning(try BayesianBinning(file))
    case .isotonic: self = .isotonic(try IsotonicRegression(file))
    case .histogram: self = .histogram(try HistogramBinning(file))
    case .vector: self = .affine(try AffineScaling(file, .vector))
    case .matrix: self = .affine(try AffineScaling(file, .matrix))
    }
  }
}

private func averaged(_ prior: LinePrior, _ posterior: AveragedLogit) -> JSONValue {
  [
    "prior_slope_scale": JSONValue(.number(prior.slopeScale)),
    "prior_intercept_scale": JSONValue(.number(prior.interceptScale)),
    "coefficients": .numbers(posterior.coefficients), "weights": .numbers(posterior.weights),
  ]
}

extension MapReader {
  fileprivate func averaged(dimension: Int) throws -> (LinePrior, AveragedLogit) {
    let weights = try weights("weights")
    return (
      try LinePrior(
        slopeScale: positive("prior_slope_scale"), interceptScale: positive("prior_intercept_scale")
      ),
      AveragedLogit(
        coefficients: try numbers("coefficients", count: dimension * weights.count),
        weights: weights)
    )
  }
}

extension TemperatureScaling {
  fileprivate init(_ file: MapReader) throws {
    temperature = try file.positive("temperature")
    inverseStandardError = try file.optionalNumber("inverse_standard_error")
    meanNegativeLogLikelihood = try file.optionalNumber("mean_negative_log_likelihood")
  }
}

extension BayesianTemperature {
  fileprivate init(_ file: MapReader) throws {
    let prior = try Prior(
      location: file.number("prior_location"), scale: file.positive("prior_scale"))
    let nodes = try file.increasing("log_temperatures", atLeast: 3)
    let grid = LogTemperatureGrid(
      nodes: nodes,
      logDensities: try file.numbers("log_densities", count: nodes.count),
      slopes: try file.numbers("slopes", count: nodes.count), step: try file.positive("step"))
    do {
      try self.init(prior, grid)
    } catch {
      throw file.error("log_densities", "belong to no posterior: their sum is not finite")
    }
  }
}

extension PlattScaling {
  fileprivate init(_ file: MapReader) throws {
    slope = try file.number("slope")
    intercept = try file.number("intercept")
    standardErrors = (
      try file.nonNegative("slope_standard_error"), try file.nonNegative("intercept_standard_error")
    )
    targets = try file.word("targets", Targets.self)
  }
}

extension BetaCalibration {
  fileprivate init(_ file: MapReader) throws {
    a = try file.nonNegative("a")
    b = try file.nonNegative("b")
    c = try file.number("c")
  }
}

extension IsotonicRegression {
  fileprivate init(_ file: MapReader) throws {
    scale = try file.word("scale", Scale.self)
    thresholds = try file.increasing("thresholds", atLeast: 1)
    values = try file.numbers(
      "values", count: thresholds.count, "numbers from 0 to 1, none smaller than the one before"
    ) {
      $0.allSatisfy { 0...1 ~= $0 } && zip($0, $0.dropFirst()).allSatisfy { $0 <= $1 }
    }
  }
}

extension HistogramBinning {
  fileprivate init(_ file: MapReader) throws {
    edges = try file.increasing("edges")
    values = try file.probabilities("values", count: edges.count + 1)
  }
}

extension EnsembleTemperature {
  fileprivate init(_ file: MapReader) throws {
    self.init(
      temperature: try file.positive("temperature"),
      weights: try file.weights("weights", count: 3),
      meanNegativeLogLikelihood: try file.number("mean_negative_log_likelihood"),
      isAtBound: try file.bool("is_at_bound"))
  }
}

extension BayesianBinning {
  fileprivate init(_ file: MapReader) throws {
    // Tied scores close up bins, so that a finer binning may have fewer.
    let bins = try file.numbers("bins", "whole numbers from 1 on") {
      !$0.isEmpty && $0.allSatisfy { $0 >= 1 && Int(exactly: $0) != nil }
    }
    let weights = try file.weights("weights", count: bins.count)
    models = zip(bins, weights).map { Model(bins: Int($0), weight: $1) }
    logEvidence = try file.number("log_evidence")
    let edges = try file.increasing("edges")
    steps = StepFunction(
      edges: edges, values: try file.probabilities("values", count: edges.count + 1))
  }
}

extension AffineScaling {
  fileprivate init(_ file: MapReader, _ shape: Shape) throws {
    self.shape = shape
    intercepts = try file.numbers("intercepts", "at least 2 finite numbers") { $0.count >= 2 }
    let k = intercepts.count
    weights = DenseMatrix(
      rows: k, columns: k,
      values: try file.numbers(
        "weights", count: k * k,
        "finite numbers, row by row\(shape == .vector ? ", 0 off the diagonal" : "")"
      ) { values in
        shape == .matrix || values.indices.allSatisfy { $0 / k == $0 % k || values[$0] == 0 }
      })
    meanNegativeLogLikelihood = try file.number("mean_negative_log_likelihood")
    // Maps of the time before shrinkage do not have the key.
    let shrinkage = try file.optionalObject("shrinkage")
    self.shrinkage = try shrinkage.map { prior in
      func deviation(_ key: String) throws -> Double {
        try prior.number(key, "a number from 1e-6 to 1e6") { 1e-6...1e6 ~= $0 }
      }
      return try Shrinkage(weights: deviation("weights"), intercepts: deviation("intercepts"))
    }
    logEvidence = try shrinkage?.optionalNumber("log_evidence")
  }
}
