// Every op by name: exhaustive switches, so that a new op does not compile without a row.

import BayesGraph

/// A safe range of arguments for random tests: away from poles, kinks and branch points.
struct OpDomain {
  let first: ClosedRange<Double>
  var second: ClosedRange<Double> = 0...0
  /// Whether the op has a derivative that is not zero everywhere.
  var isSmooth = true
}

extension UnaryOp {
  static let everyOp: [UnaryOp] = [
    .negate, .reciprocal, .square, .sqrt, .abs, .sign, .exp, .expMinusOne, .log, .logOnePlus,
    .log1pExp, .log1mExp, .logistic, .tanh, .sin, .cos, .atan, .logGamma, .polygamma(0),
    .polygamma(1), .polygamma(2), .normalCDF, .logNormalCDF,
  ]

  /// The place in `everyOp` of the first op of this case.
  var row: Int {
    switch self {
    case .negate: 0
    case .reciprocal: 1
    case .square: 2
    case .sqrt: 3
    case .abs: 4
    case .sign: 5
    case .exp: 6
    case .expMinusOne: 7
    case .log: 8
    case .logOnePlus: 9
    case .log1pExp: 10
    case .log1mExp: 11
    case .logistic: 12
    case .tanh: 13
    case .sin: 14
    case .cos: 15
    case .atan: 16
    case .logGamma: 17
    case .polygamma(let n): 18 + min(n, 2)
    case .normalCDF: 21
    case .logNormalCDF: 22
    }
  }

  var domain: OpDomain {
    switch self {
    case .reciprocal, .sqrt, .abs, .log, .logGamma, .polygamma: OpDomain(first: 0.5...3)
    case .sign: OpDomain(first: 0.5...3, isSmooth: false)
    case .logOnePlus: OpDomain(first: -0.5...2)
    case .log1mExp: OpDomain(first: -3 ... -0.4)
    case .negate, .square, .exp, .expMinusOne, .log1pExp, .logistic, .tanh, .sin, .cos, .atan,
      .normalCDF, .logNormalCDF:
      OpDomain(first: -1.5...1.5)
    }
  }
}

extension BinaryOp {
  static let everyOp: [BinaryOp] = [
    .add, .subtract, .multiply, .divide, .power, .maximum, .minimum, .logAddExp, .less,
    .lessOrEqual, .equal, .logRising, .digammaRising,
  ]

  /// The place in `everyOp`.
  var row: Int {
    switch self {
    case .add: 0
    case .subtract: 1
    case .multiply: 2
    case .divide: 3
    case .power: 4
    case .maximum: 5
    case .minimum: 6
    case .logAddExp: 7
    case .less: 8
    case .lessOrEqual: 9
    case .equal: 10
    case .logRising: 11
    case .digammaRising: 12
    }
  }

  var domain: OpDomain {
    switch self {
    case .add, .subtract, .multiply, .logAddExp:
      OpDomain(first: -1.5...1.5, second: -1.5...1.5)
    case .divide: OpDomain(first: -1.5...1.5, second: 0.5...2)
    case .power: OpDomain(first: 0.5...2, second: -1.5...1.5)
    case .maximum, .minimum: OpDomain(first: -1...1, second: -1...1)
    case .less, .lessOrEqual, .equal:
      OpDomain(first: -1...1, second: -1...1, isSmooth: false)
    case .logRising, .digammaRising: OpDomain(first: 0.5...30, second: 0.5...3)
    }
  }
}

/// The cases of `Op` that `StructuralCase` rows and elementwise rows must cover.
enum OpKind: String, CaseIterable {
  case constant, data, position, unary, binary, select, logSumExpOf, softmaxOf, fill
  case reduceSum, reduceMaximum, reduceLogSumExp
  case gather, scatterAdd, slice, assemble, reshape, transpose
  case matrixVector, matrixVectorTransposed
  case matrixMatrix, matrixMatrixLeft, matrixMatrixRight, matrixMatrixBoth
  case outer, cholesky, triangularSolve, triangularSolveTransposed
  case cumulativeSum, cumulativeSumReversed, markovChain

  init(_ op: Op) {
    self =
      switch op {
      case .constant: .constant
      case .data: .data
      case .position: .position
      case .unary: .unary
      case .binary: .binary
      case .select: .select
      case .logSumExpOf: .logSumExpOf
      case .softmaxOf: .softmaxOf
      case .fill: .fill
      case .reduce(.sum): .reduceSum
      case .reduce(.maximum): .reduceMaximum
      case .reduce(.logSumExp): .reduceLogSumExp
      case .gather: .gather
      case .scatterAdd: .scatterAdd
      case .slice: .slice
      case .assemble: .assemble
      case .reshape: .reshape
      case .transpose: .transpose
      case .matrixVector(let t): t ? .matrixVectorTransposed : .matrixVector
      case .matrixMatrix(false, false): .matrixMatrix
      case .matrixMatrix(true, false): .matrixMatrixLeft
      case .matrixMatrix(false, true): .matrixMatrixRight
      case .matrixMatrix(true, true): .matrixMatrixBoth
      case .outer: .outer
      case .cholesky: .cholesky
      case .triangularSolve(let t): t ? .triangularSolveTransposed : .triangularSolve
      case .markovChain: .markovChain
      case .cumulativeSum(let r): r ? .cumulativeSumReversed : .cumulativeSum
      }
  }
}

/// A small fixed-seed generator (SplitMix64), so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
