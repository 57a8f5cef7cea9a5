// Interpreter = kernel: every op, and typical log densities.

import BayesCore
import BayesGraph
import BayesNumerics
import Testing

@testable import BayesCompiler

/// The largest |kernel − interpreter| over max(1, |value|), of value, gradient and outputs.
func disagreement(_ kernel: Kernel, at position: [Double]) throws -> Double {
  let evaluator = kernel.makeKernelEvaluator()
  var gradient = [Double](repeating: .nan, count: max(kernel.dimension, 1))
  var outputs = [Double](repeating: .nan, count: max(kernel.outputCount, 1))
  let value = try position.withUnsafeBufferPointer { q in
    evaluator.outputs(at: q.baseAddress!, into: &outputs)
    return try evaluator.logDensity(at: q.baseAddress!, gradient: &gradient)
  }
  let expected = Interpreter(kernel.graph).values(
    of: [kernel.roots.value, kernel.roots.gradient, kernel.roots.outputs], at: position)
  var worst = 0.0
  let pairs =
    zip([value], expected[0]).map { $0 } + zip(gradient, expected[1]).map { $0 }
    + zip(outputs.prefix(kernel.outputCount), expected[2]).map { $0 }
  for (a, b) in pairs {
    if a == b || (a.isNaN && b.isNaN) { continue }
    let difference = abs(a - b) / max(1, abs(b))
    worst = max(worst, difference.isNaN ? .infinity : difference)
  }
  return worst
}

@Suite("Kernel = interpreter") struct KernelAgreementTests {
  static let unaryOps: [UnaryOp] = [
    .negate, .reciprocal, .square, .sqrt, .abs, .sign, .exp, .expMinusOne, .log, .logOnePlus,
    .log1pExp, .log1mExp, .logistic, .tanh, .sin, .cos, .atan, .logGamma, .polygamma(0),
    .polygamma(1), .polygamma(2), .polygamma(3), .normalCDF, .logNormalCDF,
  ]

  static let points: [Double] = [
    -700, -40, -12.3, -5.5, -3.7, -1.5, -0.9, -0.5, -0.1, -1e-3, -1e-9, -1e-300, 0, 1e-300, 1e-9,
    1e-3, 0.1, 0.3, 0.5, 0.9, 1, 1.5, 2, 3.7, 5.5, 8, 12.3, 40, 150, 700, 1e5, 1e12,
  ]

  @Test("every unary op, scalar and in loops", arguments: unaryOps)
  func unary(_ op: UnaryOp) throws {
    let points = Self.points
    for count in [1, 5, points.count] {
      let b = GraphBuilder()
      let x = b.position(offset: 0, shape: count == 1 ? .scalar : .vector(count))
      let y = x(op)
      let total = y.sum
      for start in stride(from: 0, to: points.count, by: count) where start + count <= points.count
      {
        let kernel = try Kernel(
          graph: b.graph, dimension: count, logDensity: total.id, outputs: [y.id])
        #expect(kernel.backend != .interpreter(reason: ""), "native")
        let at = Array(points[start..<(start + count)])
        // Sums of infinities aside, each output agrees by itself.
        var outputs = [Double](repeating: 0, count: count)
        kernel.makeKernelEvaluator().outputs(at: at, into: &outputs)
        for (point, value) in zip(at, outputs) {
          let expected = op.function(point)
          if expected.isNaN { continue }
          let scale = max(abs(expected), op == .sin || op == .cos ? 1 : 1e-290)
          let tolerance: Double
          switch op {
          case .logGamma, .polygamma: tolerance = 2e-13 * max(1, abs(expected))
          // The tail's argument is rounded once more on the way into erfc: x²·ε relative.
          case .normalCDF, .logNormalCDF:
            tolerance = 4e-15 * scale * max(1, min(point * point, 100))
          default: tolerance = 4e-15 * scale
          }
          #expect(
            value == expected || abs(value - expected) <= tolerance,
            "\(op)(\(point)) = \(value), interpreter \(expected)")
        }
      }
    }
  }

  @Test("a logistic regression, small and in blocks", arguments: [7, 300, 2000])
  func logisticRegression(rows: Int) throws {
    var stream = RandomStream(seed: 1, chain: 0, purpose: .test, iteration: rows)
    let b = GraphBuilder()
    let columns = 5
    let design = b.data(
      (0..<(rows * columns)).map { _ in stream.normal() }, shape: .matrix(rows, columns))
    let y = b.data((0..<rows).map { _ in stream.uniform() < 0.5 ? 1 : 0 }, shape: .vector(rows))
    let beta = b.position(offset: 1, shape: .vector(columns))
    let eta = b.position(offset: 0, shape: .scalar) + design.times(vector: beta)
    let density = (y * eta - eta(.log1pExp)).sum - 0.5 * beta.squared.sum
    let kernel = try Kernel(
      graph: b.graph, dimension: columns + 1, logDensity: density.id, outputs: [eta.id, beta.id])
    #expect(kernel.backend == .native(isCached: true) || kernel.backend == .native(isCached: false))
    #expect(try disagreement(kernel, at: [0.3, 0.1, -0.2, 0.4, 1, -1]) < 1e-12)
  }

  @Test("group effects: gathers and scatters") func groups() throws {
    var stream = RandomStream(seed: 2, chain: 0, purpose: .test, iteration: 0)
    for rows in [20, 1000] {
      let b = GraphBuilder()
      let index = (0..<rows).map { _ in Int(stream.uniform() * 6) }
      let y = b.data((0..<rows).map { _ in stream.normal() }, shape: .vector(rows))
      let mu = b.position(offset: 0, shape: .scalar)
      let tau = b.position(offset: 1, shape: .scalar).exponential
      let eta = b.position(offset: 2, shape: .vector(6))
      let alpha = mu + tau * eta
      let z = (y - alpha.gathered(index)) / (0.5 + eta.squared).gathered(index)
      let density = (-0.5 * z.squared).sum - 0.5 * eta.squared.sum + alpha.element(2) * 0.1
      let kernel = try Kernel(
        graph: b.graph, dimension: 8, logDensity: density.id, outputs: [alpha.id])
      #expect(try disagreement(kernel, at: [0.3, -0.1, 1, -0.2, 0.4, 1.1, -1, 2]) < 1e-12)
    }
  }

  @Test("a Gaussian process: Cholesky, solves and their gradients", arguments: [9, 30])
  func gaussianProcess(_ n: Int) throws {
    let b = GraphBuilder()
    let x = (0..<n).map(Double.init)
    let squares = b.data(
      x.flatMap { u in x.map { (u - $0) * (u - $0) } }, shape: .matrix(n, n))
    let identity = b.data(
      (0..<(n * n)).map { $0 % (n + 1) == 0 ? 1 : 0 }, shape: .matrix(n, n))
    let q = b.position(offset: 0, shape: .vector(3)).exponential
    let k =
      q.element(0).squared * (-0.5 * squares / q.element(1).squared).exponential
      + q.element(2) * identity
    let l = k.choleskyFactor
    let y = b.data(x.map { ($0 * 1.3).truncatingRemainder(dividingBy: 2) }, shape: .vector(n))
    let z = l.solve(y)
    let density = -0.5 * z.squared.sum - l.diagonal.logarithm.sum
    let kernel = try Kernel(
      graph: b.graph, dimension: 3, logDensity: density.id, outputs: [l.id, z.id])
    #expect(try disagreement(kernel, at: [0.2, 0.4, -0.7]) < 1e-12)
  }

  @Test("mixtures: log-sum-exp and softmax over 2 and 4 terms", arguments: [2, 4])
  func mixtures(terms: Int) throws {
    var stream = RandomStream(seed: 3, chain: 0, purpose: .test, iteration: terms)
    let b = GraphBuilder()
    let y = b.data((0..<50).map { _ in 3 * stream.normal() }, shape: .vector(50))
    let mu = b.position(offset: 0, shape: .vector(terms))
    let components = (0..<terms).map { k in
      -0.5 * (y - mu.element(k)).squared + 0.1 * Double(k)
    }
    let density = logSumExp(components).sum
    let kernel = try Kernel(
      graph: b.graph, dimension: terms, logDensity: density.id, outputs: [])
    #expect(try disagreement(kernel, at: (0..<terms).map { Double($0) - 1 }) < 1e-12)
  }

  @Test("a choice whose other branch is infinite, scalar and in loops", arguments: [1, 5, 300])
  func choices(count: Int) throws {
    let b = GraphBuilder()
    let x = b.position(offset: 0, shape: count == 1 ? .scalar : .vector(count))
    let (zero, isPositive) = (b.constant(0), b.constant(0)(.less, x))
    let branches = [
      x.logarithm, x.squareRoot, x(.power, b.constant(0.3)), 1 / x, x * x.logarithm, x.logGamma,
    ]
    let density = branches.reduce(zero) { $0 + b.select(isPositive, $1, zero).sum }
    let kernel = try Kernel(
      graph: b.graph, dimension: count, logDensity: density.id, outputs: [])
    for values in [[0, 2, -1], [0, 0, 0], [1, 3, 0.5]] as [[Double]] {
      let at = (0..<count).map { values[$0 % 3] }
      #expect(try disagreement(kernel, at: at) < 1e-12)
      var gradient = [Double](repeating: .nan, count: count)
      let value = try kernel.makeKernelEvaluator().logDensity(at: at, gradient: &gradient)
      #expect(value.isFinite && gradient.allSatisfy(\.isFinite))
    }
  }
}
