// Every policy that has a name.

extension PolicyParameter {
  fileprivate static func positive(_ name: String, _ value: Double?, else text: String = "") -> Self
  {
    PolicyParameter(name, value, in: tiny...1e9, else: text)
  }
  fileprivate static func share(_ name: String, _ value: Double?, else text: String = "") -> Self {
    PolicyParameter(name, value, in: 0...1, else: text)
  }
  fileprivate static func count(_ name: String, _ value: Double?, else text: String = "") -> Self {
    PolicyParameter(name, value, in: 1...1e9, whole: true, else: text)
  }
}

/// The policies in the order of help.
public let policyCatalogue: [PolicyEntry] =
  posteriorPolicies + greedyPolicies + boundPolicies
  + otherPolicies + contextPolicies

private let posteriorPolicies: [PolicyEntry] = [
  PolicyEntry("thompson", "Thompson sampling; the posterior is the one that suits the rewards") {
    values, task in
    guard task.contextSize > 0 else { return thompson(values, task, forgetting: .never) }
    if case .gaussian(let deviation) = task.rewards {
      return linearThompson(values.text, task, deviation: deviation, prior: 1)
    }
    return logisticThompson(values.text, task, prior: 1)
  },
  PolicyEntry(
    "thompson-beta", "Thompson sampling of rates with a Beta(a, b) prior; rewards from 0 to 1",
    [.positive("a", 1), .positive("b", 1)]
  ) { values, task in
    try requireUnitRewards(values, task)
    let (a, b) = (values["a"], values["b"])
    return Contender(values.text) {
      Thompson(
        BetaArms(a: a, b: b, armCount: $0.armCount), armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry(
    "thompson-gaussian", "Thompson sampling of means, the deviation of rewards being known",
    [
      .positive("deviation", nil, else: "that of the rewards, or 1"),
      PolicyParameter("mean", 0, in: -1e100...1e100), .positive("weight", 1),
    ]
  ) { values, task in
    let deviation = values.given("deviation") ?? task.deviation
    let (mean, weight) = (values["mean"], values["weight"])
    return Contender(values.text) {
      Thompson(
        GaussianArms(deviation: deviation, mean: mean, weight: weight, armCount: $0.armCount),
        armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry(
    "thompson-nig", "Thompson sampling of means, normal-inverse-gamma prior",
    [
      PolicyParameter("mean", 0, in: -1e100...1e100), .positive("weight", 1),
      .positive("alpha", 1), .positive("beta", 1),
    ]
  ) { values, task in
    let (mean, weight) = (values["mean"], values["weight"])
    let (alpha, beta) = (values["alpha"], values["beta"])
    return Contender(values.text) {
      Thompson(
        NormalInverseGammaArms(
          mean: mean, weight: weight, alpha: alpha, beta: beta, armCount: $0.armCount),
        armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry(
    "thompson-gamma",
    "Thompson sampling of counts with a Gamma(shape, rate) prior; no normal rewards",
    [.positive("shape", 1), .positive("rate", 1)]
  ) { values, task in
    if case .gaussian = task.rewards { throw values.unsuitable("needs rewards that are counts") }
    let (shape, rate) = (values["shape"], values["rate"])
    return Contender(values.text) {
      Thompson(
        GammaArms(shape: shape, rate: rate, armCount: $0.armCount), armCount: $0.armCount,
        costs: $0.costs)
    }
  },
  PolicyEntry(
    "thompson-discounted", "Thompson sampling that forgets gradually",
    [PolicyParameter("factor", 0.99, in: 1e-6...1)]
  ) { thompson($0, $1, forgetting: .discount($0["factor"])) },
  PolicyEntry(
    "thompson-window", "Thompson sampling that remembers the latest rewards only",
    [.count("rewards", 1000)]
  ) { thompson($0, $1, forgetting: .window(Int($0["rewards"]))) },
]

private let greedyPolicies: [PolicyEntry] = [
  PolicyEntry(
    "epsilon-greedy",
    "A random arm with probability epsilon, else the best so far; each arm once first",
    [.share("epsilon", 0.1)]
  ) { values, _ in
    let epsilon = values["epsilon"]
    return Contender(values.text) {
      EpsilonGreedy(.constant(epsilon), armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry(
    "epsilon-greedy-zero", "The same without a first sweep: means start at 0",
    [.share("epsilon", 0.1)]
  ) { values, _ in
    let epsilon = values["epsilon"]
    return Contender(values.text) {
      EpsilonGreedy(.constant(epsilon), start: .zero, armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry(
    "epsilon-decay", "Epsilon-greedy with epsilon = min(1, c K/t)",
    [PolicyParameter("c", 5, in: 0...1e9)]
  ) { values, _ in
    let c = values["c"]
    return Contender(values.text) {
      EpsilonGreedy(.decaying(c: c), armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry(
    "softmax", "Probabilities proportional to exp(mean/temperature); each arm once first",
    [.positive("temperature", 0.1)]
  ) { values, _ in
    let temperature = values["temperature"]
    return Contender(values.text) {
      Softmax(temperature: temperature, armCount: $0.armCount, costs: $0.costs)
    }
  },
]

private let boundPolicies: [PolicyEntry] = [
  PolicyEntry(
    "ucb1", "Upper confidence bound mean + scale sqrt(2 ln t/n) after t plays, n of the arm",
    [.positive("scale", 1)]
  ) { values, _ in
    index(values.text, UCB1(scale: values["scale"]))
  },
  PolicyEntry("ucb-tuned", "UCB with the variance's upper bound; rewards from 0 to 1") {
    values, task in
    try requireUnitRewards(values, task)
    return index(values.text, UCBTuned())
  },
  PolicyEntry("ucb-v", "UCB by Bernstein's inequality; rewards from 0 to 1") { values, task in
    try requireUnitRewards(values, task)
    return index(values.text, UCBV())
  },
  PolicyEntry(
    "ucb-discounted", "UCB that forgets gradually",
    [PolicyParameter("factor", 0.99, in: 1e-6...1), .positive("scale", 1)]
  ) { values, _ in
    index(values.text, UCB1(scale: values["scale"]), forgetting: .discount(values["factor"]))
  },
  PolicyEntry(
    "ucb-window", "UCB that remembers the latest rewards only",
    [.count("rewards", 1000), .positive("scale", 1)]
  ) { values, _ in
    index(values.text, UCB1(scale: values["scale"]), forgetting: .window(Int(values["rewards"])))
  },
  PolicyEntry(
    "kl-ucb", "Upper confidence bound by divergence, threshold ln t + c ln ln t",
    [PolicyParameter("c", 0, in: 0...1e9)]
  ) { values, task in
    index(values.text, KLUCB(task.divergence, c: values["c"]))
  },
  PolicyEntry("kl-ucb-plus", "The same with threshold ln(t/n)") { values, task in
    index(values.text, KLUCB(task.divergence, plus: true))
  },
  PolicyEntry(
    "bayes-ucb", "The posterior's quantile of level 1 - 1/t; Beta(a, b) prior for rates; no counts",
    [.positive("a", 1), .positive("b", 1)]
  ) { values, task in
    let prior: BayesUCB.Prior
    switch task.rewards {
    case .bernoulli: prior = .beta(a: values["a"], b: values["b"])
    case .gaussian(let deviation): prior = .gaussian(deviation: deviation, mean: 0, weight: 1)
    case .poisson: throw values.unsuitable("needs rewards of 0 and 1, or normal ones")
    }
    return Contender(values.text) {
      BayesUCB(prior, armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry("moss", "Minimax bound for a known number of rounds", [.positive("scale", 1)]) {
    values, task in
    index(values.text, MOSS(horizon: task.horizon, scale: values["scale"]))
  },
  PolicyEntry("moss-anytime", "Minimax bound at any time", [.positive("scale", 1)]) { values, _ in
    index(values.text, MOSS(horizon: nil, scale: values["scale"]))
  },
  PolicyEntry("imed", "Minimum empirical divergence") { values, _ in
    Contender(values.text) { IMED($0.divergence, armCount: $0.armCount, costs: $0.costs) }
  },
]

private let otherPolicies: [PolicyEntry] = [
  PolicyEntry(
    "exp3", "Exponential weights, for rewards an adversary chooses; rewards from 0 to 1",
    [PolicyParameter("gamma", nil, in: PolicyParameter.tiny...1, else: "by the number of rounds")]
  ) { values, task in
    try requireUnitRewards(values, task)
    let gamma = values.given("gamma")
    return Contender(values.text) {
      EXP3(
        gamma: gamma ?? EXP3.gamma(horizon: $0.horizon ?? 10_000, armCount: $0.armCount),
        armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry(
    "explore-then-commit", "Each arm in turn, then the best for ever",
    [.count("plays", nil, else: "by the number of rounds")]
  ) { values, _ in
    let plays = values.given("plays").map { Int($0) }
    return Contender(values.text) {
      ExploreThenCommit(
        plays: plays
          ?? ExploreThenCommit.plays(horizon: $0.horizon ?? 10_000, armCount: $0.armCount),
        armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry(
    "top-two", "Best-arm identification: Thompson's arm with probability beta, else its challenger",
    [.share("beta", 0.5)]
  ) { topTwo($0, $1) },
  PolicyEntry(
    "successive-halving", "Best-arm identification: gives up the worse half, phase by phase",
    [.count("budget", nil, else: "the number of rounds")]
  ) { values, _ in
    let budget = values.given("budget").map { Int($0) }
    return Contender(values.text) {
      SuccessiveHalving(
        budget: budget ?? $0.horizon ?? 10_000, armCount: $0.armCount, costs: $0.costs)
    }
  },
  PolicyEntry("random", "Every arm with equal probability") { values, _ in
    Contender(values.text) { RandomPolicy(armCount: $0.armCount) }
  },
  PolicyEntry("oracle", "Knows the best arm of each round: regret 0") { values, task in
    switch task.truth {
    case nil: throw values.unsuitable("needs a simulated world, whose truth is known")
    case .shown: return Contender(values.text) { ShownOracle(armCount: $0.armCount) }
    case .means, .coefficients: return Contender(values.text) { Oracle($0) }
    }
  },
]

private let contextPolicies: [PolicyEntry] = [
  PolicyEntry(
    "lin-ucb", "LinUCB: a regression on contexts for each arm, with upper bounds" + constantNote,
    [PolicyParameter("alpha", 1, in: 0...1e9), .positive("ridge", 1)]
  ) { values, task in
    try requireContexts(values, task)
    let (alpha, ridge) = (values["alpha"], values["ridge"])
    return regression(values.text, task) {
      LinUCB(alpha: alpha, ridge: ridge, armCount: $0.armCount, contextSize: $1, costs: $0.costs)
    }
  },
  PolicyEntry(
    "thompson-linear",
    "Thompson sampling with a linear regression on contexts for each arm" + constantNote,
    [.positive("deviation", nil, else: "that of the rewards, or 1"), .positive("prior", 1)]
  ) { values, task in
    try requireContexts(values, task)
    return linearThompson(
      values.text, task, deviation: values.given("deviation") ?? task.deviation,
      prior: values["prior"])
  },
  PolicyEntry(
    "thompson-logistic",
    "Thompson sampling with a logistic regression on contexts for each arm; rewards of 0 and 1"
      + constantNote,
    [.positive("prior", 1)]
  ) { values, task in
    try requireContexts(values, task)
    try requireUnitRewards(values, task)
    return logisticThompson(values.text, task, prior: values["prior"])
  },
]

private let constantNote = "; in worlds of a declared bandit with a constant beside the context"

/// A policy of regressions on contexts of so many numbers, with a constant 1 as the last of them where arms differ
/// without any context.
@inline(__always)
private func regression<P: Policy>(
  _ name: String, _ task: BanditTask,
  _ make: @escaping @Sendable (_ task: BanditTask, _ contextSize: Int) -> P
) -> Contender {
  task.hasIntercept
    ? Contender(name) { WithConstant(make($0, $0.contextSize + 1)) }
    : Contender(name) { make($0, $0.contextSize) }
}

private func linearThompson(
  _ name: String, _ task: BanditTask, deviation: Double, prior: Double
) -> Contender {
  regression(name, task) {
    LinearThompson(
      deviation: deviation, prior: prior, armCount: $0.armCount, contextSize: $1,
      costs: $0.costs)
  }
}

private func logisticThompson(_ name: String, _ task: BanditTask, prior: Double) -> Contender {
  regression(name, task) {
    LogisticThompson(prior: prior, armCount: $0.armCount, contextSize: $1, costs: $0.costs)
  }
}

private func requireContexts(_ values: PolicyValues, _ task: BanditTask) throws {
  if task.contextSize == 0 { throw values.unsuitable("needs contexts") }
}

/// An index policy.
@inline(__always)
private func index<Index: ArmIndex>(
  _ name: String, _ formula: Index, forgetting: Forgetting = .never
) -> Contender {
  Contender(name) {
    IndexPolicy(formula, armCount: $0.armCount, costs: $0.costs, forgetting: forgetting)
  }
}

/// Thompson sampling with the conjugate posterior of the rewards.
private func thompson(
  _ values: PolicyValues, _ task: BanditTask, forgetting: Forgetting
) -> Contender {
  switch task.rewards {
  case .bernoulli:
    Contender(values.text) {
      Thompson(
        BetaArms(armCount: $0.armCount), armCount: $0.armCount, costs: $0.costs,
        forgetting: forgetting)
    }
  case .gaussian(let deviation):
    Contender(values.text) {
      Thompson(
        GaussianArms(deviation: deviation, armCount: $0.armCount), armCount: $0.armCount,
        costs: $0.costs, forgetting: forgetting)
    }
  case .poisson:
    Contender(values.text) {
      Thompson(
        GammaArms(armCount: $0.armCount), armCount: $0.armCount, costs: $0.costs,
        forgetting: forgetting)
    }
  }
}

private func topTwo(_ values: PolicyValues, _ task: BanditTask) -> Contender {
  let beta = values["beta"]
  switch task.rewards {
  case .bernoulli:
    return Contender(values.text) {
      TopTwoThompson(
        BetaArms(armCount: $0.armCount), beta: beta, armCount: $0.armCount, costs: $0.costs)
    }
  case .gaussian(let deviation):
    return Contender(values.text) {
      TopTwoThompson(
        GaussianArms(deviation: deviation, armCount: $0.armCount), beta: beta,
        armCount: $0.armCount, costs: $0.costs)
    }
  case .poisson:
    return Contender(values.text) {
      TopTwoThompson(
        GammaArms(armCount: $0.armCount), beta: beta, armCount: $0.armCount, costs: $0.costs)
    }
  }
}

private func requireUnitRewards(_ values: PolicyValues, _ task: BanditTask) throws {
  if task.rewards != .bernoulli { throw values.unsuitable("needs rewards between 0 and 1") }
}

extension BanditTask {
  /// The deviation of normal rewards, 1 for others.
  var deviation: Double { if case .gaussian(let deviation) = rewards { deviation } else { 1 } }
}
