// What is said of a run of EM beside its estimates.

import BayesCore
import BayesGraph
import BayesInference
import BayesLanguage
import Glibc

/// Probabilities of all labels from the values of their nodes, label by label.
func labelProbabilities(
  _ latents: [TracedLatent], _ values: [[Double]]
) -> [LabelProbabilities] {
  var start = 0
  return latents.map { latent in
    let own = values[start..<(start + latent.labels.size)]
    start += latent.labels.size
    return LabelProbabilities(
      variable: latent.variable, labels: latent.labels,
      values: (0..<latent.variable.count).map { row in own.map { $0[row] } })
  }
}

/// Σ log max_k r_nk over rows and discrete unknowns.
func certainty(_ labels: [LabelProbabilities], _ weights: [Double]?) -> Double {
  labels.reduce(0) { total, unknown in
    total
      + unknown.values.enumerated().reduce(0) { sum, row in
        let weight = weights.map { $0.count == unknown.values.count ? $0[row.offset] : 1 } ?? 1
        return sum + weight * log(row.element.max() ?? 1)
      }
  }
}

/// Rows of the longest statement about data.
func rowCount(_ complete: TracedCompleteData) -> Int {
  complete.terms.filter {
    if case .likelihood = $0.statement.kind { true } else { false }
  }.map(\.rows).max() ?? complete.latents.map(\.variable.count).max() ?? 1
}

/// Unconstrained coordinates, fewer where covariances are restricted.
func freeParameterCount(
  _ traced: TracedModel, _ rules: [any MaximisationRule], _ form: CovarianceForm
) -> Int {
  rules.reduce(traced.dimension) { count, rule in
    guard let rule = rule as? MultivariateNormalRule else { return count }
    let size = rule.dataVariances.count
    let components = Set(rule.cells.filter { !$0.spread.isEmpty }.map(\.spread)).count
    let full = size * (size + 1) / 2
    switch form {
    case .full: return count
    case .diagonal: return count - components * (full - size)
    case .spherical: return count - components * (full - 1)
    case .tied: return count - max(0, components - 1) * full
    }
  }
}

/// How restarts ended that found no maximum, the most frequent first.
func reasons(_ run: EMRun) -> [String] {
  var counts: [String: Int] = [:]
  for restart in run.restarts {
    switch restart.outcome {
    case .singular(let reason), .failed(let reason): counts[reason, default: 0] += 1
    case .fell(let fall):
      counts["the objective fell from \(fall.from) to \(fall.to), an internal error", default: 0] +=
        1
    default: break
    }
  }
  return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($1) × \($0)" }
}

/// Remarks on a run that did find one.
func remarks(_ run: EMRun, unordered: [String]) -> [String] {
  var notes: [String] = []
  if run.isInterrupted {
    notes.append("the run was interrupted: other restarts might have found a higher maximum")
  } else if let doubt = run.bestRestart?.doubt {
    notes.append(
      "at all maxima that were found \(doubt): less than \(lowVariance) of the variance of the data, which is a "
        + "very tight cluster, or the way to an unbounded likelihood")
  } else if let best = run.bestRestart, !best.isConverged {
    notes.append(
      "no restart converged within \(run.settings.maxIterations) iterations: the estimates are not yet a "
        + "maximum; raise --max-iterations")
  }
  if run.unconvergedAboveBest > 0 {
    notes.append(
      "\(run.unconvergedAboveBest) restarts stood above the best converged one when they stopped; raise "
        + "--max-iterations")
  }
  if run.converged >= 5, run.reachedBest == 1 {
    notes.append(
      "only one of \(run.restarts.count) restarts reached the best maximum: another may be higher; raise "
        + "--restarts")
  }
  for (restart, fall) in run.falls {
    notes.append(
      "internal error: in restart \(restart + 1), iteration \(fall.iteration), the objective fell from "
        + "\(fall.from) to \(fall.to); please report it")
  }
  for axis in unordered {
    notes.append(
      "the components of `\(axis)` could not be put in the order that the model asks for: they are not "
        + "exchangeable")
  }
  return notes
}
