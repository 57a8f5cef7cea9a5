// Reverse-mode differentiation, graph to graph.

/// The derivative with respect to one `.position` node.
public struct PositionGradient: Sendable {
  /// The first coordinate.
  public let offset: Int
  /// The partial derivatives, in the position node's shape.
  public let node: NodeID
}

extension GraphBuilder {
  /// The gradient of a scalar with respect to every `.position` node it depends on.
  ///
  /// The result is made of ordinary nodes, so it can be differentiated again. Position nodes may
  /// overlap; whoever assembles a full gradient adds the parts.
  ///
  /// - Complexity: a constant number of new nodes for each node of the scalar's graph.
  public func gradient(of root: Tensor) -> [PositionGradient] {
    precondition(root.shape.isScalar, "the gradient of a scalar")
    var pass = ReverseSweep(builder: self, root: root.id)
    return pass.run()
  }
}

/// One reverse sweep. The adjoint of a node has the node's shape, or is a scalar that stands for all
/// its elements.
///
/// Where a choice (`select`, `maximum`, `minimum`) is not taken and where a view does not look, the
/// adjoint is zero, but the derivatives there may be infinite: log x at 0 in select(x > 0, log x, 0),
/// and 0 · ∞ must not make the sum NaN. So the sweep marks what these zeros can reach, and a marked adjoint g turns a
/// contribution f(g) into select(g, f(g), 0). A density without choices has no such selects.
struct ReverseSweep {
  let builder: GraphBuilder
  let root: NodeID
  /// Whether a node depends on the position.
  var isActive: [Bool] = []
  var adjoints: [Tensor?] = []
  /// Adjoints of slices, assembled once, so that n slices of a vector cost n and not n².
  var parts: [[(Stride, Tensor)]] = []
  /// Whether a node's adjoint may be zero because a choice was not taken.
  var isGated: [Bool] = []
  /// The adjoint of the node at hand, if that is gated.
  var gate: Tensor?

  init(builder: GraphBuilder, root: NodeID) {
    self.builder = builder
    self.root = root
  }

  mutating func run() -> [PositionGradient] {
    let count = root.index + 1
    isActive = [Bool](repeating: false, count: count)
    for index in 0..<count {
      let node = builder.graph.nodes[index]
      if case .position = node.op {
        isActive[index] = true
      } else {
        isActive[index] = node.inputs.contains { isActive[$0.index] }
      }
    }
    adjoints = [Tensor?](repeating: nil, count: count)
    parts = [[(Stride, Tensor)]](repeating: [], count: count)
    isGated = [Bool](repeating: false, count: count)
    guard isActive[root.index] else { return [] }
    adjoints[root.index] = builder.constant(1)
    var result: [PositionGradient] = []
    for index in (0..<count).reversed() where isActive[index] {
      guard let adjoint = adjoint(of: index) else { continue }
      if !isWhole(index) { isGated[index] = true }
      let node = builder.graph.nodes[index]
      if case .position(let offset) = node.op {
        result.append(
          PositionGradient(offset: offset, node: builder.fill(adjoint, node.shape).id))
      } else {
        if isGated[index] { markInputs(of: node) }
        gate = isGated[index] ? adjoint : nil
        propagate(node, NodeID(index), adjoint)
      }
    }
    return result.reversed()
  }

  /// A node's whole adjoint, or `nil` if nothing reached it.
  private func adjoint(of index: Int) -> Tensor? {
    let shape = builder.graph.nodes[index].shape
    guard !parts[index].isEmpty else { return adjoints[index] }
    let assembled = builder.assemble(parts[index], shape: shape)
    return adjoints[index].map { $0 + assembled } ?? assembled
  }

  /// False where slices alone made up a node's adjoint and left some elements out, which are zero.
  private func isWhole(_ index: Int) -> Bool {
    guard adjoints[index] == nil else { return true }
    let node = builder.graph.nodes[index]
    if let chain = builder.graph.chainLayout(node), isWhole(parts[index].map(\.0), chain) {
      return true
    }
    var covered = [Bool](repeating: false, count: node.shape.count)
    for (stride, _) in parts[index] {
      for i in 0..<stride.count { covered[stride[i]] = true }
    }
    return covered.allSatisfy { $0 }
  }

  /// Adds a contribution to an input's adjoint, summing over elements where the input is a scalar
  /// that stood for all of them.
  mutating func add(_ contribution: Tensor, to input: Tensor, of shape: Shape) {
    guard isActive[input.id.index] else { return }
    var part = contribution
    if input.shape.isScalar && !shape.isScalar {
      part = part.shape.isScalar ? part * Double(shape.count) : part.sum
    }
    let index = input.id.index
    adjoints[index] = adjoints[index].map { $0 + part } ?? part
  }

  /// Marks what the zeros of a choice can reach from here.
  private mutating func markInputs(of node: Node) {
    for input in node.inputs { isGated[input.index] = true }
  }

  /// A contribution that is the adjoint at hand times a factor, element by element, and exactly zero
  /// where a gated adjoint is. Data is finite, and 0 times that is 0 by itself.
  func gated(_ contribution: Tensor, factor: Tensor? = nil) -> Tensor {
    guard let gate else { return contribution }
    if let known = factor?.dataValues, known.allSatisfy(\.isFinite) { return contribution }
    return builder.select(gate, contribution, builder.constant(0))
  }

  /// A contribution whose elements depend on all of the adjoint at hand: zero if all of a gated
  /// adjoint is.
  func gatedWhole(_ contribution: Tensor) -> Tensor {
    guard let gate else { return contribution }
    return builder.select(gate(.abs).reduced(.maximum), contribution, builder.constant(0))
  }

  private func tensor(_ id: NodeID) -> Tensor { Tensor(builder: builder, id: id) }

  func isActive(_ x: Tensor) -> Bool { isActive[x.id.index] }

  private mutating func propagate(_ node: Node, _ id: NodeID, _ g: Tensor) {
    let inputs = node.inputs.map(tensor)
    let y = tensor(id)
    let shape = node.shape
    switch node.op {
    case .constant, .data, .position:
      break
    case .unary(let op):
      guard let derivative = derivative(op, inputs[0], y) else { break }
      add(gated(g * derivative, factor: derivative), to: inputs[0], of: shape)
    case .binary(let op):
      propagate(op, inputs[0], inputs[1], y, g)
    case .select:
      let zero = builder.constant(0)
      markInputs(of: node)
      if isActive(inputs[1]) {
        add(builder.select(inputs[0], g, zero), to: inputs[1], of: shape)
      }
      if isActive(inputs[2]) {
        add(builder.select(inputs[0], zero, g), to: inputs[2], of: shape)
      }
    case .logSumExpOf:
      for (k, input) in inputs.enumerated() where isActive(input) {
        add(gated(g * builder.softmaxOf(inputs, k)), to: input, of: shape)
      }
    case .softmaxOf(let k):
      for (j, input) in inputs.enumerated() where isActive(input) {
        let other = builder.softmaxOf(inputs, j)
        add(gated(g * y * (j == k ? 1 - other : -other)), to: input, of: shape)
      }
    case .fill:
      add(g, to: inputs[0], of: shape)
    case .reduce(let op):
      propagate(op, inputs[0], y, g)
    case .gather(let indices):
      if !readsAll(builder.graph.indexArrays[indices], of: inputs[0].shape.count) {
        markInputs(of: node)
      }
      add(
        builder.scatterAdd(builder.fill(g, shape), indexArray: indices, shape: inputs[0].shape),
        to: inputs[0], of: inputs[0].shape)
    case .scatterAdd(let indices):
      let whole = builder.fill(g, shape)
      let places = builder.graph.indexArrays[indices].map(Int.init)
      add(
        builder.gather(whole, places, shape: inputs[0].shape), to: inputs[0], of: inputs[0].shape)
    case .slice(let stride):
      parts[inputs[0].id.index].append((stride, builder.fill(g, shape)))
    case .assemble(let strides):
      for (stride, input) in zip(strides, inputs) where isActive(input) {
        let part = g.shape.isScalar && !shape.isScalar ? g : g.slice(stride, shape: input.shape)
        add(part, to: input, of: input.shape)
      }
    case .reshape:
      let part = g.shape.isScalar ? g : g.reshaped(inputs[0].shape)
      add(part, to: inputs[0], of: inputs[0].shape)
    case .transpose:
      add(g.shape.isScalar ? g : g.transposed, to: inputs[0], of: inputs[0].shape)
    case .cumulativeSum(let reversed):
      add(
        builder.fill(g, shape).cumulativeSum(reversed: !reversed), to: inputs[0], of: shape)
    case .markovChain:
      propagateChain(node, y, builder.fill(g, shape))
    case .matrixVector, .matrixMatrix, .outer, .cholesky, .triangularSolve:
      propagateLinearAlgebra(node.op, inputs, y, builder.fill(g, shape))
    }
  }

  /// f′(x), given y = f(x); `nil` where it is zero everywhere.
  private func derivative(_ op: UnaryOp, _ x: Tensor, _ y: Tensor) -> Tensor? {
    let halfLog2Pi = 0.918938533204672741780329736406
    switch op {
    case .negate: return builder.constant(-1)
    case .reciprocal: return -y.squared
    case .square: return 2 * x
    case .sqrt: return 0.5 / y
    case .abs: return x(.sign)
    case .sign: return nil
    case .exp: return y
    case .expMinusOne: return y + 1
    case .log: return x.reciprocal
    case .logOnePlus: return (1 + x).reciprocal
    case .log1pExp: return x(.logistic)
    case .log1mExp: return -(-x)(.expMinusOne).reciprocal
    case .logistic: return y * (1 - y)
    case .tanh: return 1 - y.squared
    case .sin: return x(.cos)
    case .cos: return -x(.sin)
    case .atan: return (1 + x.squared).reciprocal
    case .logGamma: return x(.polygamma(0))
    case .polygamma(let n): return x(.polygamma(n + 1))
    case .normalCDF: return (-0.5 * x.squared - halfLog2Pi).exponential
    case .logNormalCDF: return (-0.5 * x.squared - halfLog2Pi - y).exponential
    }
  }

  private mutating func propagate(
    _ op: BinaryOp, _ a: Tensor, _ b: Tensor, _ y: Tensor, _ g: Tensor
  ) {
    let shape = y.shape
    func toA(_ make: () -> Tensor) -> Tensor? { isActive(a) ? make() : nil }
    func toB(_ make: () -> Tensor) -> Tensor? { isActive(b) ? make() : nil }
    var da: Tensor?
    var db: Tensor?
    switch op {
    case .add: (da, db) = (g, g)
    case .subtract: (da, db) = (g, -g)
    case .multiply: (da, db) = (toA { gated(g * b, factor: b) }, toB { gated(g * a, factor: a) })
    case .divide: (da, db) = (toA { gated(g / b) }, toB { gated(-(g * y) / b) })
    case .power:
      da = toA { gated(g * b * a(.power, b - 1)) }
      // 0^b is 0 for every b > 0 (and 1 at b = 0), where y · log a would be 0 · −∞.
      db = toB {
        let zero = builder.constant(0)
        return gated(g * y * builder.select(a(.equal, zero), zero, a.logarithm))
      }
    case .maximum:
      markInputs(of: y.node)
      (da, db) = (toA { chosen(b(.lessOrEqual, a), g) }, toB { chosen(a(.less, b), g) })
    case .minimum:
      markInputs(of: y.node)
      (da, db) = (toA { chosen(a(.lessOrEqual, b), g) }, toB { chosen(b(.less, a), g) })
    case .logAddExp:
      (da, db) = (toA { gated(g * (a - b)(.logistic)) }, toB { gated(g * (b - a)(.logistic)) })
    case .less, .lessOrEqual, .equal: break
    case .logRising:
      da = toA { gated(g * a(.digammaRising, b)) }
      db = toB { gated(g * (a + b)(.polygamma(0))) }
    case .digammaRising:
      da = toA { gated(g * ((a + b)(.polygamma(1)) - a(.polygamma(1)))) }
      db = toB { gated(g * (a + b)(.polygamma(1))) }
    }
    if let da { add(da, to: a, of: shape) }
    if let db { add(db, to: b, of: shape) }
  }

  /// The adjoint where a condition holds, else exactly zero: g may be infinite.
  private func chosen(_ condition: Tensor, _ g: Tensor) -> Tensor {
    builder.select(condition, g, builder.constant(0))
  }

  private mutating func propagate(_ op: ReduceOp, _ x: Tensor, _ y: Tensor, _ g: Tensor) {
    switch op {
    case .sum: add(g, to: x, of: x.shape)
    case .maximum:
      markInputs(of: y.node)
      add(chosen(x(.equal, y), g), to: x, of: x.shape)
    case .logSumExp: add(gated(g * (x - y).exponential), to: x, of: x.shape)
    }
  }
}
