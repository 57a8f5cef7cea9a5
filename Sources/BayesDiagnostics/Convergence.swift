// Every convergence diagnostic of one scalar quantity, as a function of its chains.

/// R-hat, effective sample sizes and Monte Carlo standard errors of one quantity.
///
/// Each function takes the draws of a scalar as chains of equal length, in order. There is no value
/// for chains of unequal length, fewer than four draws a chain, a NaN or infinite draw, or a
/// quantity that is constant (up to rounding); the reason is part of the result.
///
/// | question | function |
/// | --- | --- |
/// | do the chains agree? | ``rHat(_:)`` (below 1.01) |
/// | are mean and median well estimated? | ``essBulk(_:)`` (above 100 a chain) |
/// | are the 5 % and 95 % quantiles? | ``essTail(_:)`` (above 100 a chain) |
/// | how far off may this number be? | ``mcseMean(_:)``, ``mcseQuantile(_:_:)``, … |
///
/// ``summarise(_:maxTreeDepth:threads:)`` computes what a summary shows for all quantities at once.
///
/// Reference: Vehtari, Gelman, Simpson, Carpenter, Bürkner 2021, "Rank-normalization, folding, and
/// localization: an improved R-hat for assessing convergence of MCMC", Bayesian Analysis 16(2),
/// doi 10.1214/20-BA1221.
public enum Convergence {
  // MARK: R-hat

  /// The larger of ``bulkRHat(_:)`` and ``foldedRHat(_:)``: the R-hat to report.
  ///
  /// `+∞` if each chain is constant, at different values. Where folding leaves a constant (two
  /// values at equal distance from the median) it is the bulk R-hat.
  public static func rHat(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.rHat(bulk: $0.bulk().rHat) }
  }

  /// R-hat of the rank-normalised split chains: compares locations.
  public static func bulkRHat(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.bulk().rHat }
  }

  /// R-hat of the rank-normalised split chains of |x − median|: compares scales and tails.
  public static func foldedRHat(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.foldedRHat() }
  }

  /// R-hat of the split chains without ranks (Gelman et al. 2013, BDA3, section 11.4).
  public static func splitRHat(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.splitRHat() }
  }

  /// R-hat of whole chains without ranks (Gelman and Rubin 1992); needs two chains.
  public static func rawRHat(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.raw().rHat }
  }

  // MARK: Effective sample size

  /// ESS of the rank-normalised split chains: how well the centre is known.
  public static func essBulk(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.bulk().ess }
  }

  /// The smaller ESS of the 5 % and 95 % quantiles: how well the tails are known.
  ///
  /// A discrete quantity may have no draw above its 95 % quantile; then the 5 % one counts alone.
  public static func essTail(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.essTail() }
  }

  /// ESS of the split chains: for the mean.
  public static func essMean(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.essMean() }
  }

  /// ESS of the split chains of (x − x̄)²: for the standard deviation.
  public static func essDeviation(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.essDeviation() }
  }

  /// ESS of the split chains of 1[x ≤ q], q the type-7 quantile at `p`.
  ///
  /// - Precondition: 0 ≤ `p` ≤ 1.
  public static func essQuantile(_ chains: [[Double]], _ p: Double) -> DiagnosticValue {
    precondition((0...1).contains(p), "a probability")
    return diagnose(chains) { $0.essQuantile(p) }
  }

  /// ``essQuantile(_:_:)`` at one half.
  public static func essMedian(_ chains: [[Double]]) -> DiagnosticValue {
    essQuantile(chains, 0.5)
  }

  /// ESS of whole chains, neither split nor ranked.
  public static func rawESS(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.raw().ess }
  }

  // MARK: Monte Carlo standard errors

  /// Standard error of the mean: sd/√ESS, in the quantity's unit.
  public static func mcseMean(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.mcseMean() }
  }

  /// Standard error of the standard deviation, by the delta method.
  ///
  /// ```
  /// sqrt((m4 − m2²) / (4 m2 e)),  m_k = mean (x − x̄)^k,  e = essDeviation
  /// ```
  public static func mcseDeviation(_ chains: [[Double]]) -> DiagnosticValue {
    diagnose(chains) { $0.mcseDeviation() }
  }

  /// Standard error of the quantile at `p`: half the distance between the draws at the ends of a
  /// one-sigma interval for p, which is Beta(e p + 1, e (1 − p) + 1) with e the quantile's ESS.
  ///
  /// - Precondition: 0 ≤ `p` ≤ 1.
  public static func mcseQuantile(_ chains: [[Double]], _ p: Double) -> DiagnosticValue {
    precondition((0...1).contains(p), "a probability")
    return diagnose(chains) { $0.mcseQuantile(p) }
  }

  /// ``mcseQuantile(_:_:)`` at one half.
  public static func mcseMedian(_ chains: [[Double]]) -> DiagnosticValue {
    mcseQuantile(chains, 0.5)
  }

  private static func diagnose(
    _ chains: [[Double]], _ diagnostic: (inout QuantityDiagnostics) -> DiagnosticValue
  ) -> DiagnosticValue {
    let length = chains.first?.count ?? 0
    guard chains.allSatisfy({ $0.count == length }) else {
      return .undefined(reason: "the chains have unequal lengths")
    }
    var quantity = QuantityDiagnostics(chainCount: chains.count, drawCount: length)
    for (chain, draws) in chains.enumerated() {
      for (draw, value) in draws.enumerated() { quantity.draws[chain * length + draw] = value }
    }
    quantity.prepare()
    return diagnostic(&quantity)
  }
}

extension QuantityDiagnostics {
  /// The larger of two R-hats, or the one that has a value.
  mutating func rHat(bulk: DiagnosticValue) -> DiagnosticValue {
    let folded = foldedRHat()
    switch (bulk.number, folded.number) {
    case (let bulk?, let folded?): return .value(max(bulk, folded))
    case (nil, _?): return folded
    default: return bulk
    }
  }
}
