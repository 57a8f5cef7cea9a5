// Per-draw sampler statistics: one struct, from which every column on disk and on screen derives.

/// What the sampler did to produce one draw.
public struct DrawStatistics: Sendable, Equatable {
  /// Unconstrained log density of the draw (log Jacobians included), in nats.
  public var logDensity: Double
  /// Mean Metropolis acceptance over the leapfrog steps of this iteration.
  public var acceptance: Double
  /// Leapfrog step size of this iteration.
  public var stepSize: Double
  /// Doublings of the trajectory (0 for static HMC).
  public var treeDepth: Int
  /// Leapfrog steps, rejected subtrees included.
  public var leapfrogs: Int
  /// Whether the trajectory diverged.
  public var isDivergent: Bool
  /// Hamiltonian of the accepted point, −logDensity + kinetic energy.
  public var energy: Double

  public init(
    logDensity: Double, acceptance: Double, stepSize: Double, treeDepth: Int, leapfrogs: Int,
    isDivergent: Bool, energy: Double
  ) {
    self.logDensity = logDensity
    self.acceptance = acceptance
    self.stepSize = stepSize
    self.treeDepth = treeDepth
    self.leapfrogs = leapfrogs
    self.isDivergent = isDivergent
    self.energy = energy
  }

  /// One statistic as Stan names it on disk.
  public struct Column: Sendable {
    /// Stan's column name, for example `lp__`.
    public let name: String
    /// Whether the value is written without a decimal point.
    public let isInteger: Bool
    /// Reads the value; booleans are 0 or 1.
    public let value: @Sendable (DrawStatistics) -> Double
  }

  /// All columns, in CmdStan's order.
  public static let columns: [Column] = [
    Column(name: "lp__", isInteger: false) { $0.logDensity },
    Column(name: "accept_stat__", isInteger: false) { $0.acceptance },
    Column(name: "stepsize__", isInteger: false) { $0.stepSize },
    Column(name: "treedepth__", isInteger: true) { Double($0.treeDepth) },
    Column(name: "n_leapfrog__", isInteger: true) { Double($0.leapfrogs) },
    Column(name: "divergent__", isInteger: true) { $0.isDivergent ? 1 : 0 },
    Column(name: "energy__", isInteger: false) { $0.energy },
  ]
}
