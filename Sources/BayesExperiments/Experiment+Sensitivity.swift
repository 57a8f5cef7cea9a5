// How the answer changes over reasonable priors.

extension Experiment {
  /// The answer under the chosen prior and under others: flat or Jeffreys', and two that believe in the variants being alike,
  /// centred at what all variants together show, worth 1 % and 10 % of the smallest variant.
  func sensitivity(threshold: Double) throws -> [PriorSensitivity] {
    var seen: [MetricPrior] = []
    var rows: [PriorSensitivity] = []
    for (label, prior) in [("the chosen prior", prior)] + otherPriors where !seen.contains(prior) {
      seen.append(prior)
      let best = BestArm(among: try posteriors(prior), isLessBetter: isLessBetter)
      rows.append(
        PriorSensitivity(
          label: label, prior: prior, best: best,
          decision: Decision(best, threshold: threshold, control: control)))
    }
    return rows
  }

  private var otherPriors: [(String, MetricPrior)] {
    let shares = [("1 %", 0.01), ("10 %", 0.1)]
    let label = "variants alike, worth "
    switch metric {
    case .binomial:
      let counts = variants.map { variant -> (Double, Double) in
        if case .binomial(let successes, let trials) = variant.data {
          (successes, trials)
        } else {
          (0, 1)
        }
      }
      let least = counts.map(\.1).min()!
      // Half a success more keeps the centre off the edges.
      let rate = (counts.map(\.0).reduce(0, +) + 0.5) / (counts.map(\.1).reduce(0, +) + 1)
      return [("uniform", .beta(a: 1, b: 1)), ("Jeffreys", .beta(a: 0.5, b: 0.5))]
        + shares.map {
          let worth = max(1, ($1 * least).rounded())
          return (label + $0, .beta(a: max(1e-3, worth * rate), b: max(1e-3, worth * (1 - rate))))
        }
    case .poisson:
      let counts = variants.map { variant -> (Double, Double) in
        if case .poisson(let count, let exposure) = variant.data {
          (count, exposure)
        } else {
          (0, 1)
        }
      }
      let least = counts.map(\.1).min()!
      let rate = (counts.map(\.0).reduce(0, +) + 0.5) / counts.map(\.1).reduce(0, +)
      return [
        ("Jeffreys", .gamma(shape: 0.5, rate: 0)), ("flat", .gamma(shape: 1, rate: 0)),
      ]
        + shares.map {
          (label + $0, .gamma(shape: max(1e-3, $1 * least * rate), rate: $1 * least))
        }
    case .normal:
      let all = variants.compactMap { variant -> MeanStatistics? in
        if case .normal(let statistics) = variant.data { statistics } else { nil }
      }
      let total = all.map(\.count).reduce(0, +)
      let mean = all.map { $0.mean * $0.count }.reduce(0, +) / total
      let least = all.map(\.count).min()!
      return [("flat", .standard(.normal))]
        + shares.map {
          (label + $0, .normalInverseGamma(mean: mean, weight: $1 * least, shape: -0.5, scale: 0))
        }
    case .revenue:
      let units = variants.compactMap(\.data.units)
      let amounts = variants.compactMap { variant -> AmountStatistics? in
        if case .revenue(_, let amounts) = variant.data { amounts } else { nil }
      }
      let rate = (amounts.map(\.count).reduce(0, +) + 0.5) / (units.reduce(0, +) + 1)
      return [("uniform and one amount", .standard(.revenue))]
        + shares.map {
          let worth = max(1, ($1 * units.min()!).rounded())
          return (
            label + $0,
            .revenue(
              a: max(1e-3, worth * rate), b: max(1e-3, worth * (1 - rate)), amount: nil,
              weight: max(1, ($1 * amounts.map(\.count).min()!).rounded()))
          )
        }
    }
  }
}
