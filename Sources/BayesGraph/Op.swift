// The op set: everything a log density is made of.

/// Elementwise functions of one argument.
public enum UnaryOp: Hashable, Sendable {
  case negate, reciprocal, square, sqrt, abs
  /// −1, 0 or 1.
  case sign
  case exp, expMinusOne, log, logOnePlus
  /// log(1 + exp x), the softplus.
  case log1pExp
  /// log(1 − exp x) for x < 0.
  case log1mExp
  /// 1 / (1 + exp(−x)).
  case logistic
  case tanh, sin, cos, atan
  case logGamma
  /// ψ⁽ⁿ⁾, the (n+1)-th derivative of log Γ; n = 0 is the digamma function.
  case polygamma(Int)
  /// Φ, the standard normal distribution function.
  case normalCDF
  /// log Φ.
  case logNormalCDF
}

/// Elementwise functions of two arguments.
public enum BinaryOp: Hashable, Sendable {
  case add, subtract, multiply, divide, power, maximum, minimum
  /// log(exp a + exp b).
  case logAddExp
  /// 1 where a < b, else 0.
  case less
  /// 1 where a ≤ b, else 0.
  case lessOrEqual
  /// 1 where a = b, else 0.
  case equal
  /// log Γ(a + b) − log Γ(a) without cancellation where a is large beside b.
  case logRising
  /// ψ(a + b) − ψ(a) without cancellation where a is large beside b.
  case digammaRising
}

/// Reductions of all elements to one.
public enum ReduceOp: Hashable, Sendable {
  case sum, maximum, logSumExp
}

/// Where the elements of one part stand in a flattened whole.
public struct Stride: Hashable, Sendable {
  public let start: Int
  public let count: Int
  public let step: Int

  public init(start: Int, count: Int, step: Int = 1) {
    self.start = start
    self.count = count
    self.step = step
  }

  public subscript(i: Int) -> Int { start + i * step }
}

/// A node's operation. Inputs are listed in the node; matrices are row-major, and every op that
/// says "flattened" reads them in that order.
public enum Op: Hashable, Sendable {
  /// A number.
  case constant(Double)
  /// One of the graph's data arrays, in the node's shape.
  case data(Int)
  /// `count` unconstrained coordinates from `offset`, in the node's shape.
  case position(offset: Int)
  /// f(x), elementwise.
  case unary(UnaryOp)
  /// f(x, y), elementwise; a scalar stands for all elements.
  case binary(BinaryOp)
  /// c ≠ 0 ? a : b, elementwise. The branch not taken adds nothing to the gradient, even where its
  /// derivatives are infinite or undefined.
  case select
  /// log Σ exp(input_k), elementwise over inputs of one shape.
  case logSumExpOf
  /// exp(input_k) / Σ exp(input_j), elementwise over inputs of one shape.
  case softmaxOf(Int)
  /// A scalar repeated.
  case fill
  /// All elements reduced to one.
  case reduce(ReduceOp)
  /// Flattened x at the index array's places.
  case gather(Int)
  /// Zeros with element i of x added at place index[i]; the adjoint of `gather`.
  case scatterAdd(Int)
  /// Every `step`-th element of flattened x.
  case slice(Stride)
  /// Zeros with each input added at its stride: concatenation and the adjoint of `slice`.
  case assemble([Stride])
  /// The same elements in another shape.
  case reshape
  case transpose
  /// op(A) x.
  case matrixVector(transposed: Bool)
  /// op(A) op(B).
  case matrixMatrix(transposedLeft: Bool, transposedRight: Bool)
  /// u vᵀ.
  case outer
  /// Lower Cholesky factor; all NaN when the input is not positive definite.
  case cholesky
  /// op(L)⁻¹ B for lower-triangular L and a vector or matrix B.
  case triangularSolve(transposed: Bool)
  /// Running sums from the front (or the back) of flattened x.
  case cumulativeSum(reversed: Bool)
  /// A hidden Markov chain summed out; the first row of each sequence stands in an index array. Inputs and
  /// result: `MarkovChainLayout`.
  case markovChain(starts: Int)
}
