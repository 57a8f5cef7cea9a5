// The rules behind the advice: one per code.

import Glibc

/// A summary and what the sampler was told, read by the rules.
struct Findings {
  let summary: Summary
  let maxTreeDepth: Int?
  let targetAcceptance: Double?
  let isMetricDense: Bool
  var relabelled: [String] = []

  private var health: SamplerHealth { summary.health }
  private var totalDraws: Int { health.chains * health.draws }

  /// The advice of one rule, or `nil` where it finds nothing.
  func advice(_ code: Advice.Code) -> Advice? {
    switch code {
    case .noDraws: noDraws
    case .fewDraws: fewDraws
    case .nonFinite: nonFinite
    case .stuckChain: stuckChain
    case .singleChain: singleChain
    case .divergences: divergences
    case .rHat: rHat
    case .labelSwitching: labelSwitching
    case .relabelled: relabelledNote
    case .essBulk:
      lowESS(
        .essBulk, "Bulk ESS", \.essBulk, health.minimumESSBulk, "means and medians")
    case .essTail:
      lowESS(
        .essTail, "Tail ESS", \.essTail, health.minimumESSTail, "the 5 % and 95 % quantiles")
    case .maxDepth: maxDepth
    case .lowEnergy: lowEnergy
    case .constant: constant
    case .paretoShape: nil  // Not of a summary.
    }
  }

  // MARK: What cannot be diagnosed

  private var noDraws: Advice? {
    guard totalDraws == 0 else { return nil }
    return Advice(
      severity: .failure, code: .noDraws,
      message: "There are no draws, so there is nothing to summarise.",
      suggestion: "Run the sampler with at least 4 draws a chain; 1000 is usual.")
  }

  private var fewDraws: Advice? {
    guard totalDraws > 0, health.draws < 4 else { return nil }
    return Advice(
      severity: .failure, code: .fewDraws,
      message: "\(counted(health.draws, "draw")) a chain cannot be diagnosed: nothing tells "
        + "whether the chains have converged.",
      suggestion: "Take at least 4 draws a chain; 1000 is usual.")
  }

  private var nonFinite: Advice? {
    guard let first = health.nonFinite.first else { return nil }
    return Advice(
      severity: .failure, code: .nonFinite,
      message: "\(counted(health.nonFinite.count, "quantity")) with NaN or infinite draws, so "
        + "without a summary: \(list(health.nonFinite)).",
      suggestion: "Look at how \(first) is computed: a logarithm or root of a negative number, "
        + "0/0, or an exponential that overflows.")
  }

  private var stuckChain: Advice? {
    guard !health.stuckChains.isEmpty else { return nil }
    let one = health.stuckChains.count == 1
    return Advice(
      severity: .failure, code: .stuckChain,
      message: "\(chains(health.stuckChains)) never moved: every draw is the same point.",
      suggestion: "Start \(one ? "it" : "them") elsewhere, check the log density around that "
        + "point (a plateau, a cliff, a scale far from 1), and give warmup more iterations.")
  }

  private var singleChain: Advice? {
    guard health.chains == 1, health.draws >= 4 else { return nil }
    return Advice(
      severity: .warning, code: .singleChain,
      message: "One chain only. R-hat compares its two halves, which cannot show a mode that the "
        + "chain never found.",
      suggestion: "Run 4 chains.")
  }

  private var constant: Advice? {
    guard !health.constant.isEmpty else { return nil }
    let one = health.constant.count == 1
    return Advice(
      severity: .note, code: .constant,
      message: "\(list(health.constant)) \(one ? "is" : "are") the same in every draw and "
        + "\(one ? "has" : "have") no diagnostics.",
      suggestion: "Nothing, if that is by construction (the first diagonal element of a "
        + "correlation matrix's Cholesky factor, a sum that is fixed).")
  }

  // MARK: Convergence

  private var rHat: Advice? {
    let bad = summary.quantities.filter { ($0.rHat.number ?? 0) > Threshold.rHat }
    guard !bad.isEmpty, let worst = health.worstRHat else { return nil }
    let value = worst.value.isFinite ? fixed(worst.value, worst.value < 1.1 ? 3 : 2) : "infinite"
    return Advice(
      severity: .warning, code: .rHat,
      message: "R-hat is above \(fixed(Threshold.rHat, 2)) for \(list(bad.map(\.name))) (worst: "
        + "\(worst.quantity), \(value)). The chains have not mixed: they disagree about these "
        + "quantities, and their averages depend on where the chains happened to be.",
      suggestion: worst.value > 1.1
        ? "Compare the chains one by one. Several modes or a part of the posterior that one "
          + "chain cannot leave need stronger priors, a constraint or another parameterisation; "
          + "slow drift needs a longer warmup."
        : "Run more warmup iterations and more draws. If R-hat stays, try another "
          + "parameterisation.")
  }

  private var labelSwitching: Advice? {
    guard let first = health.permuted.first else { return nil }
    return Advice(
      severity: .warning, code: .labelSwitching,
      message: "The chains found the same values for the elements of \(list(health.permuted)) in "
        + "different orders (label switching). R-hat and ESS of single elements mean nothing then.",
      suggestion: "Fix the order, for example with an ordered support for \(first), or give the "
        + "elements different priors, or use only quantities that do not depend on the labels.")
  }

  private var relabelledNote: Advice? {
    guard !relabelled.isEmpty else { return nil }
    return Advice(
      severity: .note, code: .relabelled,
      message: "The components of \(list(relabelled)) changed places, between chains or within "
        + "them; exchanging them leaves the posterior as it is. All draws were relabelled "
        + "(Stephens 2000), and estimates, R-hat and ESS of single components are conditional on "
        + "that.",
      suggestion: "Nothing, if the components are well apart. An ordered support or different "
        + "priors fix the numbers in the model itself.")
  }

  private func lowESS(
    _ code: Advice.Code, _ title: String, _ ess: KeyPath<QuantitySummary, DiagnosticValue>,
    _ minimum: SamplerHealth.Extreme?, _ affected: String
  ) -> Advice? {
    let needed = Threshold.essPerChain * Double(health.chains)
    let low = summary.quantities.filter { ($0[keyPath: ess].number ?? .infinity) < needed }
    guard !low.isEmpty, let minimum else { return nil }
    let factor = min((needed / minimum.value).rounded(.up), 1000)
    return Advice(
      severity: .warning, code: code,
      message: "\(title) is below \(fixed(needed, 0)) (100 a chain) for \(list(low.map(\.name))) "
        + "(lowest: \(minimum.quantity), \(fixed(minimum.value, 0))). There are too few "
        + "independent draws for \(affected), and R-hat is not reliable either.",
      suggestion: factor <= 10
        ? "Take about \(fixed(max(factor, 2), 0)) times as many draws."
        : "More draws alone will not do. Try a parameterisation with less correlation "
          + "(non-centred for group effects with little data), \(denseMetric)centred and scaled "
          + "covariates, or a longer warmup.")
  }

  // MARK: The sampler

  private var divergences: Advice? {
    guard health.divergences > 0 else { return nil }
    let share = 100 * Double(health.divergences) / Double(max(totalDraws, 1))
    return Advice(
      severity: .warning, code: .divergences,
      message: "\(health.divergences) of \(totalDraws) draws diverged (\(fixed(share, 1)) %). "
        + "There the posterior curves more sharply than the step size can follow, and the draws "
        + "leave that region out: estimates may be biased.",
      suggestion: "\(higherAcceptance). If divergences remain, write group effects in non-centred "
        + "form (mu + tau * eta with eta ~ Normal(0, 1)), or give scales a prior that keeps "
        + "them away from 0.")
  }

  /// Halves the distance to 1, at least to 0.9.
  private var higherAcceptance: String {
    guard let target = targetAcceptance else {
      return "Raise the target acceptance, for example to 0.95"
    }
    guard target < 0.99 else {
      return "The target acceptance is already \(fixed(target, 3)), so a smaller step size will "
        + "not help"
    }
    let higher = target < 0.9 ? 0.95 : 0.99
    return "Raise the target acceptance from \(fixed(target, 2)) to \(fixed(higher, 2))"
  }

  private var maxDepth: Advice? {
    guard let hits = health.maxDepthHits, hits > 0 else { return nil }
    let share = 100 * Double(hits) / Double(max(totalDraws, 1))
    let limit = maxTreeDepth.map { " of \($0)" } ?? ""
    let higher = maxTreeDepth.map { " (to \($0 + 2), say)" } ?? ""
    return Advice(
      severity: .warning, code: .maxDepth,
      message: "\(hits) of \(totalDraws) draws (\(fixed(share, 1)) %) hit the tree depth "
        + "limit\(limit): their trajectories were cut off before they turned. The draws are "
        + "valid, but they are slow and more correlated than they need be.",
      suggestion: "Bring the parameters to similar scales, try \(denseMetric)another "
        + "parameterisation or a longer warmup; only then raise the limit\(higher).")
  }

  /// A dense metric as an item of a list, where it is not in use already.
  private var denseMetric: String { isMetricDense ? "" : "a dense metric, " }

  private var lowEnergy: Advice? {
    let low = health.eBFMI.enumerated()
      .compactMap { chain, value in value.number.map { (chain: chain, value: $0) } }
      .filter { $0.value < Threshold.eBFMI }
    guard let least = low.map(\.value).min() else { return nil }
    return Advice(
      severity: .warning, code: .lowEnergy,
      message: "E-BFMI is below \(fixed(Threshold.eBFMI, 1)) in \(chains(low.map(\.chain), "c")) "
        + "(lowest: \(fixed(least, 2))). A new momentum changes the energy too little to reach "
        + "the tails of the posterior, so they are explored slowly.",
      suggestion: "Look for heavy tails and for funnels: non-centred group effects, lighter "
        + "tailed priors on scales. A longer warmup helps where the metric is not yet adapted.")
  }

  // MARK: Words

  /// `1 draw`, `3 quantities`.
  private func counted(_ count: Int, _ noun: String) -> String {
    if count == 1 { return "1 \(noun)" }
    return "\(count) " + (noun.hasSuffix("y") ? noun.dropLast() + "ies" : noun + "s")
  }

  /// `Chain 2`, `Chains 1 and 3`: numbered from 1, as in every output.
  private func chains(_ indices: [Int], _ initial: String = "C") -> String {
    let numbers = indices.map { String($0 + 1) }
    guard let last = numbers.last, numbers.count > 1 else {
      return "\(initial)hain \(numbers.joined())"
    }
    return "\(initial)hains \(numbers.dropLast().joined(separator: ", ")) and \(last)"
  }

  /// A number with `digits` decimals.
  private func fixed(_ value: Double, _ digits: Int) -> String {
    var buffer = [CChar](repeating: 0, count: 400)
    let length = withVaList([Int32(digits), value]) {
      vsnprintf(&buffer, buffer.count, "%.*f", $0)
    }
    return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Up to four names, then how many more.
func list(_ names: [String]) -> String {
  let shown = names.prefix(4).joined(separator: ", ")
  return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
}
