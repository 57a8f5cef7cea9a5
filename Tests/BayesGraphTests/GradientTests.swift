// First and second derivatives of every op against finite differences of the interpreter.

import BayesGraph
import Testing

/// An expression of positions, to be differentiated at random points.
struct GradientCase: Sendable, CustomStringConvertible {
  struct Input: Sendable {
    let shape: Shape
    let range: ClosedRange<Double>
  }

  let description: String
  let inputs: [Input]
  let build: @Sendable ([Tensor]) -> Tensor

  init(_ name: String, _ inputs: [Input], _ build: @escaping @Sendable ([Tensor]) -> Tensor) {
    description = name
    self.inputs = inputs
    self.build = build
  }

  init(
    _ name: String, _ shapes: [Shape], in range: ClosedRange<Double> = 0.4...1.6,
    _ build: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.init(name, shapes.map { Input(shape: $0, range: range) }, build)
  }

  func positions(in builder: GraphBuilder) -> [Tensor] {
    var offset = 0
    return inputs.map { input in
      defer { offset += input.shape.count }
      return builder.position(offset: offset, shape: input.shape)
    }
  }

  func point(_ random: inout SplitMix) -> [Double] {
    inputs.flatMap { input in
      (0..<input.shape.count).map { _ in Double.random(in: input.range, using: &random) }
    }
  }
}

extension GradientCase {
  static let unary: [GradientCase] = UnaryOp.everyOp.flatMap { op in
    [Shape.scalar, .vector(3), .matrix(2, 2)].map { shape in
      GradientCase("\(op) of \(shape)", [shape], in: op.domain.first) { $0[0](op) }
    }
  }

  static let binary: [GradientCase] = BinaryOp.everyOp.flatMap { op in
    let shapes: [(Shape, Shape)] = [
      (.scalar, .scalar), (.vector(3), .vector(3)), (.scalar, .vector(3)), (.vector(3), .scalar),
      (.matrix(2, 2), .matrix(2, 2)), (.scalar, .matrix(2, 2)),
    ]
    return shapes.map { a, b in
      GradientCase(
        "\(op) of \(a) and \(b)",
        [Input(shape: a, range: op.domain.first), Input(shape: b, range: op.domain.second)]
      ) { $0[0](op, $0[1]) }
    }
  }

  static let elementwise: [GradientCase] = [
    GradientCase("select by data", [.vector(3), .vector(3)]) {
      $0[0].builder.select($0[0].builder.data([1, 0, 1], shape: .vector(3)), $0[0], $0[1])
    },
    GradientCase("select by position, scalar branch", [.vector(3), .scalar]) {
      $0[0].builder.select($0[0](.less, $0[1]), $0[1], $0[0].squared)
    },
    GradientCase("select by a scalar", [.vector(3), .scalar]) {
      $0[0].builder.select($0[1](.less, $0[1] + 1), $0[0].exponential, $0[1])
    },
    GradientCase("logSumExpOf three", [.vector(3), .vector(3), .scalar]) { logSumExp($0) },
    GradientCase("logSumExpOf one twice", [.vector(2), .vector(2)]) {
      logSumExp([$0[0], $0[1], $0[0]])
    },
    GradientCase("softmaxOf the first", [.vector(3), .vector(3), .scalar]) {
      $0[0].builder.softmaxOf($0, 0)
    },
    GradientCase("softmaxOf the last", [.vector(2), .vector(2)]) {
      $0[0].builder.softmaxOf([$0[0], $0[1], $0[0]], 2)
    },
    GradientCase("power of zero data", [.vector(2)]) {
      $0[0].builder.data([0, 2], shape: .vector(2))(.power, $0[0])
    },
  ]

  static let structure: [GradientCase] = [
    GradientCase("fill", [.scalar]) { $0[0].exponential.filled(.matrix(2, 3)) },
    GradientCase("sum", [.matrix(2, 3)]) { $0[0].squared.sum },
    GradientCase("maximum of all", [.vector(4)]) { $0[0].exponential.reduced(.maximum) },
    GradientCase("log-sum-exp of all", [.matrix(2, 2)]) { $0[0].squared.reduced(.logSumExp) },
    GradientCase("gather with repeats", [.vector(3)]) {
      $0[0].exponential.gathered([2, 0, 2, 2], shape: .matrix(2, 2))
    },
    GradientCase("gather from a scalar", [.scalar]) { $0[0].squared.gathered([0, 0, 0]) },
    GradientCase("function of gathers", [.vector(2), .vector(2)]) {
      $0[0].gathered([0, 1, 1]) / $0[1].gathered([0, 1, 1])
    },
    GradientCase("scatterAdd with repeats", [.vector(4)]) {
      $0[0].exponential.scattered([1, 0, 1, 3], shape: .matrix(2, 3))
    },
    GradientCase("row sums", [.matrix(2, 3)]) { $0[0].builder.rowSums($0[0].squared) },
    GradientCase("slices with a step", [.matrix(3, 3)]) {
      $0[0].exponential.diagonal * $0[0].squared.slice(Stride(start: 8, count: 3, step: -2))
    },
    GradientCase("elements", [.vector(3)]) {
      let y = $0[0].exponential
      return y.element(0) * y.element(1) - y.element(2) * y.element(0)
    },
    GradientCase("assemble with overlap", [.vector(3), .scalar, .vector(2)]) {
      $0[0].builder.assemble(
        [
          (Stride(start: 0, count: 3, step: 2), $0[0].exponential),
          (Stride(start: 2, count: 1), $0[1].squared), (Stride(start: 1, count: 2), $0[2]),
        ], shape: .vector(6))
    },
    GradientCase("concatenate and stack", [.vector(2), .vector(2)]) {
      $0[0].builder.stack(rows: [$0[0].exponential, $0[1].squared]).transposed
    },
    GradientCase("reshape", [.vector(6)]) { $0[0].exponential.reshaped(.matrix(2, 3)) },
    GradientCase("transpose", [.matrix(2, 3)]) { $0[0].exponential.transposed },
    GradientCase("running sums", [.vector(4)]) { $0[0].exponential.cumulativeSum() },
    GradientCase("running sums from the back", [.vector(4)]) {
      $0[0].exponential.cumulativeSum(reversed: true)
    },
    GradientCase("spread rows and columns", [.vector(2), .vector(3)]) {
      $0[0].builder.spreadColumns($0[0], columns: 3) * $0[0].builder.spreadRows($0[1], rows: 2)
    },
  ]

  /// m mᵀ + I, positive definite for every m.
  private static func positiveDefinite(_ m: Tensor) -> Tensor {
    let n = m.shape.rows
    let identity = (0..<(n * n)).map { $0 % (n + 1) == 0 ? 1.0 : 0 }
    return m.times(matrix: m, transposedRight: true) + m.builder.data(identity, shape: m.shape)
  }

  static let linearAlgebra: [GradientCase] = [
    GradientCase("matrix times vector", [.matrix(2, 3), .vector(3)]) { $0[0].times(vector: $0[1]) },
    GradientCase("transposed matrix times vector", [.matrix(2, 3), .vector(2)]) {
      $0[0].times(vector: $0[1], transposed: true)
    },
    GradientCase("A B", [.matrix(2, 3), .matrix(3, 4)]) { $0[0].times(matrix: $0[1]) },
    GradientCase("Aᵀ B", [.matrix(3, 2), .matrix(3, 4)]) {
      $0[0].times(matrix: $0[1], transposedLeft: true)
    },
    GradientCase("A Bᵀ", [.matrix(2, 3), .matrix(4, 3)]) {
      $0[0].times(matrix: $0[1], transposedRight: true)
    },
    GradientCase("Aᵀ Bᵀ", [.matrix(3, 2), .matrix(4, 3)]) {
      $0[0].times(matrix: $0[1], transposedLeft: true, transposedRight: true)
    },
    GradientCase("A A", [.matrix(2, 2)]) { $0[0].times(matrix: $0[0]) },
    GradientCase("outer product", [.vector(2), .vector(3)]) { $0[0].outer($0[1]) },
    GradientCase("Cholesky factor", [.matrix(3, 3)]) { positiveDefinite($0[0]).choleskyFactor },
    GradientCase("log-determinant", [.matrix(3, 3)]) {
      positiveDefinite($0[0]).choleskyFactor.diagonal.logarithm.sum
    },
    GradientCase("L⁻¹ b", [.matrix(3, 3), .vector(3)]) { $0[0].solve($0[1]) },
    GradientCase("L⁻ᵀ b", [.matrix(3, 3), .vector(3)]) { $0[0].solve($0[1], transposed: true) },
    GradientCase("L⁻¹ B", [.matrix(3, 3), .matrix(3, 2)]) { $0[0].solve($0[1]) },
    GradientCase("L⁻ᵀ B", [.matrix(3, 3), .matrix(3, 2)]) {
      $0[0].solve($0[1], transposed: true)
    },
    GradientCase("multivariate normal", [.matrix(3, 3), .vector(3)]) {
      let factor = positiveDefinite($0[0]).choleskyFactor
      return -0.5 * factor.solve($0[1]).squared.sum - factor.diagonal.logarithm.sum
    },
  ]

  /// log Z, γ and ξ, each with derivatives of its own.
  static let chains: [GradientCase] = [
    GradientCase("chain of two states", [.vector(4), .vector(4), .vector(2), .vector(4)]) {
      $0[0].builder.markovChain(
        emissions: [$0[0], $0[1]], initial: $0[2], transition: $0[3], starts: [0]
      ).node
    },
    GradientCase("chain of two sequences", [.vector(5), .vector(2), .matrix(2, 2)]) {
      $0[0].builder.markovChain(
        emissions: [$0[0], $0[0].squared], initial: $0[1], transition: $0[2], starts: [0, 2]
      ).node
    },
    GradientCase("log Z of two sequences", [.vector(5), .vector(2), .matrix(2, 2)]) {
      $0[0].builder.markovChain(
        emissions: [$0[0], $0[0].squared], initial: $0[1], transition: $0[2], starts: [0, 2]
      ).evidence
    },
  ]

  static let models: [GradientCase] = [
    GradientCase("small regression", [.vector(2), .scalar]) {
      let b = $0[0].builder
      let (x, y) = (b.data([1, 2, 3], shape: .vector(3)), b.data([2, 1, 4], shape: .vector(3)))
      let z = (y - ($0[0].element(0) + $0[0].element(1) * x)) / $0[1].exponential
      return (-0.5 * z.squared - $0[1]).sum
    }
  ]

  static let all = unary + binary + elementwise + structure + linearAlgebra + chains + models
}

/// Fourth-order central differences of a vector-valued function, one row per coordinate.
func differences(_ at: [Double], _ f: ([Double]) -> [Double]) -> [[Double]] {
  let h = 1e-3
  return at.indices.map { k in
    func shifted(_ steps: Double) -> [Double] {
      var x = at
      x[k] += steps * h
      return f(x)
    }
    let (one, minusOne, two, minusTwo) = (shifted(1), shifted(-1), shifted(2), shifted(-2))
    return one.indices.map {
      (8 * (one[$0] - minusOne[$0]) - (two[$0] - minusTwo[$0])) / (12 * h)
    }
  }
}

/// The gradient as one vector over `dimension` coordinates.
func assembledGradient(of root: Tensor, dimension: Int) -> Tensor {
  let b = root.builder
  let parts = b.gradient(of: root).map { part -> (Stride, Tensor) in
    let tensor = Tensor(builder: b, id: part.node)
    return (Stride(start: part.offset, count: tensor.shape.count), tensor)
  }
  return b.assemble(parts, shape: .vector(dimension))
}

@Suite("Gradient") struct GradientTests {
  /// Points where neither argument is beside a kink of maximum or minimum.
  private func isSafe(_ point: [Double], _ description: String) -> Bool {
    guard ["maximum", "minimum", "select", "less", "equal"].contains(where: description.contains)
    else { return true }
    let sorted = point.sorted()
    return zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 > 0.01 }
  }

  @Test("first and second derivatives agree with finite differences", arguments: GradientCase.all)
  func derivatives(_ test: GradientCase) {
    var random = SplitMix(seed: 7)
    let b = GraphBuilder()
    let y = test.build(test.positions(in: b))
    let weights = (0..<y.shape.count).map { _ in Double.random(in: -1...1, using: &random) }
    let root = (b.data(weights, shape: y.shape) * y).sum
    let dimension = test.inputs.reduce(0) { $0 + $1.shape.count }
    let gradient = assembledGradient(of: root, dimension: dimension)
    let direction = (0..<dimension).map { _ in Double.random(in: -1...1, using: &random) }
    let slope = (gradient * b.data(direction, shape: .vector(dimension))).sum
    let second = assembledGradient(of: slope, dimension: dimension)
    let interpreter = Interpreter(b.graph)
    var points = 0
    while points < 3 {
      let at = test.point(&random)
      guard isSafe(at, test.description) else { continue }
      points += 1
      for (scalar, derivative) in [(root, gradient), (slope, second)] {
        let expected = differences(at) { interpreter.values(of: [scalar.id], at: $0)[0] }
        let found = interpreter.values(of: [derivative.id], at: at)[0]
        for (a, row) in zip(found, expected) {
          #expect(agrees(a, row[0], relative: 1e-8, absolute: 1e-8), "\(a), \(row[0]) at \(at)")
        }
      }
    }
  }

  @Test("every op has a gradient row") func complete() {
    #expect(UnaryOp.everyOp.map(\.row) == Array(UnaryOp.everyOp.indices))
    #expect(BinaryOp.everyOp.map(\.row) == Array(BinaryOp.everyOp.indices))
    var seen: Set<OpKind> = []
    for test in GradientCase.all {
      let b = GraphBuilder()
      let y = test.build(test.positions(in: b))
      let needed = b.graph.reachable(from: [y.id])
      for (node, isNeeded) in zip(b.graph.nodes, needed) where isNeeded {
        seen.insert(OpKind(node.op))
      }
    }
    #expect(Set(OpKind.allCases).subtracting(seen).isEmpty)
  }

  @Test("a scalar that does not depend on the position has no gradient") func independent() {
    let b = GraphBuilder()
    _ = b.position(offset: 0, shape: .scalar)
    #expect(b.gradient(of: b.data([1, 2], shape: .vector(2)).sum).isEmpty)
  }

  @Test("n slices of a vector cost n nodes in the gradient") func sliceCost() {
    func nodes(_ n: Int) -> Int {
      let b = GraphBuilder()
      let y = b.position(offset: 0, shape: .vector(n)).exponential
      let terms = (0..<(n - 1)).map { y.element($0) * y.element($0 + 1) }
      _ = b.gradient(of: terms.reduce(b.constant(0), +))
      return b.graph.nodes.count
    }
    #expect(nodes(200) < 2 * nodes(100) + 20)
  }
}
