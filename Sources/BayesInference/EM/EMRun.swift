// What expectation maximisation returns.

/// How a restart ended.
public enum EMOutcome: Sendable, Equatable {
  /// Both tests of `EMSettings` held, or no further step raised the objective beyond rounding.
  case converged
  /// The most steps were taken before it converged.
  case iterationLimit
  /// The run was cancelled before it converged.
  case interrupted
  /// It ran to a degenerate point, where the objective is unbounded or a part of the model empty.
  case singular(reason: String)
  /// A plain step lowered the objective beyond rounding, which no correct step can do.
  case fell(EMFall)
  /// No further step could be taken.
  case failed(reason: String)
}

/// A fall of the objective in a plain step, which shows an error in the steps and not in the data.
public struct EMFall: Sendable, Equatable {
  /// The step, from 1, after which the fall was seen.
  public let iteration: Int
  /// The objective before.
  public let from: Double
  /// The objective after; −∞ is possible.
  public let to: Double
}

/// What one start led to.
public struct EMRestart: Sendable, Equatable {
  /// The restart's number, from 0.
  public let index: Int
  /// The accepted point of the highest objective; the start where there was none.
  public let x: [Double]
  /// The objective at `x`; what the step said of it where the start itself failed.
  public let objective: Double
  /// The objectives of the accepted points in order, never falling; one where only the start was evaluated.
  public let path: [Double]
  /// Steps taken, rejected extrapolations included.
  public let iterations: Int
  /// Extrapolated points that were accepted.
  public let extrapolations: Int
  /// Extrapolated points that were not.
  public let rejections: Int
  /// How it ended.
  public let outcome: EMOutcome

  /// Why the point at which it converged may be no proper maximum; `nil` if nothing speaks against it.
  public let doubt: String?

  /// Whether all further steps together would change next to nothing, at a point without doubt.
  public var isConverged: Bool { outcome == .converged && doubt == nil }
  /// Whether the restart ran to a degenerate point, or converged at a doubtful one, and is set aside.
  public var isSingular: Bool {
    if case .singular = outcome { return true }
    return doubt != nil
  }
}

/// What a run of expectation maximisation returns.
public struct EMRun: Sendable, Equatable {
  /// The settings that were used.
  public let settings: EMSettings
  /// The restarts in the order of their numbers; after a cancellation those that had begun.
  public let restarts: [EMRestart]
  /// Whether the run was cancelled before all restarts had ended.
  public let isInterrupted: Bool
  /// The position in `restarts` of the best: the highest objective among the converged ones; where there are
  /// none, among those that converged at a doubtful point; then among those at the limit of steps or interrupted; `nil` where there are none of these
  /// either. Of equal ones the first.
  public let best: Int?

  init(settings: EMSettings, restarts: [EMRestart], isInterrupted: Bool) {
    self.settings = settings
    self.restarts = restarts
    self.isInterrupted = isInterrupted
    func highest(_ isEligible: (EMRestart) -> Bool) -> Int? {
      // `max(by:)` would give the last of equal ones.
      restarts.indices.filter { isEligible(restarts[$0]) && !restarts[$0].path.isEmpty }
        .reduce(nil) { best, next in
          guard let best, restarts[best].objective >= restarts[next].objective else { return next }
          return best
        }
    }
    best =
      highest(\.isConverged) ?? highest { $0.outcome == .converged }
      ?? highest { $0.outcome == .iterationLimit || $0.outcome == .interrupted }
  }

  /// The best restart.
  public var bestRestart: EMRestart? { best.map { restarts[$0] } }

  /// Two converged restarts whose objectives differ by no more than this reached one optimum: 1e-4 nats,
  /// which no statistical purpose tells apart, or ten times the negligible gain where that is more.
  public var agreement: Double {
    guard let bestRestart else { return 0 }
    return max(1e-4, 10 * settings.negligibleGain(at: bestRestart.objective))
  }

  /// Restarts that converged at the best optimum, the best one included.
  public var reachedBest: Int {
    guard let best = bestRestart else { return 0 }
    return restarts.count {
      $0.outcome == .converged && ($0.doubt == nil) == (best.doubt == nil)
        && $0.objective >= best.objective - agreement
    }
  }

  /// Converged restarts.
  public var converged: Int { restarts.count { $0.isConverged } }

  /// Restarts that ran to a degenerate point.
  public var singular: Int { restarts.count { $0.isSingular } }

  /// Restarts that could take no further step.
  public var failed: Int {
    restarts.count { if case .failed = $0.outcome { true } else { false } }
  }

  /// Restarts that ended above the best optimum without having converged: more steps might find a higher one.
  public var unconvergedAboveBest: Int {
    guard let best = bestRestart, best.isConverged else { return 0 }
    return restarts.count {
      ($0.outcome == .iterationLimit || $0.outcome == .interrupted)
        && $0.objective > best.objective + agreement
    }
  }

  /// The falls of the objective, each with the number of its restart: internal errors to be reported.
  public var falls: [(restart: Int, fall: EMFall)] {
    restarts.compactMap { restart in
      if case .fell(let fall) = restart.outcome { (restart.index, fall) } else { nil }
    }
  }
}
