// The elementwise ops against values and derivatives computed independently.

import BayesCore
import BayesGraph
import Testing

/// One row of `Fixtures/ops.json`.
struct OpRow: Sendable, CustomStringConvertible {
  let op: String
  let x: [Double]
  let value: Double
  let derivatives: [Double]?

  var description: String { "\(op)\(x)" }

  static func read(_ key: String) -> [OpRow] {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    guard let file = try? parseJSON(path: "/\(folder)/Fixtures/ops.json") else { return [] }
    return (file[key]?.array ?? []).map { row in
      OpRow(
        op: row["op"]!.string!, x: row["x"]!.array!.map(double), value: double(row["value"]!),
        derivatives: row["derivatives"]?.array?.map(double))
    }
  }

  private static func double(_ value: JSONValue) -> Double {
    value.number ?? Double(value.string!)!
  }

  /// The ops of the table; `logit`, `erf` and `erfc` are library functions, not ops.
  static let unary: [String: UnaryOp] = [
    "exp": .exp, "log": .log, "log1p": .logOnePlus, "expm1": .expMinusOne, "sqrt": .sqrt,
    "square": .square, "logistic": .logistic, "abs": .abs, "tanh": .tanh, "lgamma": .logGamma,
    "digamma": .polygamma(0), "trigamma": .polygamma(1), "normalCDF": .normalCDF,
    "logNormalCDF": .logNormalCDF, "softplus": .log1pExp, "log1mExp": .log1mExp,
    "reciprocal": .reciprocal, "sin": .sin, "cos": .cos, "atan": .atan,
  ]
  static let binary: [String: BinaryOp] = [
    "pow": .power, "logAddExp": .logAddExp, "divide": .divide,
  ]
  static let notOps: Set<String> = ["logit", "erf", "erfc"]

  static let rows = read("rows").filter { !notOps.contains($0.op) }
  static let edges = read("edges").filter { !notOps.contains($0.op) }

  /// The op applied to tensors.
  func build(_ inputs: [Tensor]) -> Tensor {
    if let op = Self.unary[op] { return inputs[0](op) }
    return inputs[0](Self.binary[op]!, inputs[1])
  }

  /// What the op's plain function gives.
  var direct: Double {
    if let op = Self.unary[op] { return op.function(x[0]) }
    return Self.binary[op]!.function(x[0], x[1])
  }

  /// Value and derivatives of the graph.
  var interpreted: (value: Double, derivatives: [Double]) {
    let b = GraphBuilder()
    let inputs = x.indices.map { b.position(offset: $0, shape: .scalar) }
    let y = build(inputs)
    let gradient = b.gradient(of: y)
    let values = Interpreter(b.graph).values(of: [y.id] + gradient.map(\.node), at: x)
    var derivatives = [Double](repeating: 0, count: x.count)
    for (part, value) in zip(gradient, values.dropFirst()) { derivatives[part.offset] += value[0] }
    return (values[0][0], derivatives)
  }
}

/// |a − b| ≤ relative |b| + absolute, with infinities and NaN equal to themselves.
func agrees(_ a: Double, _ b: Double, relative: Double, absolute: Double = .leastNonzeroMagnitude)
  -> Bool
{
  if a == b || (a.isNaN && b.isNaN) { return true }
  return abs(a - b) <= relative * abs(b) + absolute
}

@Suite("Table of ops") struct OpTableTests {
  /// Units in the last place that the value may be off; 4 for what is not named.
  static let valueBounds: [String: Double] = [
    "lgamma": 8, "digamma": 16, "trigamma": 8, "normalCDF": 16, "logNormalCDF": 16,
  ]

  @Test("values agree with 1000-digit arithmetic", arguments: OpRow.rows + OpRow.edges)
  func value(_ row: OpRow) {
    let bound = (Self.valueBounds[row.op] ?? 4) * 0x1p-52
    #expect(agrees(row.direct, row.value, relative: bound), "\(row.direct), \(row.value)")
    let (value, _) = row.interpreted
    #expect(agrees(value, row.value, relative: bound), "\(value), \(row.value)")
  }

  /// The derivative's relative error beside the op's own: x + y where the formula is written with
  /// a difference, which costs absolute accuracy of one rounding of the terms.
  static func derivativeBound(_ row: OpRow) -> (relative: Double, absolute: Double) {
    let unit = 0x1p-52
    switch row.op {
    // 1 − tanh² and 1 + expm1 are differences of numbers near one.
    case "tanh", "expm1": return (8 * unit, 2 * unit)
    // exp of a sum of terms of size x²/2.
    case "normalCDF", "logNormalCDF":
      return (unit * (16 + 4 * row.x[0] * row.x[0]), .leastNonzeroMagnitude)
    case "digamma", "lgamma", "trigamma": return (32 * unit, .leastNonzeroMagnitude)
    // x^y log x, where log x of x near one is exact.
    case "pow": return (16 * unit, .leastNonzeroMagnitude)
    default: return (8 * unit, .leastNonzeroMagnitude)
    }
  }

  @Test(
    "derivatives agree with 1000-digit arithmetic",
    arguments: (OpRow.rows + OpRow.edges).filter { $0.derivatives != nil })
  func derivative(_ row: OpRow) {
    let (_, derivatives) = row.interpreted
    let (relative, absolute) = Self.derivativeBound(row)
    for (a, b) in zip(derivatives, row.derivatives!) {
      #expect(agrees(a, b, relative: relative, absolute: absolute), "\(a), \(b)")
    }
  }

  @Test("the fixture is there and names only ops") func complete() {
    #expect(OpRow.rows.count > 250 && OpRow.edges.count > 50)
    for row in OpRow.rows + OpRow.edges {
      #expect(OpRow.unary[row.op] != nil || OpRow.binary[row.op] != nil, "\(row.op)")
    }
    let tabled = Set(OpRow.unary.values)
    let exact: Set<UnaryOp> = [.negate, .sign]
    for op in UnaryOp.everyOp where op != .polygamma(2) {
      #expect(tabled.contains(op) || exact.contains(op), "\(op) has no row")
    }
  }

  @Test(
    "exact ops are exact",
    arguments: [
      (.add, 1, 2, 3), (.subtract, 1, 2, -1), (.multiply, 3, -2, -6), (.maximum, 1, 2, 2),
      (.maximum, 2, 1, 2), (.maximum, .nan, 1, .nan), (.maximum, 1, .nan, .nan),
      (.maximum, -.infinity, 1, 1), (.minimum, 1, 2, 1), (.minimum, .infinity, 2, 2),
      (.minimum, .nan, 1, .nan), (.minimum, 1, .nan, .nan), (.less, 1, 2, 1), (.less, 2, 2, 0),
      (.less, .nan, 2, 0), (.lessOrEqual, 2, 2, 1), (.lessOrEqual, 3, 2, 0), (.equal, 2, 2, 1),
      (.equal, 2, 3, 0), (.equal, .nan, .nan, 0),
    ] as [(BinaryOp, Double, Double, Double)])
  func exact(_ op: BinaryOp, _ a: Double, _ b: Double, _ expected: Double) {
    #expect(agrees(op.function(a, b), expected, relative: 0, absolute: 0))
  }

  @Test(
    "signs keep zero and NaN",
    arguments: [(2, 1), (-3, -1), (0, 0), (.infinity, 1), (.nan, .nan)] as [(Double, Double)])
  func sign(_ x: Double, _ expected: Double) {
    #expect(agrees(UnaryOp.sign.function(x), expected, relative: 0, absolute: 0))
    #expect(agrees(UnaryOp.negate.function(x), -x, relative: 0, absolute: 0))
  }

  /// a, b, log Γ(a + b) − log Γ(a), ψ(a + b) − ψ(a): mpmath 1.3, 60 digits.
  static let risingTable: [(Double, Double, Double, Double)] = [
    (1.0, 1.0, 0.0, 1.0),
    (3.0, 1e-10, 9.227843351182139e-11, 3.949340668405208e-11),
    (0.5, 2.0, -0.2876820724517809, 2.6666666666666665),
    (0.25, 1e-12, -4.227453533367667e-12, 1.7197329154442445e-11),
    (0.001, 1000.0, 5898.3201515794935, 1007.4828281279588),
    (14.5, 0.25, 0.6620354742522887, 0.01769219632866168),
    (20.0, -10.0, -26.538056707118024, -0.718771403175428),
    (20.0, 1e-10, 2.9705239922447125e-10, 5.127082293507172e-12),
    (20.0, 3.0, 9.131297164635729, 0.14307359307359307),
    (1000.0, 1.0, 6.907755278982137, 0.001),
    (1000000.0, 0.5, 6.907755153982137, 5.00000125e-07),
    (100000000.0, 0.001, 0.018420680738957366, 1.000000004995e-11),
    (1000000000000.0, 3.0, 82.89306334778864, 2.999999999997e-12),
    (1000000000000000.0, 1.0, 34.538776394910684, 1e-15),
    (100000.0, 10000000.0, 151741969.56223792, 4.615125467344641),
    (16.0, -0.5, -1.362356892725278, -0.03277808573709494),
    (5.0, -4.5, -2.6056888874232453, -3.469627694453224),
    (7.0, -1e-09, -1.8727843350216947e-09, -1.535451779711028e-10),
    (100000000.0, -50000000.0, -905691395.8790419, -0.6931471855599454),
  ]

  @Test(
    "rising logarithms and digammas keep their digits where terms nearly cancel",
    arguments: OpTableTests.risingTable)
  func rising(_ a: Double, _ b: Double, _ logarithm: Double, _ digamma: Double) {
    let x = BinaryOp.logRising.function(a, b)
    #expect(agrees(x, logarithm, relative: 4e-15, absolute: 2e-16 * min(1, abs(b))), "\(x)")
    let y = BinaryOp.digammaRising.function(a, b)
    #expect(agrees(y, digamma, relative: 2e-15), "\(y)")
  }

  /// n, x, ψ⁽ⁿ⁾(x): mpmath 1.3, 60 digits.
  static let polygammaTable: [(Int, Double, Double)] = [
    (1, -0.5, 8.934802200544679),
    (1, -3.7, 14.84242186412428),
    (2, 0.001, -2000000002.3976321),
    (2, 0.5, -16.82879664423432),
    (2, 1.0, -2.4041138063191885),
    (2, 3.7, -0.09539530872855403),
    (2, 25.0, -0.001665279318422468),
    (2, 10000.0, -1.000100005e-08),
    (2, -0.4, 21.287168462856535),
    (2, -2.75, -124.11765305971518),
    (2, -100.3, 68.8374452979615),
    (3, 0.5, 97.40909103400244),
    (3, 4.0, 0.04486532819275507),
    (3, -0.25, 1555.7633125348507),
    (3, -7.9, 60014.24854014009),
    (4, 0.1, -2400015.6072031953),
    (4, 2.0, -0.8862661234408782),
    (4, 60.0, -4.786093547771085e-07),
    (4, -1.3, 9738.298854017741),
    (5, 1.5, 11.113548602435497),
    (5, -0.6, 31885.55893016411),
  ]

  @Test(
    "polygammas of any order hold on both sides of zero", arguments: OpTableTests.polygammaTable)
  func polygamma(_ n: Int, _ x: Double, _ expected: Double) {
    let value = UnaryOp.polygamma(n).function(x)
    #expect(agrees(value, expected, relative: 1e-13), "\(value)")
  }

  @Test("polygammas at poles are infinite where one-signed, else NaN") func poles() {
    #expect(UnaryOp.polygamma(3).function(0) == .infinity)
    #expect(UnaryOp.polygamma(3).function(-2) == .infinity)
    #expect(UnaryOp.polygamma(2).function(-2).isNaN)
    #expect(UnaryOp.polygamma(2).function(.infinity) == 0)
    #expect(UnaryOp.polygamma(2).function(-.infinity).isNaN)
  }
}
