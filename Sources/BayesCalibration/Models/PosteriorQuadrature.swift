// The posterior of a model with a few unknowns as weighted points, by adaptive Gauss–Hermite quadrature.

import BayesCompiler
import BayesCore
import BayesEngine
import BayesGraph
import BayesLanguage
import BayesNumerics
import Glibc

/// A posterior as points with weights: averages over it are weighted sums.
///
/// The points are those of Gauss and Hermite's product rule, moved to the mode of the unconstrained density and stretched by its
/// curvature there, so that the rule is exact for a normal posterior and for polynomials times one. Ever finer rules are tried
/// until the averages that are asked for no longer change.
///
/// Reference: Naylor, Smith 1982, "Applications of a method for the efficient computation of posterior
/// distributions", Applied Statistics 31, doi 10.2307/2347995; Liu, Pierce 1994, "A note on Gauss–Hermite quadrature",
/// Biometrika 81, doi 10.1093/biomet/81.3.624.
struct PosteriorQuadrature {
  /// The parameters' values at every point, in the order of declaration.
  private(set) var points: [[Double]] = []
  /// Their weights, which sum to 1.
  private(set) var weights: [Double] = []
  /// The largest change of an average from the last rule but one to the last.
  private(set) var change = Double.infinity

  /// More rows than this are worth a compiled kernel.
  private static let nativeRows = 20_000

  /// Integrates the posterior of a model whose parameters are all scalars.
  ///
  /// - Parameters:
  ///   - start: constrained values near the mode, by name; none is needed.
  ///   - tolerance: the change of averages that is allowed.
  ///   - averages: what is averaged, of the parameters' values.
  /// - Throws: `CalibrationError.quadrature` where the rules do not agree.
  init(
    _ model: some Model, rows: Int, tolerance: Double = 1e-8, method: String,
    averages: ([Double]) -> [Double]
  ) throws {
    var settings = KernelSettings()
    settings.isNative = rows > Self.nativeRows
    let compiled = try CompiledModel(model, settings: settings)
    let surface = DensitySurface(try compiled.kernel.makeEvaluator(), compiled.traced.dimension)
    guard let mode = try surface.mode(), let scale = mode.inverseRoot else {
      throw CalibrationError.notIntegrated(method: method)
    }
    let interpreter = Interpreter(compiled.traced.graph)
    let nodes = compiled.traced.parameters.map(\.node)
    var last: [Double]?
    for size in [3, 5, 7, 9, 13, 17, 23, 31, 41, 55] {
      let rule = HermiteRule(size)
      var logWeights: [Double] = []
      points = []
      for index in ProductIndices(size: size, dimension: mode.position.count) {
        var position = mode.position
        var logWeight = 0.0
        for (j, k) in index.enumerated() {
          logWeight += rule.logWeights[k]
          for i in position.indices { position[i] += scale[i, j] * rule.nodes[k] }
        }
        let height = try surface.value(position) - mode.value
        logWeights.append(height.isNaN ? -.infinity : logWeight + height)
        points.append(interpreter.values(of: nodes, at: position).map { $0[0] })
      }
      let total = logSumExp(logWeights)
      weights = logWeights.map { exp($0 - total) }
      dropNegligible()
      let found = average(averages)
      if let last {
        change = zip(last, found).reduce(0) { Swift.max($0, abs($1.0 - $1.1)) }
        if change <= tolerance { return }
      }
      last = found
    }
    throw CalibrationError.notIntegrated(method: method)
  }

  /// Leaves out points that no double would notice.
  private mutating func dropNegligible() {
    let kept = weights.indices.filter { weights[$0] > 1e-17 }
    points = kept.map { points[$0] }
    let total = kept.reduce(0) { $0 + weights[$1] }
    weights = kept.map { weights[$0] / total }
  }

  /// The posterior means of functions of the parameters.
  func average(_ functions: ([Double]) -> [Double]) -> [Double] {
    var sums: [Double] = []
    for (point, weight) in zip(points, weights) {
      let values = functions(point)
      if sums.isEmpty { sums = Array(repeating: 0, count: values.count) }
      for i in sums.indices { sums[i] += weight * values[i] }
    }
    return sums
  }
}

/// All index tuples of a product rule.
private struct ProductIndices: Sequence, IteratorProtocol {
  let size: Int
  private var next_: [Int]?

  init(size: Int, dimension: Int) {
    self.size = size
    next_ = Array(repeating: 0, count: dimension)
  }

  mutating func next() -> [Int]? {
    guard let current = next_ else { return nil }
    var following = current
    var i = 0
    while i < following.count, following[i] == size - 1 {
      following[i] = 0
      i += 1
    }
    if i == following.count {
      next_ = nil
    } else {
      following[i] += 1
      next_ = following
    }
    return current
  }
}

/// Gauss and Hermite's rule for integrals over the line: ∫ f(x) dx ≈ Σ exp(logWeights_i) f(nodes_i).
///
/// The nodes are eigenvalues of the recurrence's matrix (Golub and Welsch 1969); the weights are 1/Σ_k ψ_k(x)² over the orthonormal
/// Hermite functions ψ_k, in which nothing underflows.
struct HermiteRule {
  let nodes: [Double]
  let logWeights: [Double]

  init(_ size: Int) {
    var matrix = DenseMatrix(rows: size, columns: size)
    for k in 1..<Swift.max(1, size) {
      matrix[k, k - 1] = Double(k).squareRoot()
      matrix[k - 1, k] = matrix[k, k - 1]
    }
    nodes = symmetricEigen(matrix)!.values
    logWeights = nodes.map { x in
      var (last, current) = (0.0, exp(-0.25 * x * x) / pow(2 * .pi, 0.25))
      var sum = current * current
      for k in 1..<Swift.max(1, size) {
        let root = Double(k).squareRoot()
        (last, current) = (current, (x * current - Double(k - 1).squareRoot() * last) / root)
        sum += current * current
      }
      return -log(sum)
    }
  }
}
