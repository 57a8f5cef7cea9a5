// What can go wrong where model, data and sampler meet.

/// A mistake in values that are given for a model's parameters, or a model that cannot do what is asked.
public enum EngineError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A value given for a parameter does not fit; `place` says where it was given.
  case invalidValue(parameter: String, place: String, message: String)
  /// A name that is no parameter of the model.
  case unknownParameter(name: String, place: String, closest: String?)
  /// Parameters without a value where all are needed.
  case missingParameters([String])
  /// An unconstrained point of the wrong length.
  case wrongLength(found: Int, expected: Int)
  /// The log density is not finite at a given point.
  case impossiblePoint(String)
  /// The model has a statement that cannot be simulated.
  case cannotSimulate(statement: String, reason: String)
  /// A parameter that the data say nothing of, so that it has no maximum-likelihood estimate.
  case notEstimable(parameter: String, isMAP: Bool)
  /// No restart of EM ended at a proper maximum; each reason with its number of restarts.
  case noMaximum(reasons: [String])

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .invalidValue(let parameter, let place, let message):
      return "\(place): error: the value of \(parameter) \(message)"
    case .unknownParameter(let name, let place, let closest):
      let hint = closest.map { "\n  hint: did you mean '\($0)'?" } ?? ""
      return "\(place): error: the model has no parameter '\(name)'\(hint)"
    case .missingParameters(let names):
      return "error: the point lacks \(names.joined(separator: ", "))"
    case .wrongLength(let found, let expected):
      return "error: the point has \(found) numbers; the model has \(expected) "
        + "unconstrained coordinates"
    case .impossiblePoint(let explanation):
      return "error: \(explanation)"
    case .cannotSimulate(let statement, let reason):
      return "error: \(statement) cannot be simulated: \(reason)"
    case .noMaximum(let reasons):
      return
        "error: EM found no maximum: \(reasons.joined(separator: "; ")). The likelihood may be unbounded: "
        + "use fewer components or simpler covariances, or --map with priors that keep scales from 0"
    case .notEstimable(let parameter, let isMAP):
      return
        "error: \(parameter) stands in no statement about data, so that there is no estimate of it"
        + (isMAP ? "" : "; with --map the priors are part of what is maximised")
    }
  }
}
