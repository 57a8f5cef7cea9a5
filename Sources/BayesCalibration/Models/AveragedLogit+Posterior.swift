// Models bound to predictions, and their posteriors.

import BayesLanguage
import BayesNumerics

extension AveragedLogit {
  /// The posterior of a model whose parameters are the coefficients of features.
  ///
  /// The quadrature is fine enough when predictions at the scores' quantiles no longer change.
  init(
    of model: some Model, _ predictions: BinaryPredictions, method: String,
    features: (Double) -> [Double]
  ) throws {
    let sorted = predictions.logits.sorted()
    let probes = (0...16).map { features(sorted[$0 * (sorted.count - 1) / 16]) }
    let quadrature = try PosteriorQuadrature(model, rows: predictions.count, method: method) { w in
      probes.map { x in logistic(zip(w, x).reduce(0) { $0 + $1.0 * $1.1 }) }
    }
    coefficients = quadrature.points.flatMap { $0 }
    weights = quadrature.weights
  }
}

extension TemperatureModel {
  init(_ predictions: BinaryPredictions, _ prior: BayesianTemperature.Prior) {
    self.init()
    $label = Handle(predictions.labels)
    $logit = Handle(predictions.logits)
    ($location, $scale) = (Handle(prior.location), Handle(prior.scale))
  }
}

extension PlattModel {
  init(_ predictions: BinaryPredictions, _ prior: LinePrior) {
    self.init()
    $label = Handle(predictions.labels)
    $logit = Handle(predictions.logits)
    ($slopeScale, $interceptScale) = (Handle(prior.slopeScale), Handle(prior.interceptScale))
  }
}

extension BetaModel {
  init(_ predictions: BinaryPredictions, _ prior: LinePrior) {
    self.init()
    $label = Handle(predictions.labels)
    $logChance = Handle(predictions.logits.map { -log1pExp(-$0) })
    $minusLogRest = Handle(predictions.logits.map { log1pExp($0) })
    ($slopeScale, $interceptScale) = (Handle(prior.slopeScale), Handle(prior.interceptScale))
  }
}
