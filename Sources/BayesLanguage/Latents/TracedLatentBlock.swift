// The nodes behind the sums over labels: what draws of labels and most probable paths are made of.

public import BayesGraph

/// Discrete unknowns that are summed out together, combination by combination.
///
/// Given parameters and data, positions of the outer axis are independent of each other, unless one of the
/// unknowns is a Markov chain, and those of the inner axis are, given the outer labels.
public struct TracedLatentBlock: Sendable {
  /// Every combination of some unknowns' labels.
  public struct Enumeration: Sendable {
    /// For each combination one label for each of the unknowns, counted from 0.
    public let combinations: [[Int]]
    /// For each combination its log density, a vector over positions; not normalised.
    public let logDensities: [NodeID]
  }

  /// The unknowns over the outer axis, or over the only one: places among the model's latents.
  public let outerLatents: [Int]
  /// The unknowns over the inner axis.
  public let innerLatents: [Int]
  /// The combinations of outer labels, inner labels summed out; of a chain without its own density.
  public let outer: Enumeration
  /// The combinations of inner labels given each outer combination; empty where there is no inner axis.
  public let inner: [Enumeration]
  /// For each position of the inner axis that of the outer one.
  public let parents: [Int]
  /// The Markov chain among the outer unknowns.
  public let chain: TracedChain?
}

/// A Markov chain of a block.
public struct TracedChain: Sendable {
  /// Its place among `outerLatents`.
  public let place: Int
  /// The log probabilities of the first state of each sequence, and of the state after each: row from,
  /// column to.
  public let logInitial: NodeID
  public let logTransition: NodeID
  /// For each state k the log density of what each row of the axis emits in it, all other labels summed out.
  public let emissions: [NodeID]
  /// The rows of the axis in the order of time, one sequence after another.
  public let rows: [Int]
  /// Where in `rows` each sequence begins.
  public let sequences: [Int]
}
