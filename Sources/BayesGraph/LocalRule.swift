// Local rewrite rules: what a new node becomes before it enters the arena.

/// A named rewrite of one operation, given its inputs.
///
/// Rules keep the value up to rounding wherever all intermediate values are finite; each has one
/// line of documentation and one row in the tests' table.
public struct LocalRule: Sendable {
  public let name: String
  /// What becomes what.
  public let summary: String
  let apply: @Sendable (Candidate) -> Tensor?

  init(_ name: String, _ summary: String, _ apply: @escaping @Sendable (Candidate) -> Tensor?) {
    self.name = name
    self.summary = summary
    self.apply = apply
  }

  /// All rules, in the order they are tried.
  public static let all: [LocalRule] =
    foldingRules + arithmeticRules + functionRules + viewRules + gatherRules

  /// The first rule's result that applies.
  static func apply(_ op: Op, _ inputs: [Tensor], _ shape: Shape, in builder: GraphBuilder)
    -> Tensor?
  {
    switch op {
    case .constant, .data, .position: return nil
    default: break
    }
    let candidate = Candidate(op: op, inputs: inputs, shape: shape, builder: builder)
    for rule in all {
      if let result = rule.apply(candidate) { return result }
    }
    return nil
  }
}

/// An operation about to enter the arena.
struct Candidate {
  let op: Op
  let inputs: [Tensor]
  let shape: Shape
  let builder: GraphBuilder

  var unary: (op: UnaryOp, x: Tensor)? {
    if case .unary(let op) = op { (op, inputs[0]) } else { nil }
  }
  var binary: (op: BinaryOp, a: Tensor, b: Tensor)? {
    if case .binary(let op) = op { (op, inputs[0], inputs[1]) } else { nil }
  }
}

extension Tensor {
  var node: Node { builder.graph[id] }

  /// The number, if this is a constant.
  var constantValue: Double? {
    if case .constant(let value) = node.op { value } else { nil }
  }

  var isData: Bool {
    switch node.op {
    case .constant, .data: true
    default: false
    }
  }

  /// The argument, if this is f(argument).
  func argument(of op: UnaryOp) -> Tensor? {
    node.op == .unary(op) ? input(0) : nil
  }

  func arguments(of op: BinaryOp) -> (Tensor, Tensor)? {
    node.op == .binary(op) ? (input(0), input(1)) : nil
  }

  func input(_ k: Int) -> Tensor { Tensor(builder: builder, id: node.inputs[k]) }

  /// The scalar behind a filled shape.
  var filledScalar: Tensor? { node.op == .fill ? input(0) : nil }
}

// MARK: Folding

let foldingRules: [LocalRule] = [
  LocalRule("fold-data", "an operation on data alone becomes data") { c in
    guard !c.inputs.isEmpty, c.inputs.allSatisfy(\.isData), c.op != .fill else { return nil }
    let node = Node(op: c.op, inputs: c.inputs.map(\.id), shape: c.shape)
    let values = Interpreter(c.builder.graph).evaluate(
      node, c.inputs.map { $0.dataValues! }, at: [])
    return c.builder.data(values, shape: c.shape)
  },
  LocalRule("unfill", "a filled scalar beside a full operand is the scalar itself") { c in
    let isElementwise: Bool
    switch c.op {
    case .unary, .binary, .select: isElementwise = true
    default: isElementwise = false
    }
    guard isElementwise, c.inputs.contains(where: { $0.filledScalar != nil }) else { return nil }
    let plain = c.inputs.map { $0.filledScalar ?? $0 }
    if plain.allSatisfy(\.shape.isScalar) {
      return c.builder.fill(c.builder.make(c.op, plain, .scalar), c.shape)
    }
    return c.builder.make(c.op, plain, c.shape)
  },
]

// MARK: Arithmetic

let arithmeticRules: [LocalRule] = [
  LocalRule("add-zero", "x + 0 → x, x − 0 → x, 0 − x → −x") { c in
    guard let (op, a, b) = c.binary else { return nil }
    if op == .add, a.constantValue == 0 { return c.builder.fill(b, c.shape) }
    if op == .add || op == .subtract, b.constantValue == 0 { return c.builder.fill(a, c.shape) }
    if op == .subtract, a.constantValue == 0 { return -b }
    return nil
  },
  LocalRule("multiply-one", "x · 1 → x, x / 1 → x, x · (−1) → −x") { c in
    guard let (op, a, b) = c.binary else { return nil }
    if op == .multiply, a.constantValue == 1 { return c.builder.fill(b, c.shape) }
    if op == .multiply || op == .divide, b.constantValue == 1 {
      return c.builder.fill(a, c.shape)
    }
    if op == .multiply, a.constantValue == -1 { return c.builder.fill(-b, c.shape) }
    if op == .multiply || op == .divide, b.constantValue == -1 {
      return c.builder.fill(-a, c.shape)
    }
    return nil
  },
  LocalRule("multiply-zero", "0 · x → 0 and 0 / x → 0, as of a term that is absent") { c in
    guard let (op, a, b) = c.binary else { return nil }
    let isZero =
      op == .multiply && (a.constantValue == 0 || b.constantValue == 0)
      || op == .divide && a.constantValue == 0
    return isZero ? c.builder.fill(c.builder.constant(0), c.shape) : nil
  },
  LocalRule("negations", "−(−x) → x, −(a − b) → b − a, −(c·x) → (−c)·x") { c in
    guard let (op, x) = c.unary, op == .negate else { return nil }
    if let inner = x.argument(of: .negate) { return inner }
    if let (a, b) = x.arguments(of: .subtract) { return b - a }
    if let (a, b) = x.arguments(of: .multiply), let value = a.constantValue { return -value * b }
    return nil
  },
  LocalRule("signs", "a + (−b) → a − b, a − (−b) → a + b, (−a) + b → b − a, (−a)·b → −(a·b)") { c in
    guard let (op, a, b) = c.binary else { return nil }
    switch op {
    case .add:
      if let inner = b.argument(of: .negate) { return a - inner }
      if let inner = a.argument(of: .negate) { return b - inner }
    case .subtract:
      if let inner = b.argument(of: .negate) { return a + inner }
    case .multiply:
      if let inner = a.argument(of: .negate) { return -(inner * b) }
      if let inner = b.argument(of: .negate) { return -(a * inner) }
    case .divide:
      if let inner = a.argument(of: .negate) { return -(inner / b) }
    default: break
    }
    return nil
  },
  LocalRule("constants", "c·(d·x) → (cd)·x, x / c → (1/c)·x") { c in
    guard let (op, a, b) = c.binary else { return nil }
    if op == .multiply {
      for (number, other) in [(a, b), (b, a)] {
        guard let value = number.constantValue, let (d, x) = other.arguments(of: .multiply),
          let inner = d.constantValue, (value * inner).isNormal
        else { continue }
        return value * inner * x
      }
    }
    if op == .divide, let value = b.constantValue, value != 0, (1 / value).isNormal {
      return (1 / value) * a
    }
    return nil
  },
  LocalRule("divide-by-data", "x / data → x · (1/data) where every reciprocal is a normal number") {
    c in
    guard let (op, a, b) = c.binary, op == .divide, b.constantValue == nil,
      let values = b.dataValues, values.allSatisfy({ $0.isFinite && (1 / $0).isNormal })
    else { return nil }
    return a * b.reciprocal
  },
  LocalRule("scale-out", "(c·x)·y → c·(x·y), (c·x)/y → c·(x/y)") { c in
    guard let (op, a, b) = c.binary, op == .multiply || op == .divide else { return nil }
    if let (d, x) = a.arguments(of: .multiply), d.constantValue != nil, b.constantValue == nil {
      return d * c.builder.make(c.op, [x, b], c.shape)
    }
    if op == .multiply, let (d, x) = b.arguments(of: .multiply), d.constantValue != nil,
      a.constantValue == nil
    {
      return d * (a * x)
    }
    return nil
  },
  LocalRule("square", "x · x → x²") { c in
    guard let (op, a, b) = c.binary, op == .multiply, a.id == b.id else { return nil }
    return a.squared
  },
  LocalRule("cancel", "x − x → 0, x / exp y → x · exp(−y)") { c in
    guard let (op, a, b) = c.binary else { return nil }
    if op == .subtract, a.id == b.id { return c.builder.fill(c.builder.constant(0), c.shape) }
    if op == .divide, let y = b.argument(of: .exp) { return a * (-y).exponential }
    return nil
  },
  LocalRule("order", "operands of commutative operations in one order, constants first") { c in
    guard let (op, a, b) = c.binary else { return nil }
    switch op {
    case .add, .multiply, .maximum, .minimum, .logAddExp, .equal: break
    default: return nil
    }
    let swapped =
      b.constantValue != nil
      ? a.constantValue == nil : (a.constantValue == nil && b.id < a.id)
    return swapped ? c.builder.make(c.op, [b, a], c.shape) : nil
  },
]

// MARK: Functions

let functionRules: [LocalRule] = [
  LocalRule("inverse-functions", "log exp x → x, exp log x → x, (√x)² → x") { c in
    guard let (op, x) = c.unary else { return nil }
    switch op {
    case .log: return x.argument(of: .exp)
    case .exp: return x.argument(of: .log)
    case .square: return x.argument(of: .sqrt)
    case .reciprocal: return x.argument(of: .reciprocal)
    default: return nil
    }
  },
  LocalRule("powers-of-exp", "(exp x)² → exp 2x, 1/exp x → exp(−x), √exp x → exp(x/2)") { c in
    guard let (op, x) = c.unary, let y = x.argument(of: .exp) else { return nil }
    switch op {
    case .square: return (2 * y).exponential
    case .reciprocal: return (-y).exponential
    case .sqrt: return (0.5 * y).exponential
    default: return nil
    }
  },
  LocalRule("square-sign", "(−x)² → x², |−x| → |x|, (c·x)² → c²·x²") { c in
    guard let (op, x) = c.unary else { return nil }
    if op == .square || op == .abs, let y = x.argument(of: .negate) { return y(op) }
    if op == .square, let (a, y) = x.arguments(of: .multiply), let value = a.constantValue,
      (value * value).isNormal
    {
      return value * value * y.squared
    }
    return nil
  },
  LocalRule("log-logistic", "log logistic x → −log1pExp(−x)") { c in
    guard let (op, x) = c.unary, op == .log, let y = x.argument(of: .logistic) else { return nil }
    return -(-y)(.log1pExp)
  },
  LocalRule("one-minus-logistic", "1 − logistic x → logistic(−x)") { c in
    guard let (op, a, b) = c.binary, op == .subtract, a.constantValue == 1,
      let x = b.argument(of: .logistic)
    else { return nil }
    return (-x)(.logistic)
  },
  LocalRule("log-one-plus", "log(1 + x) → log1p x, log(1 − x) → log1p(−x)") { c in
    guard let (op, x) = c.unary, op == .log else { return nil }
    if let (a, b) = x.arguments(of: .add), a.constantValue == 1 { return b(.logOnePlus) }
    if let (a, b) = x.arguments(of: .subtract), a.constantValue == 1 { return (-b)(.logOnePlus) }
    return nil
  },
  LocalRule("log1p-exp", "log1p of ±exp x → log1pExp x, log1mExp x; of −logistic x → −log1pExp x") {
    c in
    guard let (op, x) = c.unary, op == .logOnePlus else { return nil }
    if let y = x.argument(of: .exp) { return y(.log1pExp) }
    if let z = x.argument(of: .negate) {
      if let y = z.argument(of: .exp) { return y(.log1mExp) }
      if let y = z.argument(of: .logistic) { return -y(.log1pExp) }
    }
    return nil
  },
  LocalRule("simple-powers", "x^2 → x², x^1 → x, x^½ → √x, x^(−1) → 1/x, x^0 → 1") { c in
    guard let (op, x, exponent) = c.binary, op == .power, let value = exponent.constantValue
    else { return nil }
    switch value {
    case 0: return c.builder.fill(c.builder.constant(1), c.shape)
    case 1: return x
    case 2: return x.squared
    case 3: return x * x.squared
    case 0.5: return x.squareRoot
    case -1: return x.reciprocal
    default: return nil
    }
  },
  LocalRule("constant-choice", "select by data that is one value everywhere takes that branch") {
    c in
    guard c.op == .select, let flags = c.inputs[0].dataValues else { return nil }
    if flags.allSatisfy({ $0 != 0 }) { return c.builder.fill(c.inputs[1], c.shape) }
    if flags.allSatisfy({ $0 == 0 }) { return c.builder.fill(c.inputs[2], c.shape) }
    return nil
  },
]
