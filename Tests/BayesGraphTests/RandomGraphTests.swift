// Random graphs: the rewritten graph has the raw graph's values and gradients.

import Testing

@testable import BayesGraph

/// Grows a raw graph node by node, keeping only nodes that are well inside their domain at a few
/// points, so that neither rounding nor a kink decides anything.
struct RandomGraph {
  let raw = RawGraph()
  let points: [[Double]]
  private var random: SplitMix
  private var nodes: [(tensor: Tensor, values: [[Double]])] = []

  init(seed: UInt64, size: Int) {
    var random = SplitMix(seed: seed)
    var points: [[Double]] = []
    for _ in 0..<3 {
      points.append(
        (0..<RawGraph.dimension).map { _ in Double.random(in: -1.5...1.5, using: &random) })
    }
    self.points = points
    self.random = random
    for leaf in [raw.x, raw.y, raw.s, raw.t, raw.data([0.5, -1, 2])] { keep(leaf) }
    for number in [-1, 0, 0.5, 1, 2, 3] { keep(raw.number(number)) }
    var attempts = 0
    while nodes.count < size && attempts < 50 * size {
      attempts += 1
      grow()
    }
  }

  /// A scalar that every node adds to.
  mutating func root() -> Tensor {
    let sums = nodes.map { $0.tensor.shape.isScalar ? $0.tensor : sum($0.tensor) }
    return sums.dropFirst().reduce(sums[0]) { raw(.add, $0, $1) }
  }

  private func sum(_ x: Tensor) -> Tensor { raw(.reduce(.sum), [x], .scalar) }

  private mutating func keep(_ tensor: Tensor) {
    let interpreter = Interpreter(raw.builder.graph)
    let values = points.map { interpreter.values(of: [tensor.id], at: $0)[0] }
    let isTame = values.joined().allSatisfy { abs($0) < 30 && ($0 == 0 || abs($0) > 1e-3) }
    if isTame { nodes.append((tensor, values)) }
  }

  /// One of the last few nodes more often than an old one.
  private mutating func pick() -> Int {
    let window = Bool.random(using: &random) ? min(6, nodes.count) : nodes.count
    return nodes.count - 1 - Int.random(in: 0..<window, using: &random)
  }

  private func holds(_ node: Int, _ range: ClosedRange<Double>) -> Bool {
    nodes[node].values.joined().allSatisfy(range.contains)
  }

  private func areApart(_ a: Int, _ b: Int) -> Bool {
    zip(nodes[a].values, nodes[b].values).allSatisfy { x, y in
      (0..<max(x.count, y.count)).allSatisfy {
        abs(x[x.count == 1 ? 0 : $0] - y[y.count == 1 ? 0 : $0]) > 1e-3
      }
    }
  }

  private mutating func grow() {
    let (a, b) = (pick(), pick())
    let (x, y) = (nodes[a].tensor, nodes[b].tensor)
    switch Int.random(in: 0..<12, using: &random) {
    case 0...3:
      let op = UnaryOp.everyOp.randomElement(using: &random)!
      if holds(a, op.safe) { keep(raw(op, x)) }
    case 4...7:
      let op = BinaryOp.everyOp.randomElement(using: &random)!
      let (first, second) = op.safe
      guard Shape.broadcast(x.shape, y.shape) != nil, holds(a, first), holds(b, second),
        op.isContinuous || areApart(a, b)
      else { return }
      keep(raw(op, x, y))
    case 8:
      guard let shape = Shape.broadcast(x.shape, y.shape) else { return }
      let (left, right) = (filled(x, shape), filled(y, shape))
      keep(raw(.logSumExpOf, [left, right, left], shape))
      keep(raw(.softmaxOf(1), [left, right], shape))
      keep(raw(.select, [raw(.less, raw.number(0), x), x, y], shape))
    case 9:
      let n = x.shape.count
      let places = (0..<4).map { _ in Int32.random(in: 0..<Int32(n), using: &random) }
      let gathered = raw.gather(x, places)
      keep(gathered)
      keep(raw(.scatterAdd(raw.builder.graph.internIndices([1, 0, 2, 1])), [gathered], .vector(3)))
      keep(raw(.assemble([Stride(start: 3, count: 4, step: -1)]), [gathered], .vector(4)))
    case 10:
      if x.shape.isScalar {
        keep(raw.fill(x))
      } else {
        let back = Stride(start: x.shape.count - 1, count: 2, step: -1)
        keep(raw(.slice(back), [x], .vector(2)))
        keep(raw(.slice(Stride(start: 1, count: 1)), [x], .scalar))
        keep(raw(.cumulativeSum(reversed: true), [x], x.shape))
      }
    default:
      keep(sum(x))
      keep(raw(.reduce(.logSumExp), [x], .scalar))
      keep(raw(.reshape, [raw(.reshape, [x], .matrix(1, x.shape.count))], x.shape))
    }
  }

  private func filled(_ x: Tensor, _ shape: Shape) -> Tensor {
    x.shape == shape ? x : raw(.fill, [x], shape)
  }
}

extension UnaryOp {
  /// Arguments at which the op is smooth and does not magnify rounding.
  fileprivate var safe: ClosedRange<Double> {
    switch self {
    case .reciprocal, .sqrt, .abs, .log, .logGamma, .polygamma, .sign: 0.1...20
    case .logOnePlus: -0.9...20
    case .log1mExp: -20 ... -0.1
    case .logNormalCDF: -4...4
    case .exp, .expMinusOne: -3...3
    default: -20...20
    }
  }
}

extension BinaryOp {
  fileprivate var safe: (ClosedRange<Double>, ClosedRange<Double>) {
    switch self {
    case .divide: (-20...20, 0.1...20)
    case .power: (0.1...5, -3...3)
    case .logRising, .digammaRising: (0.1...20, 0.1...20)
    default: (-20...20, -20...20)
    }
  }

  fileprivate var isContinuous: Bool {
    switch self {
    case .less, .lessOrEqual, .equal, .maximum, .minimum: false
    default: true
    }
  }
}

@Suite("Random graphs") struct RandomGraphTests {
  @Test("rewriting keeps every value and the gradient", arguments: 1...150 as ClosedRange<UInt64>)
  func rewriting(_ seed: UInt64) {
    var graph = RandomGraph(seed: seed, size: 40)
    let root = graph.root()
    let raw = graph.raw.builder.graph
    let replay = Replay(raw)
    #expect(verify(raw, stage: .traced).isEmpty)
    // A builder that starts from the raw graph differentiates its nodes as they are.
    let plain = GraphBuilder(raw)
    let dimension = RawGraph.dimension
    let expected = assembledGradient(
      of: Tensor(builder: plain, id: root.id), dimension: dimension)
    let found = assembledGradient(of: replay[root], dimension: dimension)
    for at in graph.points {
      let before = Interpreter(plain.graph).values(
        of: raw.nodes.indices.map { NodeID($0) } + [expected.id], at: at)
      let after = Interpreter(replay.builder.graph).values(
        of: replay.nodes.map(\.id) + [found.id], at: at)
      for (index, (a, b)) in zip(before, after).enumerated().dropLast() {
        let isClose =
          a.count == b.count
          && zip(a, b).allSatisfy {
            agrees($1, $0, relative: 1e-9, absolute: 1e-9)
          }
        #expect(isClose, "%\(index) = \(raw.formula(raw.nodes[index])): \(a), \(b)")
        if !isClose { return }
      }
      let scale = before.last!.map(abs).max()!
      for (a, b) in zip(before.last!, after.last!) {
        #expect(agrees(b, a, relative: 1e-8, absolute: 1e-8 * scale), "\(a), \(b)")
      }
    }
  }

  @Test("random graphs contain every elementwise op") func variety() {
    var seen: Set<Op> = []
    for seed in 1...150 as ClosedRange<UInt64> {
      seen.formUnion(RandomGraph(seed: seed, size: 40).raw.builder.graph.nodes.map(\.op))
    }
    for op in UnaryOp.everyOp { #expect(seen.contains(.unary(op)), "\(op)") }
    for op in BinaryOp.everyOp { #expect(seen.contains(.binary(op)), "\(op)") }
  }
}
