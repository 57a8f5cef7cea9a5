// A hidden Markov chain summed out: what the op means, and its parts.

internal import BayesNumerics

/// How the op `.markovChain` lays out its inputs and its result.
///
/// Inputs are the K vectors of log p(observations of row t | state k), each of length T; the K log
/// probabilities of the first state; and the K·K log transition probabilities, row-major, row i from
/// state i. The T rows are sequences one after another.
public struct MarkovChainLayout: Sendable, Equatable {
  /// The number of states, K.
  public let states: Int
  /// The number of rows, T.
  public let rows: Int
  /// The first row of each of the S sequences, ascending from 0.
  public let starts: [Int]

  public init(states: Int, rows: Int, starts: [Int]) {
    self.states = states
    self.rows = rows
    self.starts = starts
  }

  /// The number of sequences, S.
  public var sequences: Int { starts.count }
  /// Elements of the result.
  public var count: Int { sequences + states * rows + sequences * states * states }
  /// log Z of each sequence.
  public var evidence: Range<Int> { 0..<sequences }
  /// γ_t(k) for all rows, of one state.
  public func probabilities(of state: Int) -> Range<Int> {
    let start = sequences + state * rows
    return start..<(start + rows)
  }
  /// ξ_s(i, j), sequence by sequence, row-major in i and j.
  public var transitions: Range<Int> { (sequences + states * rows)..<count }
  /// The rows of a sequence.
  public func rows(of sequence: Int) -> Range<Int> {
    starts[sequence]..<(sequence + 1 < sequences ? starts[sequence + 1] : rows)
  }
  /// The sequence that each row belongs to.
  public var sequenceOfRow: [Int] {
    (0..<sequences).flatMap { Array(repeating: $0, count: rows(of: $0).count) }
  }
}

/// A hidden Markov chain summed out.
public struct MarkovChainSum {
  public let layout: MarkovChainLayout
  /// The op's node.
  public let node: Tensor

  /// log p(observations) of each sequence.
  public var evidence: Tensor { node.slice(layout.evidence) }
  /// γ_t(k) = P(state of row t is k | all observations), for each state a vector over the rows.
  public var probabilities: [Tensor] {
    (0..<layout.states).map { node.slice(layout.probabilities(of: $0)) }
  }
  /// ξ_s(i, j), the expected number of transitions from i to j in each sequence: S × K·K.
  public var transitions: Tensor {
    let square = layout.states * layout.states
    return node.slice(
      Stride(start: layout.transitions.lowerBound, count: layout.sequences * square),
      shape: .matrix(layout.sequences, square))
  }
}

extension GraphBuilder {
  /// Sums the states of hidden Markov chains out.
  ///
  /// ```
  /// Z = Σ_z π(z_0) Π_t A(z_{t−1}, z_t) Π_t exp b_t(z_t)
  /// ```
  ///
  /// - Parameters:
  ///   - emissions: b(k), the log density of each row's observations given state k; T elements each.
  ///   - initial: log π, K elements; `-∞` for a state in which no sequence starts.
  ///   - transition: log A, K·K elements, row i from state i; `-∞` for what cannot happen.
  ///   - starts: the first row of each sequence, ascending from 0.
  ///
  /// Where the observations are impossible, log Z is `-∞`, γ and ξ are NaN.
  /// - Complexity: O(T K²) multiplications and O(T K) exponentials.
  ///
  /// Reference: Baum, Petrie, Soules & Weiss 1970, Annals of Mathematical Statistics 41, 164–171; Rabiner
  /// 1989, Proceedings of the IEEE 77, 257–286, equations 18–27, 37 and 92.
  public func markovChain(
    emissions: [Tensor], initial: Tensor, transition: Tensor, starts: [Int]
  ) -> MarkovChainSum {
    let states = emissions.count
    let rows = emissions[0].shape.count
    let layout = MarkovChainLayout(states: states, rows: rows, starts: starts)
    precondition(rows > 0 && starts.first == 0, "the first sequence starts at row 0")
    precondition(
      zip(starts, starts.dropFirst() + [rows]).allSatisfy { $0 < $1 }, "ascending starts")
    precondition(emissions.allSatisfy { $0.shape.count == rows }, "as many rows for each state")
    let inputs =
      emissions.map { reshape($0, .vector(rows)) } + [
        reshape(initial, .vector(states)), reshape(transition, .vector(states * states)),
      ]
    let node = make(
      .markovChain(starts: graph.internIndices(starts.map(Int32.init))), inputs,
      .vector(layout.count))
    return MarkovChainSum(layout: layout, node: node)
  }
}

extension Graph {
  /// The layout of a `.markovChain` node.
  public func chainLayout(_ node: Node) -> MarkovChainLayout? {
    guard case .markovChain(let starts) = node.op else { return nil }
    return MarkovChainLayout(
      states: node.inputs.count - 2, rows: self[node.inputs[0]].shape.count,
      starts: indexArrays[starts].map(Int.init))
  }
}

// MARK: The definition

extension MarkovChainLayout {
  /// The op's value.
  ///
  /// All in logarithms, normalised at every step so that no error grows with the number of rows:
  ///
  /// ```
  /// p_t(j) = log Σ_i exp(a_{t−1}(i) + log A_ij),   a_t(j) = p_t(j) + b_t(j) − c_t
  /// γ_t(i) = exp a_t(i) · Σ_j A_ij γ_{t+1}(j) / exp p_{t+1}(j)
  /// ```
  ///
  /// with c_t such that Σ exp a_t = 1, and log Z = Σ c_t. The backward pass needs no observation, and every
  /// quotient in it is at most 1. Reference: Rabiner 1989; for the backward pass Askar & Derin 1981, IEEE
  /// Transactions on Automatic Control 26, 558–561.
  func values(_ inputs: [[Double]]) -> [Double] {
    let (k, square) = (states, states * states)
    let (initial, transition) = (inputs[k], inputs[k + 1])
    var result = [Double](repeating: .nan, count: count)
    /// a_t and p_t, row by row.
    var filtered = [Double](repeating: 0, count: rows * k)
    var predicted = filtered
    var terms = [Double](repeating: 0, count: square)
    for s in 0..<sequences {
      let own = rows(of: s)
      var evidence = 0.0
      for t in own where evidence.isFinite {
        for j in 0..<k {
          for i in 0..<k where t > own.lowerBound {
            terms[i] = filtered[(t - 1) * k + i] + transition[i * k + j]
          }
          predicted[t * k + j] =
            t == own.lowerBound ? initial[j] : ScalarFunction.logSumExp(terms[..<k])
          filtered[t * k + j] = predicted[t * k + j] + inputs[j][t]
        }
        let c = ScalarFunction.logSumExp(filtered[(t * k)..<(t * k + k)])
        for j in 0..<k { filtered[t * k + j] -= c }
        evidence += c
      }
      result[s] = evidence.isNaN || evidence == .infinity ? .nan : evidence
      guard evidence.isFinite else { continue }
      let last = own.upperBound - 1
      var smoothed = Array(filtered[(last * k)...].prefix(k))
      var counts = [Double](repeating: 0, count: square)
      for t in own.reversed() {
        for place in 0..<square where t < last {
          let (i, j) = (place / k, place % k)
          // A state that cannot be reached leaves nothing.
          terms[place] =
            smoothed[j] == -.infinity
            ? -.infinity
            : filtered[t * k + i] + transition[place] + smoothed[j] - predicted[(t + 1) * k + j]
        }
        if t < last {
          // 0 up to rounding, which must not add up over the rows.
          let whole = ScalarFunction.logSumExp(terms[...])
          for place in 0..<square { counts[place] += ScalarFunction.exp(terms[place] - whole) }
          for i in 0..<k {
            smoothed[i] = ScalarFunction.logSumExp(terms[(i * k)..<(i * k + k)]) - whole
          }
        }
        for i in 0..<k {
          result[probabilities(of: i).lowerBound + t] = ScalarFunction.exp(smoothed[i])
        }
      }
      for place in 0..<square {
        result[transitions.lowerBound + s * square + place] = counts[place]
      }
    }
    return result
  }

  /// The sums of the absolute values of terms, given those of the inputs.
  ///
  /// log Z adds the largest term of every row. A change by ε of a row's logarithms changes the
  /// probabilities by as much of themselves at most.
  func termSums(
    _ values: [Double], _ inputs: [(values: [Double], sums: [Double])]
  ) -> [Double] {
    let sizes = (0..<rows).map { t in
      inputs[..<states].reduce(0) { $1.values[t].isFinite ? max($0, $1.sums[t]) : $0 }
    }
    var sums = values.map(\.magnitude)
    for s in 0..<sequences {
      sums[s] += rows(of: s).reduce(0) { $0 + sizes[$1] }
      let largest = rows(of: s).reduce(1) { max($0, sizes[$1]) }
      for place in 0..<(states * states) {
        sums[transitions.lowerBound + s * states * states + place] *= largest
      }
    }
    for k in 0..<states {
      for t in 0..<rows { sums[probabilities(of: k).lowerBound + t] *= max(1, sizes[t]) }
    }
    return sums
  }
}
