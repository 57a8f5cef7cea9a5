// A hidden Markov chain with numbers in it: its most probable path, and draws of paths.

import BayesNumerics
import Glibc

/// The states of a hidden Markov chain given parameters and data, everything in logarithms.
struct HiddenChain {
  /// The log probabilities of the first state of a sequence, K of them.
  let logInitial: [Double]
  /// The log probabilities of moves, K × K, row from, column to.
  let logTransition: [Double]
  /// For each state the log density of what each row of the axis emits in it.
  let emissions: [[Double]]
  /// The rows of the axis in the order of time, one sequence after another.
  let rows: [Int]
  /// Where in `rows` each sequence begins, ascending from 0.
  let sequences: [Int]

  private var states: Int { logInitial.count }

  /// The places in `rows` of each sequence.
  private var ranges: [Range<Int>] {
    zip(sequences, sequences.dropFirst() + [rows.count]).map { $0..<$1 }
  }

  /// The path of the highest joint density with the data, and that log density; sequences are independent
  /// of each other.
  ///
  /// ```
  /// δ_t(j) = max_i (δ_{t−1}(i) + log A_ij) + b_t(j)
  /// ```
  ///
  /// Of equally probable paths the one with the first last state, and backwards from there with the first
  /// predecessor. Reference: Viterbi 1967, IEEE Transactions on Information Theory 13, 260–269; Rabiner 1989,
  /// Proceedings of the IEEE 77, 257–286, equations 32–35.
  ///
  /// - Complexity: O(T K²) time, O(T K) memory.
  func mostProbablePath() -> (states: [Int], logDensity: Double) {
    let k = states
    var path = [Int](repeating: 0, count: rows.count)
    var total = 0.0
    for range in ranges {
      /// δ of the last step, and for each step and state the best predecessor.
      var best = (0..<k).map { logInitial[$0] + emissions[$0][rows[range.lowerBound]] }
      var predecessors: [Int32] = []
      predecessors.reserveCapacity(range.count * k)
      for t in range.dropFirst() {
        let earlier = best
        for j in 0..<k {
          var from = 0
          var value = earlier[0] + logTransition[j]
          for i in 1..<max(k, 1) where earlier[i] + logTransition[i * k + j] > value {
            (from, value) = (i, earlier[i] + logTransition[i * k + j])
          }
          best[j] = value + emissions[j][rows[t]]
          predecessors.append(Int32(from))
        }
      }
      var state = best.indices.dropFirst().reduce(0) { best[$1] > best[$0] ? $1 : $0 }
      total += best[state]
      for t in range.reversed() {
        path[rows[t]] = state
        if t > range.lowerBound {
          state = Int(predecessors[(t - range.lowerBound - 1) * k + state])
        }
      }
    }
    return (path, total)
  }

  /// A path drawn from its distribution given parameters and data: forward filtering, backward sampling.
  ///
  /// The last state is drawn from p(z_T | y_1…y_T), each before it from
  /// p(z_t | z_{t+1}, y_1…y_t) ∝ p(z_t | y_1…y_t) A(z_t, z_{t+1}). Reference: Frühwirth-Schnatter 2006, Finite
  /// Mixture and Markov Switching Models, section 11.5.1; Chib 1996, Journal of Econometrics 75, 79–97.
  ///
  /// - Complexity: O(T K²) exponentials.
  func draw(using stream: inout RandomStream) -> [Int] {
    let k = states
    var path = [Int](repeating: 0, count: rows.count)
    var terms = [Double](repeating: 0, count: k)
    for range in ranges {
      /// log p(z_t | y_1…y_t), row by row.
      var filtered = [Double](repeating: 0, count: range.count * k)
      for (step, t) in range.enumerated() {
        for j in 0..<k {
          if step == 0 {
            filtered[j] = logInitial[j] + emissions[j][rows[t]]
          } else {
            for i in 0..<k { terms[i] = filtered[(step - 1) * k + i] + logTransition[i * k + j] }
            filtered[step * k + j] = logSumExp(terms) + emissions[j][rows[t]]
          }
        }
        let evidence = logSumExp(filtered[(step * k)..<(step * k + k)])
        for j in 0..<k { filtered[step * k + j] -= evidence }
      }
      var state = 0
      for (step, t) in range.enumerated().reversed() {
        for i in 0..<k {
          terms[i] = filtered[step * k + i]
          if t + 1 < range.upperBound { terms[i] += logTransition[i * k + state] }
        }
        state = drawn(terms, using: &stream)
        path[rows[t]] = state
      }
    }
    return path
  }
}

/// log Σ exp.
private func logSumExp(_ terms: some Sequence<Double>) -> Double {
  let largest = terms.reduce(-Double.infinity) { max($0, $1) }
  guard largest.isFinite else { return largest }
  return largest + log(terms.reduce(0) { $0 + exp($1 - largest) })
}

/// A position drawn with probability proportional to the exponential of its term; the first where none is
/// possible.
func drawn(_ terms: [Double], using stream: inout RandomStream) -> Int {
  let largest = terms.reduce(-Double.infinity) { max($0, $1) }
  guard largest.isFinite else { return 0 }
  return stream.categorical(terms.map { exp($0 - largest) }) ?? 0
}
