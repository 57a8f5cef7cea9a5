// What can go wrong before or while sampling, each with what to do about it.

/// A failure of a sampling run; divergences and other statistics are data, not errors.
public enum SamplingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A setting outside its range.
  case invalidSetting(name: String, value: String, expected: String)
  /// No starting point with a finite log density and gradient was found for a chain.
  ///
  /// `position` is the last one tried (unconstrained), `logDensity` its value, `explanation` what the
  /// model says of it, if the caller gave a way to ask.
  case noInitialPoint(
    chain: Int, attempts: Int, position: [Double], logDensity: Double, explanation: String?)
  /// Initial positions of the wrong number or length.
  case wrongInitialPositions(String)
  /// The sampler's memory could not be had.
  case outOfMemory(bytes: Int)

  public var description: String {
    switch self {
    case .invalidSetting(let name, let value, let expected):
      return "\(name) is \(value); expected \(expected)"
    case .noInitialPoint(let chain, let attempts, let position, let logDensity, let explanation):
      let tried =
        attempts == 1
        ? "the initial point of chain \(chain + 1) has"
        : "chain \(chain + 1) found no initial point in \(attempts) tries; the last has"
      let shown = position.prefix(8).map { "\($0)" }.joined(separator: ", ")
      let dots = position.count > 8 ? ", …" : ""
      let what =
        logDensity.isFinite
        ? "a gradient that is not finite" : "log density \(logDensity)"
      let reason = explanation.map { ": \($0)" } ?? ""
      return "\(tried) \(what) at unconstrained [\(shown)\(dots)]\(reason). "
        + "Check the data against the supports, or give initial values."
    case .wrongInitialPositions(let message):
      return message
    case .outOfMemory(let bytes):
      return "no memory for one chain's trajectory (\(bytes) bytes); lower the maximum tree depth"
    }
  }
}
