// When a restart has converged: what all further steps would still gain, not what the last one did.

import Glibc

/// The tests of convergence of one restart.
///
/// EM converges linearly: near the optimum a plain step multiplies the slowest part of the error of the
/// parameters by λ, the fraction of information that is missing, and what the objective lacks by λ². A small
/// gain alone says little: at λ = 0.999 the steps to come gain five hundred times as much as the last
/// one. So the rate is measured, and with it Aitken's estimate
///
///     remaining = gain · λ² / (1 − λ²)
///
/// must be negligible as well as the gain itself. Two measures of λ² are taken at each plain step: the
/// squared ratio of the lengths of two successive steps, which is known far better than differences of the
/// objective are, and the ratio of two successive gains, whose metric is the likelihood's own. The highest of
/// the last ten steps counts: after an extrapolation the fast parts of the error are large again and hide the
/// slow ones, which earlier steps have seen. Last, the tests must hold at some plain steps in a row,
/// which an acceleration does not interrupt.
///
/// Where the estimate cannot be met because rounding drowns the gains, ten steps in a row without a
/// rise of the objective end the restart too.
///
/// Reference: McLachlan, Krishnan 2008, "The EM algorithm and extensions", sections 3.9 and 4.9 (rate
/// of convergence, Aitken acceleration).
struct EMConvergence {
  /// Steps whose rates count, and steps without a rise that end a restart.
  private static let memory = 10
  /// Plain steps in a row at which the tests must hold.
  private static let confirmations = 5

  private let settings: EMSettings
  private var rates = [Double](repeating: 0, count: memory)
  private var rateCount = 0
  /// The gain of the plain step before, if the step before was a plain one.
  private var previousGain: Double?
  private var held = 0
  /// The objective above which a step counts as a rise.
  private var level = -Double.infinity
  private var flatSteps = 0

  init(settings: EMSettings) { self.settings = settings }

  /// Whether the tests held at the last plain step, so that the next one must be plain too.
  var isConfirming: Bool { held > 0 }

  /// Takes note of a plain step from one point to the next; returns whether the restart has converged.
  mutating func hasConverged(from before: EMPoint, to after: EMPoint) -> Bool {
    let gain = max(0, after.objective - before.objective)
    let limit = settings.negligibleGain(at: after.objective)
    note(rate: rate(from: before, to: after, gain: gain))
    previousGain = gain
    let rate = rates.max()!
    let isNegligible = gain <= limit && rate < 1 && gain * rate <= limit * (1 - rate)
    held = isNegligible ? held + 1 : 0
    noteRise(to: after.objective)
    if settings.tolerance == 0 { return false }
    return held >= Self.confirmations || flatSteps >= Self.memory
  }

  /// Takes note of an accepted extrapolation.
  mutating func noteExtrapolation(to objective: Double) {
    previousGain = nil
    noteRise(to: objective)
  }

  private mutating func noteRise(to objective: Double) {
    if objective > level + Self.rounding(of: objective) {
      level = objective
      flatSteps = 0
    } else {
      flatSteps += 1
    }
  }

  private mutating func note(rate: Double) {
    rates[rateCount % Self.memory] = rate
    rateCount += 1
  }

  /// λ² as this step shows it; 0 where the steps are as small as rounding and show nothing.
  private func rate(from before: EMPoint, to after: EMPoint, gain: Double) -> Double {
    var first = 0.0
    var second = 0.0
    var size = 0.0
    for i in after.x.indices {
      let r = after.x[i] - before.x[i]
      let s = after.next[i] - after.x[i]
      first += r * r
      second += s * s
      size += after.x[i] * after.x[i]
    }
    var rate = second > 1e-24 * size && first > 0 ? second / first : 0
    if let previousGain, previousGain > 100 * Self.rounding(of: after.objective) {
      rate = max(rate, gain / previousGain)
    }
    return rate
  }

  /// What a computed objective may be off by: a few units in the last place.
  private static func rounding(of objective: Double) -> Double { 8 * max(1, abs(objective)).ulp }
}
