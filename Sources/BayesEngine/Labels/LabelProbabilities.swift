// What is known of a discrete unknown after sampling.

public import BayesCore

/// The posterior probabilities of a discrete unknown's labels.
///
/// Each is the mean, over the draws of the continuous parameters, of the exact conditional probability
/// P(label | parameters, data). No label is drawn, so the error is smaller than that of counting drawn
/// labels (the Rao–Blackwell theorem; Gelman et al. 2013, Bayesian Data Analysis, third edition, section 22.3).
public struct LabelProbabilities: Sendable, Equatable {
  /// The unknown and the axis that it lies over.
  public let variable: Variable
  /// The labels it can have.
  public let labels: Dimension
  /// Position × label; each row adds up to 1.
  public let values: [[Double]]
  /// Of a Markov chain the most probable path given parameters and data, a state for each position of the axis,
  /// counted from 0; of other unknowns `nil`.
  ///
  /// Parameters are the estimates of EM, or those of the recorded draw of highest log density, the first of
  /// equals. The path is that of the highest joint probability (Viterbi 1967), which differs from the most
  /// probable states step by step; other labels of the steps are summed out.
  public internal(set) var path: [Int]?

  /// The expected number of positions with each label.
  public var expectedCounts: [Double] {
    labels.indices.map { label in values.reduce(0) { $0 + $1[label] } }
  }

  /// The most probable label of each position, counted from 0; the first of equals.
  public var mostProbable: [Int] {
    values.map { row in row.indices.max { row[$0] < row[$1] || (row[$0] == row[$1] && $0 > $1) }! }
  }
}

extension Dimension {
  /// All positions, counted from 0.
  fileprivate var indices: Range<Int> { 0..<size }
}
