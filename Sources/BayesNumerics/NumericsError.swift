// Why a numerical method has no answer.

/// Why a root, a minimum or an integral was not found.
public enum NumericsError: Error, Equatable, CustomStringConvertible {
  /// The function has the same sign, or no number, at both ends of the interval.
  case noSignChange(atLower: Double, atUpper: Double)
  /// The function was not finite where the method had to evaluate it.
  case notFinite(at: Double)
  /// The tolerance was not reached within the method's limit.
  case notConverged(estimate: Double, error: Double)

  /// What happened, in a sentence.
  public var description: String {
    switch self {
    case .noSignChange(let lower, let upper):
      "the function does not change sign over the interval: it is \(lower) and \(upper) at the ends"
    case .notFinite(let x):
      "the function is not finite at \(x)"
    case .notConverged(let estimate, let error):
      "the tolerance was not reached: the best value is \(estimate), with an error of about \(error)"
    }
  }
}
