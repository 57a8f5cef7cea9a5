// Constraining transforms, their Jacobians and inverses against the oracle's table.

import BayesCore
import BayesGraph
import Testing

@testable import BayesLanguage

/// A row of `transforms.json`.
struct TransformRow: Sendable, CustomTestStringConvertible {
  let name: String
  let bounds: [Double]
  let y: FixtureValue
  let x: FixtureValue
  let logAbsDetJacobian: Double

  static let all: [TransformRow] = fixtureRows("transforms.json", "rows").map { json in
    let bounds = json["bounds"]!
    return TransformRow(
      name: json["support"]!.string!,
      bounds: ["lower", "upper"].compactMap { bounds[$0]?.number }, y: FixtureValue(json["y"]!),
      x: FixtureValue(json["x"]!), logAbsDetJacobian: fixtureNumber(json["logAbsDetJacobian"]!))
  }

  var testDescription: String { "\(name) \(bounds) at \(y.values)" }

  func support(in builder: GraphBuilder) -> Support {
    let tensors = bounds.map { builder.constant($0) }
    return switch name {
    case "lower": .lower(tensors[0])
    case "upper": .upper(tensors[0])
    case "interval": .interval(tensors[0], tensors[1])
    case "ordered": .ordered
    case "positiveOrdered": .positiveOrdered
    case "sumToZero": .sumToZero
    case "simplex": .simplex
    case "unitVector": .unitVector
    case "correlationCholesky": .correlationCholesky
    case "covarianceCholesky": .covarianceCholesky
    default: .covariance
    }
  }
}

@Suite("Constraining transforms")
struct TransformTests {
  @Test("Value and log Jacobian are the oracle's", arguments: TransformRow.all)
  func forward(_ row: TransformRow) {
    let builder = GraphBuilder()
    let support = row.support(in: builder)
    #expect(support.mismatch(row.x.shape) == nil)
    #expect(support.unconstrainedCount(row.x.shape) == row.y.values.count)
    let y = builder.position(offset: 0, shape: .vector(row.y.values.count))
    let constrained = support.constrain(y, shape: row.x.shape)
    #expect(constrained.value.shape == row.x.shape)
    #expect(constrained.logAbsDetJacobian.shape.isScalar)
    let found = Interpreter(builder.graph).values(
      of: [constrained.value.id, constrained.logAbsDetJacobian.id], at: row.y.values)
    let size = row.x.values.map(abs).max() ?? 1
    for (a, b) in zip(found[0], row.x.values) {
      // Sums of large and small elements keep the digits of the largest.
      let isSum = ["ordered", "sumToZero", "covariance", "covarianceMatrix"].contains(row.name)
      let scale =
        isSum || row.name == "positiveOrdered"
        ? size : row.name == "interval" ? row.bounds.map(abs).max()! : 0
      #expect(agree(a, b, relative: 1e-12, scale: scale), "\(a) for \(b)")
    }
    let terms = row.y.values.reduce(1) { $0 + abs($1) * Double(row.y.values.count) }
    #expect(agree(found[1][0], row.logAbsDetJacobian, relative: 1e-13, scale: terms))
  }

  @Test("The inverse of every value leads back to it", arguments: TransformRow.all)
  func inverse(_ row: TransformRow) throws {
    // Values that rounding has put on the edge of their support have no coordinates.
    guard row.y.values.allSatisfy({ abs($0) <= 8 }) else { return }
    let builder = GraphBuilder()
    let support = row.support(in: builder)
    let y = try support.kind.unconstrain(
      row.x.values, shape: row.x.shape, bounds: row.bounds.map { [$0] })
    #expect(y.count == row.y.values.count)
    let constrained = support.constrain(
      builder.position(offset: 0, shape: .vector(y.count)), shape: row.x.shape)
    let back = Interpreter(builder.graph).values(of: [constrained.value.id], at: y)[0]
    for (a, b) in zip(back, row.x.values) {
      #expect(agree(a, b, relative: 1e-11, scale: row.bounds.map(abs).max() ?? 1))
    }
    if row.name != "unitVector" && abs(row.bounds.first ?? 0) <= 10 {
      for (a, b) in zip(y, row.y.values) { #expect(agree(a, b, relative: 1e-7, scale: 1)) }
    }
  }

  @Test("Gradients of value and log Jacobian are central differences", arguments: TransformRow.all)
  func gradient(_ row: TransformRow) {
    guard row.y.values.allSatisfy({ abs($0) <= 8 }), !row.y.values.allSatisfy({ abs($0) < 1e-6 })
    else { return }
    let builder = GraphBuilder()
    let support = row.support(in: builder)
    let count = row.y.values.count
    let constrained = support.constrain(
      builder.position(offset: 0, shape: .vector(count)), shape: row.x.shape)
    let weights = builder.data(
      row.x.values.indices.map { 1 + 0.3 * Double($0) }, shape: row.x.shape)
    let target = (constrained.value * weights).sum * 1e-3 + constrained.logAbsDetJacobian
    let gradient = builder.gradient(of: target)
    let interpreter = Interpreter(builder.graph)
    var found = [Double](repeating: 0, count: count)
    for part in gradient {
      for (i, g) in interpreter.values(of: [part.node], at: row.y.values)[0].enumerated() {
        found[part.offset + i] += g
      }
    }
    let size = row.x.values.map(abs).max() ?? 1
    for i in 0..<count {
      var (up, down) = (row.y.values, row.y.values)
      up[i] += 1e-5
      down[i] -= 1e-5
      let values = [up, down].map { interpreter.values(of: [target.id], at: $0)[0][0] }
      #expect(
        agree(found[i], (values[0] - values[1]) / 2e-5, relative: 1e-6, scale: 1 + size * 1e-2))
    }
  }

  @Test("Scalar bounds hold for every element, vector bounds for their own")
  func broadcast() throws {
    let builder = GraphBuilder()
    let lower = builder.data([0, 10], shape: .vector(2))
    let constrained = Support.interval(lower, builder.constant(20)).constrain(
      builder.position(offset: 0, shape: .vector(2)), shape: .vector(2))
    #expect(
      Interpreter(builder.graph).values(of: [constrained.value.id], at: [0, 0])[0] == [10, 15])
    let y = try SupportKind.interval.unconstrain(
      [10, 15], shape: .vector(2), bounds: [[0, 10], [20]])
    #expect(y == [0, 0])
  }

  @Test("Matrices take scalar supports element by element")
  func matrix() {
    let builder = GraphBuilder()
    let constrained = Support.lower(builder.constant(0)).constrain(
      builder.position(offset: 0, shape: .vector(4)), shape: .matrix(2, 2))
    let found = Interpreter(builder.graph).values(
      of: [constrained.value.id, constrained.logAbsDetJacobian.id], at: [0, 0, 0, 1])
    #expect(found[0][..<3] == [1, 1, 1] && found[1] == [1])
  }

  @Test("A bound that is a parameter moves with it")
  func parameterBound() {
    let builder = GraphBuilder()
    let bound = builder.position(offset: 0, shape: .scalar)
    let constrained = Support.upper(bound).constrain(
      builder.position(offset: 1, shape: .vector(1)), shape: .scalar)
    #expect(Interpreter(builder.graph).values(of: [constrained.value.id], at: [5, 0])[0] == [4])
  }

  @Test(
    "Values outside a support are refused with the element and what was expected",
    arguments: [
      (
        SupportKind.simplex, [0.5, 0.6],
        "element 1 is 0.5; expected elements that sum to 1, not to 1.1"
      ),
      (.simplex, [1.0, 0.0], "expected inside the support"),
      (.ordered, [1.0, 3.0, 2.0], "element 3 is 2; expected not below the element before it"),
      (.ordered, [1.0, 1.0], "element 2 is 1; expected inside the support, not on its edge"),
      (.positiveOrdered, [-1.0, 3.0], "element 1 is -1; expected not negative"),
      (.sumToZero, [1.0, 1.0], "sum to 0"),
      (.unitVector, [1.0, 1.0], "length 1"),
      (.real, [1.0, .nan], "element 2 is nan; expected a finite number"),
    ])
  func refused(_ kind: SupportKind, _ values: [Double], _ message: String) {
    let error = #expect(throws: SupportError.self) {
      try kind.unconstrain(values, shape: .vector(values.count))
    }
    let text = error?.description ?? ""
    #expect(text.contains(message), "\(text)")
  }

  @Test("Matrices outside a support are refused with row and column")
  func refusedMatrices() {
    func text(_ kind: SupportKind, _ values: [Double]) -> String {
      do {
        _ = try kind.unconstrain(values, shape: .matrix(2, 2))
        return ""
      } catch { return "\(error)" }
    }
    #expect(text(.covariance, [1, 2, 2, 1]).contains("positive definite"))
    #expect(text(.covariance, [1, 0.5, 0.1, 1]).contains("element [2, 1]"))
    #expect(text(.covarianceCholesky, [1, 0.5, 0.1, 1]).contains("element [1, 2]"))
    #expect(text(.covarianceCholesky, [1, 0, 0.1, -1]).contains("positive on the diagonal"))
    #expect(text(.correlationCholesky, [1, 0, 0.1, 1]).contains("rows of length 1"))
  }

  @Test("A shape that cannot have a support is refused in words")
  func shapes() {
    #expect(Support.simplex.mismatch(.scalar)?.contains("expected a vector") == true)
    #expect(
      Support.covariance.mismatch(.matrix(2, 3))?.contains("expected a square matrix") == true)
    #expect(Support.real.mismatch(.matrix(2, 3)) == nil)
  }
}
