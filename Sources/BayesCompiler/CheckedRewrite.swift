// Rewrites of a log density, taken only as far as they agree with the density as it is.

internal import BayesGraph
internal import BayesNumerics

/// A log density rewritten by named rules, each of which agrees with the plain density.
///
/// Every rewrite is checked like this each time a model is loaded. Where all rules together disagree,
/// each is tried alone, so that a wrong one does not cost the others.
struct CheckedRewrite {
  /// The rewritten density, or the plain one.
  let root: Tensor
  /// What was done and what was left out, one line each.
  let summary: [String]

  /// - Parameters:
  ///   - plain: the density as it is.
  ///   - dimension: the number of coordinates.
  ///   - rules: the names of all rules.
  ///   - rewrite: the density rewritten without the named rules, and what was done.
  init(
    of plain: Tensor, dimension: Int, rules: [String],
    rewrite: (Set<String>) -> (root: Tensor, summary: [String])
  ) {
    let whole = rewrite([])
    guard whole.root.id != plain.id else {
      (root, summary) = (plain, [])
      return
    }
    let agreement = Agreement(plain, dimension: dimension)
    guard agreement.isPossible else {
      root = plain
      summary = [
        "sufficient statistics were left out: no random point has a finite density to check them at"
      ]
      return
    }
    if agreement.holds(for: whole.root) {
      (root, summary) = whole
      return
    }
    let bad = rules.filter { rule in
      !agreement.holds(for: rewrite(Set(rules).subtracting([rule])).root)
    }
    let rest = rewrite(Set(bad))
    if !bad.isEmpty, agreement.holds(for: rest.root) {
      root = rest.root
      summary =
        rest.summary + bad.map { "\($0): left out, it disagreed with the plain density" }
    } else {
      root = plain
      summary = ["sufficient statistics were left out: they disagreed with the plain density"]
    }
  }
}

/// Values and gradients of a density at a few points, which an equal one must have too.
private struct Agreement {
  /// How far apart two elements may be, beside Σ|terms|: rounding in sums over many rows, with room
  /// for a QR factor of badly scaled columns.
  private static let tolerance = 1e-9
  private static let pointCount = 3
  private static let attempts = 20

  private let dimension: Int
  private var points: [(position: [Double], elements: [Element])] = []

  private typealias Element = (value: Double, terms: Double)

  /// Draws points, the same for every model of a dimension, from U(−2, 2) as chains start.
  init(_ plain: Tensor, dimension: Int) {
    self.dimension = dimension
    let (graph, roots) = Self.differentiated(plain, dimension)
    for attempt in 0..<Self.attempts where points.count < Self.pointCount {
      var stream = RandomStream(
        seed: 0, chain: 0, purpose: .initialPosition, iteration: attempt)
      let position = (0..<dimension).map { _ in 4 * stream.uniform() - 2 }
      let elements = Self.elements(graph, roots, position)
      if elements.allSatisfy(\.value.isFinite) { points.append((position, elements)) }
    }
  }

  /// Whether the density is finite anywhere it was looked at.
  var isPossible: Bool { !points.isEmpty }

  func holds(for other: Tensor) -> Bool {
    let (graph, roots) = Self.differentiated(other, dimension)
    return points.allSatisfy { position, expected in
      zip(expected, Self.elements(graph, roots, position)).allSatisfy { a, b in
        // Not ≤, so that NaN disagrees; where all terms are 0, nothing can differ.
        a.value == b.value
          || abs(a.value - b.value) < Self.tolerance * max(1, a.terms, b.terms)
      }
    }
  }

  /// A copy of the graph with the gradient's nodes, so that the kernel's own graph stays as it is.
  private static func differentiated(_ root: Tensor, _ dimension: Int) -> (Graph, [NodeID]) {
    let builder = GraphBuilder(root.builder.graph)
    let gradient = builder.assembledGradient(
      of: Tensor(builder: builder, id: root.id), dimension: dimension)
    return (builder.graph, [root.id, gradient.id])
  }

  private static func elements(
    _ graph: Graph, _ roots: [NodeID], _ position: [Double]
  ) -> [Element] {
    Interpreter(graph).termSums(of: roots, at: position)
      .flatMap { zip($0.values, $0.sums).map { (value: $0, terms: $1) } }
  }
}

extension GraphBuilder {
  /// The gradient of a scalar as one vector, its parts put where their coordinates are.
  func assembledGradient(of root: Tensor, dimension: Int) -> Tensor {
    guard dimension > 0 else { return constant(0) }
    let parts = gradient(of: root).map { part -> (Stride, Tensor) in
      let node = Tensor(builder: self, id: part.node)
      return (Stride(start: part.offset, count: node.shape.count), node)
    }
    return assemble(parts, shape: .vector(dimension))
  }
}
