// Why a policy cannot be evaluated with a log.

/// A policy that does not fit the log, or a log without rows.
public enum OffPolicyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A label that is none of the arms.
  case unknownArm(String, closest: String?)
  /// A list that is not as long as there are arms.
  case wrongCount(given: Int, arms: [String])
  /// Probabilities that are not from 0 to 1 or do not sum to one.
  case notADistribution(sum: Double)
  /// The rows have no probabilities of the policy.
  case noTargetColumn
  /// There is nothing to evaluate; some rows may lack a reward, others may all be training rows.
  case noRows(pending: Int, training: Int)
  /// The second reading of the file found other rows than the first.
  case changed

  /// What is wrong and what to do, one sentence without full stop.
  public var description: String {
    switch self {
    case .unknownArm(let label, let closest):
      "the policy names the arm \(label), which the log does not have; "
        + (closest.map { "did you mean \($0)?" } ?? "list all arms with --arms")
    case .wrongCount(let given, let arms):
      "the policy has \(given) probabilities for \(arms.count) arms, in this order: "
        + arms.prefix(20).joined(separator: ", ") + (arms.count > 20 ? ", …" : "")
    case .notADistribution(let sum):
      "the policy's probabilities must each be from 0 to 1 and sum to 1; they sum to \(sum)"
    case .noTargetColumn:
      "the log does not say the policy's probabilities; name their column with --target-column"
    case .noRows(let pending, let training):
      "the log has no rows to evaluate"
        + (pending > 0 ? "; \(pending) have no reward yet" : "")
        + (training > 0 ? "; \(training) are for training" : "")
    case .changed:
      "the log changed while it was read; evaluate a copy"
    }
  }
}
