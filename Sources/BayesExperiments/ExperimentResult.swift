// What an experiment's data say: the numbers of the report, typed.

/// The reading of an experiment.
public struct ExperimentResult: Sendable {
  /// What was analysed.
  public let experiment: Experiment
  /// The variants, in their order.
  public let variants: [VariantResult]
  /// The expected loss that does not matter.
  public let lossThreshold: Double
  /// Half the width of the region of practical equivalence.
  public let equivalence: Double
  /// What to do by the expected losses.
  public let decision: Decision
  /// The same under other priors.
  public let sensitivity: [PriorSensitivity]
  /// Whether the units were split as planned; `nil` where their numbers are not known.
  public let sampleRatio: SampleRatioTest?

  /// Whether one decision is right under every prior of the sensitivity analysis: to go on, or to choose a variant
  /// that has the least loss under each.
  public var isRobust: Bool {
    let decisions = sensitivity.map(\.decision)
    if decisions.allSatisfy({ $0.action == .continueTest }) { return true }
    guard !decisions.contains(where: { $0.action == .continueTest }) else { return false }
    return !decisions.dropFirst().reduce(Set(decisions.first?.best ?? [])) {
      $0.intersection($1.best)
    }.isEmpty
  }
}

/// One variant's part of the reading.
public struct VariantResult: Sendable {
  /// The variant.
  public let variant: Variant
  /// The posterior of its mean outcome.
  public let posterior: VariantPosterior
  /// The interval with the same probability on either side.
  public let interval: ClosedRange<Double>
  /// The shortest interval of that probability.
  public let shortestInterval: ClosedRange<Double>
  /// The probability that its mean is the best of all.
  public let probabilityBest: Double
  /// E[best mean − its mean], or `nil` where it is infinite.
  public let expectedLoss: Double?
  /// The comparison with the control; `nil` for the control.
  public let comparison: Comparison?
}

/// A variant beside the control.
public struct Comparison: Sendable {
  /// The probability that the variant's mean is better than the control's.
  public let probabilityBetter: Double
  /// Variant minus control.
  public let difference: Contrast
  /// Variant over control, minus 1; `nil` where the control may be about 0.
  public let lift: Contrast?
  /// The probability that the difference lies within the region of practical equivalence, below it, and above it.
  public let equivalence: (inside: Double, below: Double, above: Double)

  init(
    of arm: VariantPosterior, with control: VariantPosterior, isLessBetter: Bool, mass: Double,
    equivalence: Double
  ) {
    let difference = MarginalPosterior.difference(arm, minus: control)
    let tails = difference.tails(at: 0)
    probabilityBetter = isLessBetter ? tails.lower : tails.upper
    self.difference = Contrast(difference, mass)
    lift = MarginalPosterior.lift(of: arm, over: control).map { Contrast($0, mass) }
    self.equivalence = (
      difference.probability(in: -equivalence...equivalence),
      difference.probability(below: -equivalence), difference.probability(above: equivalence)
    )
  }
}

/// The posterior of a difference or a lift, with its intervals.
public struct Contrast: Sendable {
  /// The whole posterior.
  public let posterior: MarginalPosterior
  /// The median.
  public let median: Double
  /// The interval with the same probability on either side.
  public let interval: ClosedRange<Double>
  /// The shortest interval of that probability.
  public let shortestInterval: ClosedRange<Double>

  init(_ posterior: MarginalPosterior, _ mass: Double) {
    self.posterior = posterior
    median = posterior.median
    interval = posterior.equalTailedInterval(mass)
    shortestInterval = posterior.highestDensityInterval(mass)
  }
}

/// What to do: choose the variant with the least expected loss, if that loss does not matter.
public struct Decision: Sendable, Equatable {
  /// What to do.
  public enum Action: Sendable, Equatable {
    /// Choose the variant at this position.
    case choose(Int)
    /// No choice is cheap enough yet.
    case continueTest
  }

  /// The position of the variant with the least expected loss (the most probable one to be best, where
  /// losses are infinite); of several with the same loss the control, else the first.
  public let candidate: Int
  /// The positions of all variants with that loss, up to the rounding of quadrature.
  public let best: [Int]
  /// Its expected loss, or `nil` where it is infinite.
  public let expectedLoss: Double?
  /// What to do.
  public let action: Action

  /// Losses this close are one loss: quadrature promises no more digits.
  private static let rounding = 1e-10

  init(_ best: BestArm, threshold: Double, control: Int) {
    let losses = best.expectedLosses.map { $0 ?? .infinity }
    let least = losses.min()!
    let positions: [Int]
    if least.isFinite {
      positions = losses.indices.filter { losses[$0] <= least + Self.rounding * abs(least) }
    } else {
      let largest = best.probabilities.max()!
      positions = losses.indices.filter {
        best.probabilities[$0] >= largest - Self.rounding * largest
      }
    }
    self.best = positions
    candidate = positions.contains(control) ? control : positions[0]
    expectedLoss = best.expectedLosses[candidate]
    action = least <= threshold ? .choose(candidate) : .continueTest
  }
}

/// The answer under another prior.
public struct PriorSensitivity: Sendable {
  /// What the prior stands for, in words.
  public let label: String
  /// The prior.
  public let prior: MetricPrior
  /// Probability to be best and expected losses.
  public let best: BestArm
  /// What to do.
  public let decision: Decision
}
