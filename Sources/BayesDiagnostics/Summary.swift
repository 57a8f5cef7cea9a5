// What a summary says: one row per quantity and the health of the run.

/// Posterior mean, spread, quantiles and convergence of one scalar quantity.
public struct QuantitySummary: Sendable, Equatable {
  /// The display name, `theta[Choate]`.
  public var name: String
  /// Mean of all draws; like the next four `nil` where there are no draws or one is not finite.
  public var mean: Double?
  /// Sample standard deviation of all draws.
  public var sd: Double?
  /// Type-7 quantiles of all draws.
  public var quantile5: Double?
  public var median: Double?
  public var quantile95: Double?
  /// Monte Carlo standard error of the mean.
  public var mcseMean: DiagnosticValue
  /// Effective sample size for the centre; see ``Convergence/essBulk(_:)``.
  public var essBulk: DiagnosticValue
  /// Effective sample size for the tails; see ``Convergence/essTail(_:)``.
  public var essTail: DiagnosticValue
  /// Rank-normalised R-hat; see ``Convergence/rHat(_:)``.
  public var rHat: DiagnosticValue

  public init(
    name: String, mean: Double?, sd: Double?, quantile5: Double?, median: Double?,
    quantile95: Double?, mcseMean: DiagnosticValue, essBulk: DiagnosticValue,
    essTail: DiagnosticValue, rHat: DiagnosticValue
  ) {
    self.name = name
    self.mean = mean
    self.sd = sd
    self.quantile5 = quantile5
    self.median = median
    self.quantile95 = quantile95
    self.mcseMean = mcseMean
    self.essBulk = essBulk
    self.essTail = essTail
    self.rHat = rHat
  }
}

/// Everything a table of results shows.
public struct Summary: Sendable, Equatable {
  /// In the order of the columns of the draws.
  public var quantities: [QuantitySummary]
  public var health: SamplerHealth

  public init(quantities: [QuantitySummary], health: SamplerHealth) {
    self.quantities = quantities
    self.health = health
  }
}

/// How well the sampler did, over all quantities and chains.
public struct SamplerHealth: Sendable, Equatable {
  /// A diagnostic's worst value and whose it is.
  public struct Extreme: Sendable, Equatable {
    public var quantity: String
    public var value: Double

    public init(quantity: String, value: Double) {
      self.quantity = quantity
      self.value = value
    }
  }

  public var chains: Int
  /// Draws per chain.
  public var draws: Int
  /// Whether the source recorded per-draw statistics; without them the next three say nothing.
  public var hasStatistics: Bool
  /// Draws whose trajectory diverged.
  public var divergences: Int
  /// Draws whose tree reached the depth limit; `nil` where the limit is not known.
  public var maxDepthHits: Int?
  /// One per chain, empty without statistics; see ``Convergence/eBFMI(_:)``.
  public var eBFMI: [DiagnosticValue]
  /// Over the quantities that have the value; `nil` if none has.
  public var worstRHat: Extreme?
  public var minimumESSBulk: Extreme?
  public var minimumESSTail: Extreme?
  /// Quantities with a NaN or infinite draw.
  public var nonFinite: [String]
  /// Quantities that never vary.
  public var constant: [String]
  /// Chains (from 0) that stayed at one point: all that varies over all chains is constant in them.
  public var stuckChains: [Int]
  /// Variables whose elements look like each other's in different chains.
  public var permuted: [String]

  public init(
    chains: Int, draws: Int, hasStatistics: Bool = false, divergences: Int = 0,
    maxDepthHits: Int? = nil, eBFMI: [DiagnosticValue] = [], worstRHat: Extreme? = nil,
    minimumESSBulk: Extreme? = nil, minimumESSTail: Extreme? = nil, nonFinite: [String] = [],
    constant: [String] = [], stuckChains: [Int] = [], permuted: [String] = []
  ) {
    self.chains = chains
    self.draws = draws
    self.hasStatistics = hasStatistics
    self.divergences = divergences
    self.maxDepthHits = maxDepthHits
    self.eBFMI = eBFMI
    self.worstRHat = worstRHat
    self.minimumESSBulk = minimumESSBulk
    self.minimumESSTail = minimumESSTail
    self.nonFinite = nonFinite
    self.constant = constant
    self.stuckChains = stuckChains
    self.permuted = permuted
  }
}
