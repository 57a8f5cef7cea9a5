// Problems for expectation maximisation, written by hand: mixtures, a hidden chain, and faulty ones.

import BayesNumerics
import Glibc

@testable import BayesInference

/// A mixture of multivariate normals with full covariances.
///
/// Parameters: K weights, K means, K covariances row after row.
struct GaussianMixture: EMProblem {
  let rows: [Double]
  let columns: Int
  let components: Int
  let seed: UInt64
  /// A squared pivot of a covariance below this fraction of the data's variance is degenerate.
  var floor = 1e-8

  var count: Int { rows.count / columns }
  func makeWorker() throws -> any EMWorker { Worker(problem: self) }

  func mean(_ k: Int) -> Range<Int> {
    let start = components + k * columns
    return start..<start + columns
  }

  func covariance(_ k: Int) -> Range<Int> {
    let start = components * (1 + columns) + k * columns * columns
    return start..<start + columns * columns
  }

  /// The lower Cholesky factor; `nil` where a pivot is not positive.
  static func factor(_ matrix: some RandomAccessCollection<Double>, _ n: Int) -> [Double]? {
    var l = Array(matrix)
    for i in 0..<n {
      for j in 0...i {
        var sum = l[i * n + j]
        for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
        if i == j {
          guard sum > 0 else { return nil }
          l[i * n + i] = sum.squareRoot()
        } else {
          l[i * n + j] = sum / l[j * n + j]
        }
      }
      for j in i + 1..<Swift.max(n, i + 1) { l[i * n + j] = 0 }
    }
    return l
  }

  /// The M-step for given responsibilities, rows × K.
  func maximum(_ shares: [Double]) -> [Double] {
    let (n, d) = (components, columns)
    var x = [Double](repeating: 0, count: n * (1 + d + d * d))
    for k in 0..<n {
      let (m, s) = (mean(k).lowerBound, covariance(k).lowerBound)
      var total = 0.0
      for row in 0..<count {
        let share = shares[row * n + k]
        total += share
        for i in 0..<d { x[m + i] += share * rows[row * d + i] }
      }
      x[k] = total / Double(count)
      for i in 0..<d { x[m + i] /= total }
      for row in 0..<count {
        let share = shares[row * n + k]
        for i in 0..<d {
          for j in 0..<d {
            x[s + i * d + j] +=
              share * (rows[row * d + i] - x[m + i]) * (rows[row * d + j] - x[m + j]) / total
          }
        }
      }
    }
    return x
  }

  private final class Worker: EMWorker {
    let problem: GaussianMixture
    let variances: [Double]

    init(problem: GaussianMixture) {
      self.problem = problem
      let shares = [Double](repeating: 1, count: problem.count)
      let one = GaussianMixture(
        rows: problem.rows, columns: problem.columns, components: 1, seed: 0
      )
      .maximum(shares)
      variances = (0..<problem.columns).map {
        one[1 + problem.columns + $0 * (problem.columns + 1)]
      }
    }

    func start(restart: Int) throws -> [Double] {
      var stream = RandomStream(
        seed: problem.seed, chain: restart, purpose: .restart, iteration: 0)
      let d = problem.columns
      let scaled = problem.rows.indices.map { problem.rows[$0] / variances[$0 % d].squareRoot() }
      let labels = kMeans(
        scaled, columns: d, clusters: problem.components, iterations: restart % 2 == 0 ? 10 : 0,
        using: &stream
      ).labels
      // A little of every component everywhere keeps the first covariances regular.
      var shares = [Double](
        repeating: 0.1 / Double(problem.components), count: problem.count * problem.components)
      for (row, label) in labels.enumerated() { shares[row * problem.components + label] += 0.9 }
      return problem.maximum(shares)
    }

    func step(_ x: [Double]) throws -> EMStep {
      let (n, d) = (problem.components, problem.columns)
      var factors: [[Double]] = []
      var constants: [Double] = []
      for k in 0..<n {
        let covariance = x[problem.covariance(k)]
        let factor = GaussianMixture.factor(covariance, d)
        let pivots = (factor ?? []).enumerated().filter { $0.offset % (d + 1) == 0 }
          .map { $0.element }
        guard let factor, x[k] > 0,
          zip(pivots, variances).allSatisfy({ $0 * $0 > problem.floor * $1 })
        else {
          return EMStep(
            objective: .nan, next: x, degeneracy: "component \(k + 1) has no variance left")
        }
        factors.append(factor)
        constants.append(
          log(x[k]) - pivots.reduce(0) { $0 + log($1) } - 0.5 * Double(d) * log(2 * .pi))
      }
      var shares = [Double](repeating: 0, count: problem.count * n)
      var z = [Double](repeating: 0, count: d)
      var terms = [Double](repeating: 0, count: n)
      var total = 0.0
      for row in 0..<problem.count {
        for k in 0..<n {
          let mean = problem.mean(k).lowerBound
          var square = 0.0
          for i in 0..<d {
            z[i] = problem.rows[row * d + i] - x[mean + i]
            for j in 0..<i { z[i] -= factors[k][i * d + j] * z[j] }
            z[i] /= factors[k][i * d + i]
            square += z[i] * z[i]
          }
          terms[k] = constants[k] - 0.5 * square
        }
        let highest = terms.max()!
        let sum = terms.reduce(0) { $0 + exp($1 - highest) }
        total += highest + log(sum)
        for k in 0..<n { shares[row * n + k] = exp(terms[k] - highest) / sum }
      }
      return EMStep(objective: total, next: problem.maximum(shares))
    }

    func unconstrained(_ x: [Double]) -> [Double]? {
      let d = problem.columns
      var u = (0..<problem.components).map { log(x[$0]) }
      for k in 0..<problem.components {
        u += x[problem.mean(k)]
        guard var factor = GaussianMixture.factor(x[problem.covariance(k)], d) else { return nil }
        for i in 0..<d { factor[i * (d + 1)] = log(factor[i * (d + 1)]) }
        u += factor
      }
      return u.allSatisfy(\.isFinite) ? u : nil
    }

    func constrained(_ u: [Double]) -> [Double] {
      let (n, d) = (problem.components, problem.columns)
      let highest = u[..<n].max()!
      let weights = u[..<n].map { exp($0 - highest) }
      var x = weights.map { $0 / weights.reduce(0, +) }
      var covariances: [Double] = []
      for k in 0..<n {
        let start = n + k * (d + d * d)
        x += u[start..<start + d]
        var l = Array(u[start + d..<start + d + d * d])
        for i in 0..<d { l[i * (d + 1)] = exp(l[i * (d + 1)]) }
        for i in 0..<d {
          for j in 0..<d {
            covariances.append((0..<d).reduce(0) { $0 + l[i * d + $1] * l[j * d + $1] })
          }
        }
      }
      return x + covariances
    }
  }
}

/// A mixture of Poisson distributions: K weights, K means.
struct PoissonMixture: EMProblem {
  let counts: [Double]
  let components: Int
  let seed: UInt64

  func makeWorker() throws -> any EMWorker { Worker(problem: self) }

  private final class Worker: EMWorker {
    let problem: PoissonMixture
    init(problem: PoissonMixture) { self.problem = problem }

    func start(restart: Int) throws -> [Double] {
      var stream = RandomStream(
        seed: problem.seed, chain: restart, purpose: .restart, iteration: 0)
      let n = problem.components
      let rows = problem.counts.count
      let means = (0..<n).map { _ in
        problem.counts[min(rows - 1, Int(stream.uniform() * Double(rows)))] + 0.5 + stream.uniform()
      }
      return [Double](repeating: 1 / Double(n), count: n) + means
    }

    func step(_ x: [Double]) throws -> EMStep {
      let n = problem.components
      var sums = [Double](repeating: 0, count: 2 * n)
      var total = 0.0
      for y in problem.counts {
        let terms = (0..<n).map { k in
          log(x[k]) + (y > 0 ? y * log(x[n + k]) : 0) - x[n + k] - lgamma(y + 1)
        }
        let highest = terms.max()!
        let sum = terms.reduce(0) { $0 + exp($1 - highest) }
        total += highest + log(sum)
        for k in 0..<n {
          let share = exp(terms[k] - highest) / sum
          sums[k] += share
          sums[n + k] += share * y
        }
      }
      let next =
        (0..<n).map { sums[$0] / Double(problem.counts.count) }
        + (0..<n).map { sums[$0] > 0 ? sums[n + $0] / sums[$0] : x[n + $0] }
      return EMStep(objective: total, next: next)
    }

    func unconstrained(_ x: [Double]) -> [Double]? {
      let u = x.map { log($0) }
      return u.allSatisfy(\.isFinite) ? u : nil
    }

    func constrained(_ u: [Double]) -> [Double] {
      let n = problem.components
      let highest = u[..<n].max()!
      let weights = u[..<n].map { exp($0 - highest) }
      return weights.map { $0 / weights.reduce(0, +) } + u[n...].map { exp($0) }
    }
  }
}

/// A hidden Markov chain of two states over three symbols: Baum and Welch's algorithm.
///
/// Parameters: 2 initial, 2 × 2 transition, 2 × 3 emission probabilities.
struct HiddenChain: EMProblem {
  static let example = HiddenChain(
    symbols: (0..<30).map { (7 * $0 * $0 + 3 * $0 + $0 / 4) % 3 },
    begin: [0.6, 0.4, 0.7, 0.3, 0.4, 0.6, 0.5, 0.4, 0.1, 0.1, 0.3, 0.6])

  let symbols: [Int]
  let begin: [Double]

  func makeWorker() throws -> any EMWorker { Worker(problem: self) }

  private final class Worker: EMWorker {
    let problem: HiddenChain
    init(problem: HiddenChain) { self.problem = problem }

    func start(restart: Int) throws -> [Double] { problem.begin }

    func step(_ x: [Double]) throws -> EMStep {
      let y = problem.symbols
      func transition(_ i: Int, _ j: Int) -> Double { x[2 + 2 * i + j] }
      func emission(_ i: Int, _ symbol: Int) -> Double { x[6 + 3 * i + symbol] }
      var forward: [[Double]] = []
      var scales: [Double] = []
      for t in y.indices {
        let raw = (0..<2).map { j in
          let before =
            t == 0
            ? x[j] : forward[t - 1][0] * transition(0, j) + forward[t - 1][1] * transition(1, j)
          return before * emission(j, y[t])
        }
        scales.append(raw[0] + raw[1])
        forward.append(raw.map { $0 / scales[t] })
      }
      var sums = [Double](repeating: 0, count: 12)
      var backward = [1.0, 1.0]
      for t in y.indices.reversed() {
        for i in 0..<2 {
          let share = forward[t][i] * backward[i]
          sums[6 + 3 * i + y[t]] += share
          if t == 0 { sums[i] = share }
        }
        guard t > 0 else { break }
        let ahead = (0..<2).map { emission($0, y[t]) * backward[$0] / scales[t] }
        for i in 0..<2 {
          for j in 0..<2 { sums[2 + 2 * i + j] += forward[t - 1][i] * transition(i, j) * ahead[j] }
        }
        backward = (0..<2).map { transition($0, 0) * ahead[0] + transition($0, 1) * ahead[1] }
      }
      for row in [0..<2, 2..<4, 4..<6, 6..<9, 9..<12] {
        let total = sums[row].reduce(0, +)
        for i in row { sums[i] /= total }
      }
      return EMStep(objective: scales.reduce(0) { $0 + log($1) }, next: sums)
    }

    func unconstrained(_ x: [Double]) -> [Double]? {
      let u = x.map { log($0) }
      return u.allSatisfy { $0 > -500 } ? u : nil
    }

    func constrained(_ u: [Double]) -> [Double] {
      var x = u
      for row in [0..<2, 2..<4, 4..<6, 6..<9, 9..<12] {
        let highest = u[row].max()!
        for i in row { x[i] = exp(u[i] - highest) }
        let total = x[row].reduce(0, +)
        for i in row { x[i] /= total }
      }
      return x
    }
  }
}

/// A problem whose steps are a function, for what real ones should never do.
struct ScriptedProblem: EMProblem {
  /// The starts, by restart.
  let starts: [[Double]]
  /// The coordinates of extrapolation are the parameters themselves, or there are none.
  var hasCoordinates = true
  let stepFrom: @Sendable ([Double]) throws -> EMStep

  func makeWorker() throws -> any EMWorker { Worker(problem: self) }

  private final class Worker: EMWorker {
    let problem: ScriptedProblem
    init(problem: ScriptedProblem) { self.problem = problem }
    func start(restart: Int) throws -> [Double] { problem.starts[restart % problem.starts.count] }
    func step(_ x: [Double]) throws -> EMStep { try problem.stepFrom(x) }
    func unconstrained(_ x: [Double]) -> [Double]? { problem.hasCoordinates ? x : nil }
    func constrained(_ u: [Double]) -> [Double] { u }
  }
}
