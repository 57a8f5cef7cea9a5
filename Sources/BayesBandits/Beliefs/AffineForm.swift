// Scalars of a round that are affine in the parameters.

import BayesGraph
import BayesLanguage

/// A scalar of a round as `intercept(context) + Σ coefficient_k(context) · parameter[slot_k]`.
struct AffineForm: Sendable {
  /// The parameters' elements that it reads, ascending.
  let slots: [Int]
  private let function: ContextFunction

  /// - Returns: `nil` where the node is not affine in the parameters.
  init?(_ node: Tensor, _ round: TracedRound) {
    let builder = node.builder
    guard PolynomialDegree(of: builder.graph, in: round.parameters)[node.id] < 2 else { return nil }
    var parts: [Int: [Tensor]] = [:]
    for part in builder.gradient(of: node) {
      let derivatives = Tensor(builder: builder, id: part.node)
      for k in 0..<derivatives.shape.count where round.parameters.contains(part.offset + k) {
        parts[part.offset + k, default: []].append(derivatives.element(k))
      }
    }
    let sums = parts.mapValues { $0.dropFirst().reduce($0[0], +) }
    let read = sums.filter { $0.value.knownValues != [0] }.keys.sorted()
    slots = read
    // The intercept is what is left where all parameters are 0.
    function = ContextFunction([node] + read.map { sums[$0]! }, round)
  }

  func values(_ context: [Double]) -> (intercept: Double, coefficients: ArraySlice<Double>) {
    let all = function.values(context)
    return (all[0], all.dropFirst())
  }

  /// Whether nothing of it depends on the context.
  var isConstant: Bool { function.isConstant }

  /// Whether the intercept is 0 whatever the context; told at some contexts where it depends on it.
  var isProportional: Bool {
    function.samples().allSatisfy { $0[0] == 0 }
  }
}

/// Numbers of a round as a function of its context, the parameters being 0.
struct ContextFunction: Sendable {
  private enum Form {
    case constant([Double])
    /// value_i = constant_i + Σ slope_ij · context_j
    case affine(constant: [Double], slopes: [[Double]])
    case general
  }

  private let form: Form
  private let interpreter: Interpreter
  private let nodes: [NodeID]
  private let parameters: Int
  private let size: Int

  init(_ values: [Tensor], _ round: TracedRound) {
    let graph = values.first?.builder.graph ?? round.graph
    let interpreter = Interpreter(graph)
    let nodes = values.map(\.id)
    let (parameters, size) = (round.parameters.count, round.contexts.count)
    (self.interpreter, self.nodes, self.parameters, self.size) = (
      interpreter, nodes, parameters, size
    )
    let degrees = PolynomialDegree(of: graph, in: round.contexts)
    let degree = nodes.map { degrees[$0] }.max() ?? 0
    func at(_ context: [Double]) -> [Double] {
      Self.values(interpreter, nodes, parameters, context)
    }
    let origin = [Double](repeating: 0, count: size)
    switch degree {
    case 0: form = .constant(at(origin))
    case 1:
      let constant = at(origin)
      let columns = (0..<size).map { j in
        var unit = origin
        unit[j] = 1
        return zip(at(unit), constant).map { $0 - $1 }
      }
      form = .affine(
        constant: constant, slopes: constant.indices.map { i in columns.map { $0[i] } })
    default: form = .general
    }
  }

  var isConstant: Bool { if case .constant = form { true } else { false } }

  func values(_ context: [Double]) -> [Double] {
    switch form {
    case .constant(let values): return values
    case .affine(let constant, let slopes):
      return zip(constant, slopes).map { start, row in
        zip(row, context).reduce(start) { $0 + $1.0 * $1.1 }
      }
    case .general: return Self.values(interpreter, nodes, parameters, context)
    }
  }

  /// The values at contexts of no particular kind.
  func samples() -> [[Double]] {
    if isConstant { return [values([])] }
    return (1...3).map { k in
      let context = (0..<size).map { j in
        let step = (7 * j + 5 * k) % 11 + 3
        return Double(step) / 9
      }
      return values(context)
    }
  }

  private static func values(
    _ interpreter: Interpreter, _ nodes: [NodeID], _ parameters: Int, _ context: [Double]
  ) -> [Double] {
    let position = [Double](repeating: 0, count: parameters) + context + [.nan]
    return interpreter.values(of: nodes, at: position).map { $0[0] }
  }
}
