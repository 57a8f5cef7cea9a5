// Warnings in words: what a bad diagnostic means and what to try.

/// One thing to know about a run before its numbers are used.
public struct Advice: Sendable, Equatable {
  public enum Severity: Int, Sendable, Comparable {
    /// Worth knowing; nothing is wrong.
    case note
    /// The numbers may be off.
    case warning
    /// The numbers must not be used.
    case failure

    public static func < (left: Severity, right: Severity) -> Bool {
      left.rawValue < right.rawValue
    }
  }

  /// What was found; the raw value is stable, for machines.
  public enum Code: String, Sendable, CaseIterable {
    case noDraws = "no_draws"
    case fewDraws = "few_draws"
    case nonFinite = "non_finite"
    case stuckChain = "stuck_chain"
    case singleChain = "single_chain"
    case divergences
    case rHat = "r_hat"
    case labelSwitching = "label_switching"
    case relabelled
    case essBulk = "ess_bulk"
    case essTail = "ess_tail"
    case maxDepth = "max_depth"
    case lowEnergy = "e_bfmi"
    case constant
    /// Of a leave-one-out estimate, not of a run; see ``PredictiveAccuracy/advice``.
    case paretoShape = "pareto_k"
  }

  public var severity: Severity
  public var code: Code
  /// What was found and what it means, in full sentences.
  public var message: String
  /// What to try, in full sentences.
  public var suggestion: String

  public init(severity: Severity, code: Code, message: String, suggestion: String) {
    self.severity = severity
    self.code = code
    self.message = message
    self.suggestion = suggestion
  }
}

/// The values at which a diagnostic becomes a warning (Vehtari et al. 2021; Betancourt 2016).
public enum Threshold {
  /// R-hat above this.
  public static let rHat = 1.01
  /// Bulk or tail ESS below this many per chain.
  public static let essPerChain = 100.0
  /// E-BFMI below this.
  public static let eBFMI = 0.3
}

/// What is wrong with a run, worst first; empty if nothing is.
///
/// - Parameters:
///   - maxTreeDepth: the sampler's depth limit, named in the advice where it was hit.
///   - targetAcceptance: the sampler's target, from which a higher one is proposed.
///   - isMetricDense: whether every chain has a dense metric, which is then not proposed.
///   - relabelled: the axes whose components were renumbered draw by draw before the summary.
public func advice(
  for summary: Summary, maxTreeDepth: Int? = nil, targetAcceptance: Double? = nil,
  isMetricDense: Bool = false, relabelled: [String] = []
) -> [Advice] {
  let findings = Findings(
    summary: summary, maxTreeDepth: maxTreeDepth, targetAcceptance: targetAcceptance,
    isMetricDense: isMetricDense, relabelled: relabelled)
  let found = Advice.Code.allCases.compactMap(findings.advice)
  // Stable: equal severities keep the order of the codes.
  return [.failure, .warning, .note].flatMap { severity in
    found.filter { $0.severity == severity }
  }
}
