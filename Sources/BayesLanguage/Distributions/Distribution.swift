// What a distribution is to the language: arguments, support, density formula, draws, checks.

public import BayesGraph
public import BayesNumerics

/// What may stand on the right of `~`.
///
/// A distribution is a value: it names its arguments symbolically and says how to build its log
/// density as a graph expression. It is not an op, so the gradient, the simplifier and the statistics
/// pass see through it.
public protocol Distribution: Sendable {
  /// The type's name, for messages: `Normal`.
  var name: String { get }
  /// The arguments in order, with what each must satisfy.
  var arguments: [DistributionArgument] { get }
  /// What one draw is.
  var event: Event { get }
  /// Where the density is positive; `arguments` holds the traced values (a bound may be one of them).
  func support(_ arguments: [Tensor]) -> Support
  /// log density, constants kept. For scalar events: elementwise over `value` (arguments are scalars or
  /// of the value's shape), the result in the value's shape. For vector and matrix events: the
  /// result is a scalar; for vector events and a matrix value, whose rows are draws, a vector with an
  /// element for each row. Outside the support it is whatever the formula gives: data are checked
  /// against the support beforehand, and parameters cannot leave it.
  func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor
  /// One draw (row-major for vectors and matrices), given each argument's value: one number per
  /// scalar argument, all of them for a vector or matrix argument; `size` is the event's length, of a
  /// matrix its rows.
  /// `nil` for improper distributions.
  func draw(_ arguments: [[Double]], size: Int, using stream: inout RandomStream) -> [Double]?
  /// What is wrong with the arguments beside each other and beside a left side of `shape`, beyond
  /// what each argument's requirement says (`the concentration has 2 elements, the value 3`); `nil`
  /// when nothing is. The default asks of scalar events that every argument is a scalar or of the
  /// left side's shape.
  func conflict(_ arguments: [Tensor], shape: Shape) -> String?
}

/// What one draw of a distribution is.
public enum Event: Sendable, Equatable {
  /// A real number; a vector on the left is so many independent draws.
  case real
  /// A whole number ≥ 0, held as Double.
  case count
  /// A 0-based category.
  case category
  /// A vector; the rows of a matrix on the left are so many independent draws.
  case vector
  /// A square matrix.
  case matrix
}

/// One argument of a distribution.
public struct DistributionArgument: Sendable {
  /// As the signature names it: `scale`, `probability`.
  public let label: String
  public let term: Term
  public let requirement: Requirement

  public init(_ label: String, _ value: some Symbolic, _ requirement: Requirement = .finite) {
    self.label = label
    term = value.term
    self.requirement = requirement
  }

  /// What data and constants must satisfy; refused with a message that names the element otherwise.
  /// A parameter that violates it makes the density −∞ or NaN, a divergence.
  public enum Requirement: Sendable, Equatable {
    case finite, positive, nonNegative, probability, wholeNonNegative
    /// Non-negative, sum 1 within 1e−8.
    case simplex
    /// Symmetric within 1e−8 relative and positive definite.
    case covariance
    /// Lower-triangular with a positive diagonal.
    case choleskyFactor
    /// Anything but NaN: bounds and logits may be infinite.
    case any
  }
}
