// The statistics pass: sums over data rows become fixed-size statistics of the data.

internal import BayesNumerics

/// Replaces sums over rows by sufficient statistics where a rule applies.
///
/// A log density is a sum of sums. Each Σ_i E_i is split along +, − and scalar factors; what is then
/// linear in the parameters, or the square of such a form, needs the data only through sums, a QR
/// factor or group means; what remains stays a sum over rows, over distinct rows where many are
/// equal. The result equals the plain sum up to rounding.
public final class StatisticsPass {
  /// A named rewrite of a sum over rows.
  public struct Rule: Sendable {
    public let name: String
    public let summary: String
  }

  /// What the pass can do, for documentation and output.
  public static let rules: [Rule] = [
    Rule(name: "linear", summary: "Σ of a linear form → fixed sums of the data"),
    Rule(name: "least-squares", summary: "Σ (linear form)² → ‖R(w − ŵ)‖² + RSS by QR"),
    Rule(name: "group-means", summary: "Σ (linear form + effect[group])² → group means and counts"),
    Rule(name: "split-by-data", summary: "Σ select(data, A, B) → Σ of each branch over its rows"),
    Rule(
      name: "row-moments",
      summary: "Σ ‖W(x_n − m)‖² over rows of data → their mean, and ‖W Rᵀ‖² by QR"),
    Rule(name: "distinct-rows", summary: "Σ over equal rows → weights times distinct rows"),
  ]

  private let builder: GraphBuilder
  private let leftOut: Set<String>
  private var counts: [(rule: String, rows: Int)] = []
  private var memo: [NodeID: Tensor] = [:]

  /// - Parameter leavingOut: names of rules that are not to be applied.
  public init(builder: GraphBuilder, leavingOut: Set<String> = []) {
    self.builder = builder
    leftOut = leavingOut
  }

  /// What was done, one line for each rule and row count.
  public var summary: [String] {
    var seen: [String] = []
    for (rule, rows) in counts {
      let line = "\(rule): \(rows) rows"
      if !seen.contains(line) { seen.append(line) }
    }
    return seen
  }

  /// An equal scalar with its sums replaced.
  public func rewrite(_ root: Tensor) -> Tensor {
    if let known = memo[root.id] { return known }
    let result: Tensor
    switch root.node.op {
    case .binary(.add): result = rewrite(root.input(0)) + rewrite(root.input(1))
    case .binary(.subtract): result = rewrite(root.input(0)) - rewrite(root.input(1))
    case .binary(.multiply) where root.shape.isScalar:
      result = rewrite(root.input(0)) * rewrite(root.input(1))
    case .unary(.negate): result = -rewrite(root.input(0))
    case .reduce(.sum): result = sum(of: root.input(0)) ?? root
    default: result = root
    }
    memo[root.id] = result
    return result
  }

  // MARK: Sums

  /// A sum of more parts than this is left as it is.
  private static let mostParts = 400

  /// Part of a sum over rows: coefficient · Σ atom.
  private struct Part {
    let coefficient: Tensor
    let atom: Tensor
  }

  /// Σ of a tensor's elements by statistics, or `nil` if no rule applies.
  private func sum(of x: Tensor) -> Tensor? {
    let rows = x.shape.count
    guard rows > 1 else { return nil }
    var parts: [Part] = []
    split(x, builder.constant(1), rows, into: &parts)
    guard parts.count < Self.mostParts else { return nil }
    var total = builder.constant(0)
    var isReduced = false
    var rest: [(coefficient: Tensor, atoms: Tensor)] = []
    for part in parts {
      if let closed = close(part.atom, rows) {
        total = total + part.coefficient * closed
        isReduced = true
      } else if let k = rest.firstIndex(where: { $0.coefficient.id == part.coefficient.id }) {
        rest[k].atoms = rest[k].atoms + part.atom
      } else {
        rest.append((part.coefficient, part.atom))
      }
    }
    for (coefficient, atoms) in rest {
      if allows("distinct-rows"), let merged = DistinctRows.sum(of: atoms, rows: rows) {
        note("distinct-rows", rows)
        isReduced = true
        total = total + coefficient * merged
      } else {
        total = total + coefficient * atoms.sum
      }
    }
    return isReduced ? total : nil
  }

  private func allows(_ rule: String) -> Bool { !leftOut.contains(rule) }

  private func note(_ rule: String, _ rows: Int) { counts.append((rule, rows)) }

  /// Splits along +, −, scalar factors and squares of scalar factors.
  private func split(_ x: Tensor, _ coefficient: Tensor, _ rows: Int, into parts: inout [Part]) {
    // Shared expressions are split once per use; a recurrence would never end.
    if parts.count >= Self.mostParts { return }
    if x.shape.isScalar {
      parts.append(Part(coefficient: coefficient, atom: builder.fill(x, .vector(rows))))
      return
    }
    switch x.node.op {
    case .binary(.add):
      split(x.input(0), coefficient, rows, into: &parts)
      split(x.input(1), coefficient, rows, into: &parts)
    case .binary(.subtract):
      split(x.input(0), coefficient, rows, into: &parts)
      split(x.input(1), -coefficient, rows, into: &parts)
    case .unary(.negate): split(x.input(0), -coefficient, rows, into: &parts)
    case .binary(.multiply) where x.input(0).shape.isScalar:
      split(x.input(1), coefficient * x.input(0), rows, into: &parts)
    case .binary(.multiply) where x.input(1).shape.isScalar:
      split(x.input(0), coefficient * x.input(1), rows, into: &parts)
    case .binary(.divide) where x.input(1).shape.isScalar:
      split(x.input(0), coefficient / x.input(1), rows, into: &parts)
    case .unary(.square):
      let (factor, inner) = scalarFactor(x.input(0))
      parts.append(Part(coefficient: coefficient * factor.squared, atom: inner.squared))
    default: parts.append(Part(coefficient: coefficient, atom: x))
    }
  }

  /// x = factor · inner with a scalar factor.
  private func scalarFactor(_ x: Tensor) -> (factor: Tensor, inner: Tensor) {
    switch x.node.op {
    case .binary(.multiply) where x.input(0).shape.isScalar && !x.input(1).shape.isScalar:
      let (factor, inner) = scalarFactor(x.input(1))
      return (factor * x.input(0), inner)
    case .binary(.multiply) where x.input(1).shape.isScalar && !x.input(0).shape.isScalar:
      let (factor, inner) = scalarFactor(x.input(0))
      return (factor * x.input(1), inner)
    case .binary(.divide) where x.input(1).shape.isScalar:
      let (factor, inner) = scalarFactor(x.input(0))
      return (factor / x.input(1), inner)
    default: return (builder.constant(1), x)
    }
  }

  /// Σ of one atom in closed form, or `nil`.
  private func close(_ atom: Tensor, _ rows: Int) -> Tensor? {
    if allows("linear"), let form = LinearForm(atom, rows: rows) {
      if !form.isEmpty && atom.filledScalar == nil { note("linear", rows) }
      return form.sum(builder)
    }
    switch atom.node.op {
    case .unary(.square): return square(atom.input(0), weights: nil, rows)
    case .rowQuadratic:
      guard allows("row-moments"), let result = rowMoments(atom) else { return nil }
      note("row-moments", rows)
      return result
    case .binary(.multiply):
      for (a, b) in [(atom.input(0), atom.input(1)), (atom.input(1), atom.input(0))] {
        guard let weights = a.dataValues, weights.allSatisfy({ $0 >= 0 }),
          let inner = b.argument(of: .square)
        else { continue }
        return square(inner, weights: weights, rows)
      }
      return nil
    case .select:
      guard allows("split-by-data"), let flags = atom.input(0).dataValues, flags.count == rows,
        let yes = LinearForm(atom.input(1), rows: rows),
        let no = LinearForm(atom.input(2), rows: rows)
      else { return nil }
      note("split-by-data", rows)
      let mask = flags.map { $0 != 0 ? 1.0 : 0.0 }
      return yes.weighted(by: mask).adding(no.weighted(by: mask.map { 1 - $0 })).sum(builder)
    default: return nil
    }
  }

  private func square(_ inner: Tensor, weights: [Double]?, _ rows: Int) -> Tensor? {
    guard var form = LinearForm(inner, rows: rows) else { return nil }
    if let weights { form = form.weighted(by: weights.map { $0.squareRoot() }) }
    let rule = form.lookups.isEmpty ? "least-squares" : "group-means"
    guard allows(rule), let result = form.sumOfSquares(builder) else { return nil }
    note(rule, rows)
    return result
  }

  /// Σ ‖W (x_n − m)‖² = N ‖W (x̄ − m)‖² + ‖W Rᵀ‖², RᵀR the sum of squares and products of the rows less
  /// their mean: no difference of large numbers.
  private func rowMoments(_ atom: Tensor) -> Tensor? {
    let (x, mean) = (atom.input(0), atom.input(1))
    let (rows, columns) = (x.shape.rows, x.shape.columns)
    guard rows > 2 * columns, columns > 0, let values = x.dataValues else { return nil }
    let weight =
      atom.node.op == .rowQuadratic(isTriangular: true)
      ? atom.input(2).lowerTriangle(diagonal: 1) : atom.input(2)
    let means = (0..<columns).map { k in
      (0..<rows).reduce(0) { $0 + values[$1 * columns + k] } / Double(rows)
    }
    let centred = values.indices.map { values[$0] - means[$0 % columns] }
    let factor = qrFactor(DenseMatrix(rows: rows, columns: columns, values: centred))
    let spread = weight.times(
      matrix: builder.data(factor.values, shape: .matrix(factor.rows, columns)),
      transposedRight: true)
    let shift = weight.times(vector: builder.data(means, shape: .vector(columns)) - mean)
    return Double(rows) * shift.squared.sum + spread.squared.sum
  }
}
