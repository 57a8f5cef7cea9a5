// What the doubling tree needs to know of a trajectory, so that its law can be proved on integers.

/// A path of points that can be extended by one step at either end.
///
/// Points live in *slots* that the tree hands out (numbers from 0 to 63); *sums* (of the momenta over
/// a run of points) live in numbered stores. A point's own slot number doubles as the number of its
/// sum, a run of one point; the sums of longer runs have numbers from 64 on. The tree never looks at
/// a point: an implementation can hold positions and momenta, or integers.
protocol Trajectory {
  /// A draw from a run of points: for sampling the slot of one point, for a proof a distribution.
  associatedtype Proposal

  /// Makes the neighbour of the point in slot `from` and puts it into slot `to`.
  mutating func step(from: Int, to: Int, isForward: Bool) throws -> TrajectoryStep

  /// The proposal that is certain to be the point in `slot`.
  func proposal(at slot: Int) -> Proposal

  /// `new` with the given probability, else `old`.
  mutating func choose(_ old: Proposal, _ new: Proposal, probability: Double) -> Proposal

  /// The slots that a proposal refers to, one bit each.
  func slots(of proposal: Proposal) -> UInt64

  /// Writes the sum over two adjacent runs to store `sum` and tells whether the path turned back
  /// over both together, or over one of them with the neighbouring point of the other.
  mutating func joinTurns(_ near: Run, _ far: Run, sum: Int) -> Bool
}

/// What one step led to.
struct TrajectoryStep {
  /// Log of the new point's weight relative to the start, H₀ − H in nats; −∞ for a point that must
  /// not be chosen.
  var logWeight: Double
  /// Whether the integration failed here; the subtree under construction is then dropped.
  var isDivergent: Bool
}

/// A run of consecutive points: the slots of its ends, in the order of integration, and its sum.
struct Run: Equatable {
  var first: Int
  var last: Int
  var sum: Int

  var isSinglePoint: Bool { first == last }
  var reversed: Run { Run(first: last, last: first, sum: sum) }
}
