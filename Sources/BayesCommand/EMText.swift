// What `em` prints as text.

import BayesCore
import BayesEngine
import BayesInference
import BayesNumerics
import BayesReport

private let columns: [SummaryTable.Column] = [
  SummaryTable.Column("Estimate", .estimate), SummaryTable.Column("Std. error", .standardError),
]

/// Everything that `em` prints for one model; it has no times, so that a seed gives the same bytes.
///
/// - Parameter isWeighted: whether rows have weights.
func emText(_ fit: EMFit, isWeighted: Bool) -> String {
  let rows = fit.estimates.flatMap { estimate in
    zip(estimate.variable.elementNames, zip(estimate.values, estimate.standardErrors)).map {
      SummaryRow(name: $0, cells: [withoutDust($1.0, of: estimate, error: $1.1), $1.1])
    }
  }
  var lines = labelLines(fit.labels)
  if isWeighted, !lines.isEmpty { lines.append("  (each row counted once, whatever its weight)") }
  if !lines.isEmpty { lines.append("") }
  lines += fit.updates.map { "M-step: \($0)" }
  if let note = fit.errorNote {
    lines.append("No standard errors: \(note).")
  } else if fit.estimates.contains(where: { $0.standardErrors.contains(nil) }) {
    lines.append(
      "—: no standard error, for estimates on the edge of their support and derived quantities.")
  }
  lines.append(
    (fit.logPosterior.map { "Log posterior density \(fixed($0, decimals: 6)), log-likelihood " }
      ?? "Log-likelihood ") + "\(fixed(fit.logLikelihood, decimals: 6)), "
      + "\(counted(fit.parameterCount, "free parameter")), \(rowText(fit.rowCount)).")
  lines.append(
    "BIC \(fixed(fit.bic, decimals: 4)), AIC \(fixed(fit.aic, decimals: 4))"
      + (fit.icl.map { ", ICL \(fixed($0, decimals: 4))" } ?? "") + " (small is good).")
  lines += restartLines(fit)
  let warnings = emWarnings(fit)
  return SummaryTable(columns: columns, rows: rows).render() + "\n"
    + lines.map { $0 + "\n" }.joined()
    + (warnings.isEmpty
      ? "No problems found.\n" : warnings.map { "\nWarning: \($0).\n" }.joined())
}

/// What is to be warned of: the fit's notes, and parameters that the data do not determine.
func emWarnings(_ fit: EMFit) -> [String] {
  fit.notes
    + (fit.errorNote.map { $0.contains("not positive definite") ? [$0] : [] } ?? [])
}

/// A probability on the edge: 0 but for what the last steps left of it.
private func withoutDust(_ value: Double, of estimate: EMEstimate, error: Double?) -> Double {
  let largest = estimate.values.map(abs).max() ?? 0
  return error == nil && abs(value) < 1e-8 * largest ? 0 : value
}

private func rowText(_ rows: Double) -> String {
  Int(exactly: rows).map { counted($0, "row") } ?? "row weights of \(fixed(rows, decimals: 3))"
}

private func restartLines(_ fit: EMFit) -> [String] {
  let run = fit.run
  var parts = ["\(run.reachedBest) reached the best maximum"]
  let others = run.converged - run.reachedBest
  if others > 0 { parts.append("\(others) another one") }
  if run.singular > 0 {
    parts.append("\(run.singular) ran to an unbounded likelihood and are set aside")
  }
  if run.failed > 0 { parts.append("\(run.failed) failed (\(failures(run)))") }
  let open = run.restarts.count { $0.outcome == .iterationLimit || $0.outcome == .interrupted }
  if open > 0 { parts.append("\(open) did not converge") }
  return [
    "\(counted(run.restarts.count, "restart")): \(parts.joined(separator: ", ")). "
      + "The best took \(counted(fit.best.iterations, "step")); seed \(fit.seed)."
  ]
}

/// Why restarts failed, each reason once.
private func failures(_ run: EMRun) -> String {
  let reasons = run.restarts.compactMap { restart -> String? in
    if case .failed(let reason) = restart.outcome { reason } else { nil }
  }
  return Set(reasons).sorted().joined(separator: "; ")
}

/// Where the time went, for standard error.
func emTimes(_ fit: EMFit) -> String {
  func text(_ value: Double) -> String { fixed(value, decimals: 2) }
  return "model and kernel \(text(fit.seconds.compile)) s, "
    + "restarts \(text(fit.seconds.restarts)) s, errors and report \(text(fit.seconds.after)) s"
}

/// The table of a comparison.
func comparisonText(_ rows: [EMComparisonRow]) -> String {
  let fits = rows.compactMap(\.fit)
  let bestBIC = fits.map(\.bic).min()
  let bestICL = fits.compactMap(\.icl).min()
  let header = [
    "Components", "Covariance", "Log-likelihood", "Parameters", "BIC", "ICL", "Best reached by",
  ]
  // Models without multivariate normals have no form to name.
  let hasForms = fits.contains(where: hasCovarianceForm)
  func form(_ row: EMComparisonRow) -> String { row.candidate.covariance.rawValue }
  var table = [header]
  for row in rows {
    let own = [row.candidate.components.map { "\($0)" } ?? "—", hasForms ? form(row) : "—"]
    guard let fit = row.fit else {
      table.append(own + ["—", "—", "—", "—", row.failure ?? ""])
      continue
    }
    table.append(
      own + [
        fixed(fit.logLikelihood, decimals: 6), "\(fit.parameterCount)",
        fixed(fit.bic, decimals: 4) + (fit.bic == bestBIC ? " *" : "  "),
        (fit.icl.map { fixed($0, decimals: 4) } ?? "—")
          + (fit.icl != nil && fit.icl == bestICL ? " *" : "  "),
        "\(fit.run.reachedBest) of \(fit.run.restarts.count)"
          + (fit.run.singular > 0 ? ", \(fit.run.singular) singular" : ""),
      ])
  }
  let widths = header.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
  let lines = table.map { row in
    row.indices.map { column -> String in
      let space = String(repeating: " ", count: widths[column] - row[column].count)
      return column == 1 || column == 6 ? row[column] + space : space + row[column]
    }.joined(separator: "  ").trimmedAtEnd
  }
  var text = lines.map { $0 + "\n" }.joined() + "\n"
  func name(_ row: EMComparisonRow) -> String {
    (row.candidate.components.map { counted($0, "component") } ?? "the model")
      + (hasForms ? ", \(form(row))" : "")
  }
  for (criterion, value) in [("BIC", \EMFit.bic), ("ICL", \EMFit.iclOrInfinity)] {
    if let best = bestRow(rows, value) {
      text += "Best by \(criterion): \(name(best)).\n"
    }
  }
  let notes = rows.flatMap { row in
    (row.fit?.notes ?? []).map { "Warning: \(name(row)): \($0).\n" }
  }
  return text + notes.joined()
}

/// The fitted model with the least value of a criterion.
func bestRow(_ rows: [EMComparisonRow], _ criterion: KeyPath<EMFit, Double>) -> EMComparisonRow? {
  rows.filter { $0.fit?[keyPath: criterion].isFinite ?? false }.min {
    $0.fit![keyPath: criterion] < $1.fit![keyPath: criterion]
  }
}

extension EMFit {
  /// ICL, or ∞ without labels.
  var iclOrInfinity: Double { icl ?? .infinity }
}

extension String {
  fileprivate var trimmedAtEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
