// How a message shows a term.

import BayesGraph

extension Term {
  /// The term as the user may have written it; deep parts become `…`.
  func words(_ names: [Key: String], depth: Int) -> String {
    func part(_ term: Term) -> String { term.words(names, depth: depth - 1) }
    if depth == 0, !parts.isEmpty { return "…" }
    switch form {
    case .constant(let value): return numberText(value)
    case .numbers(let values):
      return "[\(values.prefix(3).map(numberText).joined(separator: ", "))…]"
    case .declared(let key): return names[key] ?? "an undeclared quantity"
    case .unary(.negate, let x): return "-\(part(x))"
    case .unary(let op, let x): return "\(op.callName)(\(part(x)))"
    case .binary(let op, let a, let b):
      if let sign = op.sign { return "\(operand(a, part)) \(sign) \(operand(b, part))" }
      return "\(op.callName)(\(part(a)), \(part(b)))"
    case .select(let c, let a, let b): return "select(\(part(c)), \(part(a)), \(part(b)))"
    case .reduce(.sum, let x): return "sum(\(part(x)))"
    case .reduce(.maximum, let x): return "max(\(part(x)))"
    case .reduce(.logSumExp, let x): return "logSumExp(\(part(x)))"
    case .mean(let x): return "mean(\(part(x)))"
    case .logSumExp: return "logSumExp(…)"
    case .cumulativeSum(let x): return "cumulativeSum(\(part(x)))"
    case .gather(let x, let indices), .gatherRows(let x, let indices),
      .gatherBlocks(let x, let indices), .pick(let x, let indices), .pickRow(let x, let indices):
      return "\(operand(x, part))[\(part(indices))]"
    case .gatherEntries(let x, let rows, let columns):
      return "\(operand(x, part))[\(part(rows)), \(part(columns))]"
    case .element(let x, let position), .block(let x, let position):
      return "\(operand(x, part))[\(position)]"
    case .entry(let x, let row, let column): return "\(operand(x, part))[\(row), \(column)]"
    case .slice(let x, let start, let end):
      return "\(operand(x, part))[\(start)\(end.map { "..<\($0)" } ?? "...")]"
    case .row(let x, let row): return "\(operand(x, part)).row(\(row))"
    case .column(let x, let column): return "\(operand(x, part)).column(\(column))"
    case .concatenate: return "Vector(…)"
    case .stack: return "Matrix(rows: …)"
    case .matrixVector(let a, let b), .matrixMatrix(let a, let b):
      return "\(operand(a, part)) * \(operand(b, part))"
    case .transpose(let x): return "\(operand(x, part)).transposed"
    case .outer(let a, let b): return "outer(\(part(a)), \(part(b)))"
    case .cholesky(let x): return "cholesky(\(part(x)))"
    case .rowSums(let x): return "rowSums(\(part(x)))"
    case .diagonal(let x), .diagonalMatrix(let x): return "diagonal(\(part(x)))"
    }
  }

  /// A statement with the term on its left: `z[1...] ~ Normal`.
  func summary(_ distribution: any Distribution, _ names: [Key: String]) -> String {
    "\(words(names, depth: 3)) ~ \(distribution.name)"
  }

  /// A part in brackets if it is a sum or product itself.
  private func operand(_ term: Term, _ part: (Term) -> String) -> String {
    let words = part(term)
    switch term.form {
    case .binary, .matrixVector, .matrixMatrix: return words == "…" ? words : "(\(words))"
    default: return words
    }
  }

  /// The keys of the declared quantities that the term is made of, in the order in which they appear.
  var declaredKeys: [Key] {
    var keys: [Key] = []
    var seen: Set<ObjectIdentifier> = []
    var stack = [self]
    while let term = stack.popLast() {
      if !seen.insert(ObjectIdentifier(term)).inserted { continue }
      if case .declared(let key) = term.form, !keys.contains(key) { keys.append(key) }
      stack += term.parts.reversed()
    }
    return keys
  }
}

extension UnaryOp {
  /// The function's name in the language.
  fileprivate var callName: String {
    switch self {
    case .logOnePlus: "log1p"
    case .logGamma: "lgamma"
    case .polygamma: "digamma"
    default: "\(self)"
    }
  }
}

extension BinaryOp {
  fileprivate var sign: String? {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .less: "<"
    case .lessOrEqual: "<="
    case .equal: "=="
    default: nil
    }
  }

  fileprivate var callName: String {
    switch self {
    case .power: "pow"
    case .maximum: "max"
    case .minimum: "min"
    default: "\(self)"
    }
  }
}
