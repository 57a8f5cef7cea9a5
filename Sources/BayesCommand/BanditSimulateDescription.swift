// Which world `bandit` simulated, in words and as JSON.

import BayesBandits
import BayesCore
import BayesNumerics

/// The arms' labels, or their numbers from 1.
func armNames(_ environment: Environment) -> [String] {
  environment.armLabels ?? (1...environment.armCount).map(String.init)
}

/// `Bernoulli rewards, means drawn from Beta(1, 1) anew for every replicate, regret net of costs 0, 0.1`.
func worldText(_ environment: Environment) -> String {
  var parts: [String]
  if case .declared(let truth) = environment.truth {
    parts = ["drawn from the priors of \(truth.model.declaration.model) anew for every replicate"]
  } else {
    parts = [rewardsText(environment.rewards), truthText(environment.truth)]
  }
  switch environment.change {
  case .never: break
  case .abrupt(let rounds): parts.append("which change places every \(rounds) rounds")
  case .drift(let deviation):
    parts.append("which walk by \(short(deviation)) a round")
  }
  if environment.costs.contains(where: { $0 != 0 }) {
    parts.append("regret net of the costs \(environment.costs.map(short).joined(separator: ", "))")
  }
  return parts.joined(separator: ", ")
}

private func short(_ value: Double) -> String { formatted(value, significant: 6) }

private func rewardsText(_ rewards: BanditTask.Rewards) -> String {
  switch rewards {
  case .bernoulli: "Bernoulli rewards"
  case .gaussian(let deviation): "normal rewards of deviation \(short(deviation))"
  case .poisson: "Poisson rewards"
  }
}

private func truthText(_ truth: Environment.Truth) -> String {
  switch truth {
  case .means: "fixed means"
  case .drawn(let prior, _): "means drawn from \(priorText(prior)) anew for every replicate"
  case .contextual(let dimension, _):
    "contexts of \(dimension) standard normals, coefficients drawn anew for every replicate"
  case .declared(let truth): "the priors of \(truth.model.declaration.model)"
  }
}

private func priorText(_ prior: ArmPosterior) -> String {
  switch prior {
  case .beta(let a, let b): "Beta(\(short(a)), \(short(b)))"
  case .gamma(let shape, let rate): "Gamma(\(short(shape)), \(short(rate)))"
  case .normal(let mean, let deviation): "Normal(\(short(mean)), \(short(deviation)))"
  case .studentT(let degrees, let location, let scale):
    "StudentT(\(short(degrees)), \(short(location)), \(short(scale)))"
  }
}

/// The world as an object: what its rewards are, where its means come from, how they change, what plays cost.
func worldJSON(_ environment: Environment) -> JSONValue {
  func text(_ value: String) -> JSONValue { JSONValue(.string(value)) }
  let (kind, deviation): (String, Double?) =
    switch environment.rewards {
    case .bernoulli: ("bernoulli", nil)
    case .gaussian(let deviation): ("gaussian", deviation)
    case .poisson: ("poisson", nil)
    }
  var means: JSONValue = nil
  var truth: String
  var model: JSONValue = nil
  switch environment.truth {
  case .means(let values): (means, truth) = (.numbers(values), "fixed")
  case .drawn(let prior, _): truth = priorText(prior)
  case .contextual: truth = "coefficients"
  case .declared(let declared):
    (truth, model) = ("model", text(declared.model.declaration.model))
  }
  let drift: JSONValue =
    switch environment.change {
    case .never: nil
    case .abrupt(let rounds): ["kind": "abrupt", "rounds": .integer(rounds)]
    case .drift(let deviation): ["kind": "walk", "deviation": JSONValue(.number(deviation))]
    }
  return [
    "arms": .strings(armNames(environment)), "means": means, "model": model,
    "environment": text(kind), "deviation": number(deviation),
    "context_size": .integer(environment.contextSize), "truth": text(truth), "drift": drift,
    "costs": .numbers(environment.costs),
  ]
}
