// The text of a run: the table, what the sampler did, and what to do about it.

import BayesCore
import BayesDiagnostics
import BayesEngine
import BayesLanguage
import BayesNumerics
import BayesReport

/// The table of a summary.
func tableText(_ summary: Summary) -> String {
  SummaryTable(
    rows: summary.quantities.map { quantity in
      SummaryRow(
        name: quantity.name,
        cells: [
          quantity.mean, quantity.sd, quantity.mcseMean.number, quantity.quantile5,
          quantity.median, quantity.quantile95, quantity.essBulk.number, quantity.essTail.number,
          quantity.rHat.number,
        ])
    }
  ).render()
}

/// Everything that `sample` prints as text; it has no times, so that a seed gives the same bytes.
func reportText(_ result: SampleResult) -> String {
  let fit = result.fit
  let settings = result.settings
  var lines = [backendLine(fit.backend)]
  lines += fit.rewrites.map { "  \($0)" }
  let sampler = settings.sampler == .nuts ? "NUTS" : "static HMC, \(settings.leapfrogs) steps"
  let dense = fit.run.chains.count { $0.metric.isDense }
  let metric =
    dense == 0
    ? "diagonal metric" : dense == fit.run.chains.count ? "dense metric" : "mixed metrics"
  lines.append(
    "\(plural(fit.draws.chainCount, "chain")) of \(plural(fit.draws.drawCount, "draw")) after "
      + "\(settings.warmup) of warmup; \(sampler), \(metric); seed \(result.seed).")
  let labels = labelLines(fit.labels)
  return tableText(fit.summary) + "\n"
    + (labels + (labels.isEmpty ? [] : [""]) + lines + healthLines(fit.summary.health)).map {
      $0 + "\n"
    }
    .joined() + adviceText(fit.advice) + modelWarnings(result.compiled.traced.warnings)
}

/// The health of a run in a few lines.
func healthLines(_ health: SamplerHealth) -> [String] {
  var lines: [String] = []
  if health.hasStatistics {
    var parts = [
      "\(plural(health.divergences, "divergence")) in \(plural(health.chains * health.draws, "draw"))"
    ]
    if let hits = health.maxDepthHits { parts.append("\(plural(hits, "draw")) at the depth limit") }
    let energies = health.eBFMI.compactMap(\.number)
    if let low = energies.min(), let high = energies.max() {
      parts.append("E-BFMI \(fixed(low, decimals: 2)) to \(fixed(high, decimals: 2))")
    }
    lines.append(sentence(parts))
  }
  var parts: [String] = []
  if let worst = health.worstRHat {
    parts.append("largest R-hat \(fixed(worst.value, decimals: 3)) (\(worst.quantity))")
  }
  if let least = health.minimumESSBulk {
    parts.append("smallest bulk ESS \(fixed(least.value, decimals: 0)) (\(least.quantity))")
  }
  if let least = health.minimumESSTail {
    parts.append("smallest tail ESS \(fixed(least.value, decimals: 0)) (\(least.quantity))")
  }
  if !parts.isEmpty {
    lines.append(sentence(parts))
  }
  return lines
}

private func sentence(_ parts: [String]) -> String {
  let text = parts.joined(separator: ", ")
  return text.prefix(1).uppercased() + text.dropFirst() + "."
}

/// What is wrong and what to try, or that nothing is.
func adviceText(_ advice: [Advice]) -> String {
  if advice.isEmpty { return "No problems found.\n" }
  return advice.map { item in
    let word =
      switch item.severity {
      case .note: "Note"
      case .warning: "Warning"
      case .failure: "Failure"
      }
    return "\n\(word): \(item.message)\n  \(item.suggestion)\n"
  }.joined()
}

/// What is doubtful about the model itself, a paragraph each.
private func modelWarnings(_ warnings: [ModelWarning]) -> String {
  warnings.map { "\nThe model: \($0)\n" }.joined()
}

/// Where the time went, for standard error.
func timesLine(_ result: SampleResult) -> String {
  let seconds = result.fit.seconds
  func text(_ value: Double) -> String { fixed(value, decimals: 2) }
  return "\(text(result.totalSeconds)) s: model \(text(result.compileModelSeconds)), "
    + "kernel \(text(seconds.compileKernel)); CPU seconds of all chains: "
    + "warmup \(text(seconds.warmup)), sampling \(text(seconds.sampling))"
}

private func plural(_ count: Int, _ noun: String) -> String {
  "\(count == 0 ? "no" : String(count)) \(noun)\(count == 1 ? "" : "s")"
}
