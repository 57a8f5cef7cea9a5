// Labels that follow each other in time.

public import BayesGraph
public import BayesNumerics

/// A Markov chain along the axis of a discrete unknown: the states of a hidden Markov model.
///
/// ```
/// log p(z) = Σ over sequences of log π(z_first) + Σ_t log A(z_{t−1}, z_t)
/// ```
///
/// ```swift
/// @Latent(over: \Self.step, in: \Self.state) var z: Labels
/// z ~ MarkovChain(initial: start, transition: move)
/// y ~ Normal(mu[z], sigma[z])
/// ```
///
/// It stands on the right of a `@Latent` only, whose states are then summed out by the forward algorithm, at K²
/// multiplications a step. The order of the rows is the order in time. π is a simplex, one probability per
/// state; row i of A, a simplex, has the probabilities of the states after i. Neither may depend on a discrete
/// unknown. References: Baum, Petrie, Soules & Weiss 1970, Annals of Mathematical Statistics 41, 164–171;
/// Rabiner 1989, Proceedings of the IEEE 77, 257–286.
public struct MarkovChain: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "MarkovChain" }
  public var event: Event { .vector }

  /// One sequence of states.
  public init(initial: some Symbolic, transition: some Symbolic) {
    arguments = [
      .init("initial", initial, .simplex), .init("transition", transition, .simplex),
    ]
  }

  /// A sequence of states for each element of the axis that an index column points into. The rows of a
  /// sequence need not stand together.
  public init(initial: some Symbolic, transition: some Symbolic, sequence: Indices) {
    arguments = [
      .init("initial", initial, .simplex), .init("transition", transition, .simplex),
      .init("sequence", sequence, .any),
    ]
  }

  public func support(_ arguments: [Tensor]) -> Support { .categories(arguments[0].shape.count) }

  /// The log density of a known path, a scalar.
  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let path = (value.knownValues ?? []).map { Int($0) }
    let order = RowOrder(arguments.count > 2 ? arguments[2] : nil, rows: path.count)
    let states = order.rows.map { path[$0] }
    let isFirst = Set(order.starts)
    let moves = states.indices.filter { !isFirst.contains($0) }.map {
      states[$0 - 1] * arguments[0].shape.count + states[$0]
    }
    return arguments[0].gathered(order.starts.map { states[$0] }).logarithm.sum
      + arguments[1].gathered(moves).logarithm.sum
  }

  /// One path of `size` steps; the third argument, if there is one, holds the sequence of each row.
  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let count = arguments[0].count
    var last: [Double: Int] = [:]
    return (0..<size).map { row in
      let sequence = arguments.count > 2 ? arguments[2][row] : 0
      let weights =
        last[sequence].map { Array(arguments[1][($0 * count)..<($0 * count + count)]) }
        ?? arguments[0]
      guard let state = stream.categorical(weights) else { return .nan }
      last[sequence] = state
      return Double(state)
    }
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? { Self.misplaced }

  /// What is said of a chain that is not the distribution of a discrete unknown.
  static let misplaced =
    "MarkovChain is the distribution of discrete unknowns that follow each other in time; write it on "
    + "the right of a @Latent(over: \\Self.step, in: \\Self.state), by itself"
}

/// The rows of a chain's axis, sequence after sequence.
struct RowOrder {
  /// Rows of the axis; within a sequence in the order in which they stand.
  let rows: [Int]
  /// Where each sequence starts in `rows`.
  let starts: [Int]

  /// - Parameter sequence: the sequence of each row, known; `nil` for one sequence of all rows.
  init(_ sequence: Tensor?, rows count: Int) {
    let owners =
      sequence?.knownValues.map { $0.map { Int($0) } } ?? [Int](repeating: 0, count: count)
    let order = owners.indices.sorted { (owners[$0], $0) < (owners[$1], $1) }
    rows = order
    starts = order.indices.filter { $0 == 0 || owners[order[$0]] != owners[order[$0 - 1]] }
  }

  /// Whether the rows stand as they are.
  var isIdentity: Bool { rows == Array(0..<rows.count) }

  /// Where each row of the axis stands in `rows`.
  var places: [Int] {
    var places = rows
    for (place, row) in rows.enumerated() { places[row] = place }
    return places
  }
}
