// What `bandit` prints as text.

import BayesBandits
import BayesNumerics

/// Everything that `bandit` prints as a table; it has no times, so that a seed gives the same bytes.
func simulationText(_ result: SimulationResult) -> String {
  let simulation = result.simulation
  let rounds = tableRounds(simulation.rounds)
  var lines = ["Mean cumulative regret ± standard error after round"]
  lines += aligned(
    header: ["policy"] + rounds.map(String.init),
    rows: result.policies.map { policy in
      [policy.name]
        + rounds.map { round in
          policy.points.first { $0.round == round }.map { estimateText($0.regret) } ?? "—"
        }
    })
  lines += ["", "After the last round"]
  // With contexts each round has a best arm of its own, and there is none to find.
  let hasBest = simulation.environment.contextSize == 0
  lines += aligned(
    header: ["policy", "5%", "50%", "95%", "best arm played"] + (hasBest ? ["best arm found"] : [])
      + ["regret less \(result.policies[0].name)'s"],
    rows: result.policies.enumerated().map { position, policy in
      let last = policy.points[policy.points.count - 1]
      return [
        policy.name, quantityText(last.quantiles[0]), quantityText(last.quantiles[2]),
        quantityText(last.quantiles[4]), percent(last.bestArmShare.mean),
      ] + (last.identified.map { [percent($0.mean)] } ?? [])
        + [position == 0 ? "" : estimateText(policy.excess)]
    })
  let arms = result.policies[0].pulls.count
  if arms <= 12 {
    lines += ["", "Mean plays of each arm"]
    lines += aligned(
      header: ["policy"] + armHeaders(simulation.environment, count: arms),
      rows: result.policies.map { policy in
        [policy.name] + policy.pulls.map { quantityText($0.mean) }
      })
  }
  lines.append("")
  let points = result.policies[0].points
  let before = points.count > 1 ? points[points.count - 2].round : 0
  let isChanging = simulation.environment.change != .never
  lines.append(
    "best arm played: the share of the rounds from \(before + 1) on in which it was "
      + (hasBest
        ? "played\(isChanging ? ", the best of each round" : ""); best arm found: the share of replicates in which the arm "
          + "of the largest mean reward so far is the best one\(isChanging ? " of the last round" : "")."
        : "played, the best in that round's context."))
  if let constant = result.laiRobbins {
    lines.append(
      "Lai–Robbins: \(formatted(constant, significant: 6)) per unit of ln t, a slope to compare with and "
        + "not a bound at a finite round.")
  }
  lines.append(
    "\(result.replicates) replicate\(result.replicates == 1 ? "" : "s"), seed \(simulation.seed)"
      + feedbackText(simulation.feedback) + ". World: \(worldText(simulation.environment)).")
  for policy in result.policies {
    guard let failure = policy.failure else { continue }
    lines += [
      "",
      "Warning: \(policy.name) could not learn all of its rewards in \(policy.failedReplicates) of "
        + "\(result.replicates) replicates: \(failure)",
    ]
  }
  return lines.map { $0 + "\n" }.joined()
}

/// The powers of ten and the last round.
private func tableRounds(_ rounds: Int) -> [Int] {
  var result: [Int] = []
  var power = 10
  while power < rounds {
    result.append(power)
    power *= 10
  }
  return result + [rounds]
}

private func armHeaders(_ environment: Environment, count: Int) -> [String] {
  if case .means(let means) = environment.truth, environment.change == .never {
    return means.map { shortText($0) }
  }
  return environment.armLabels ?? (1...count).map { "arm \($0)" }
}

private func shortText(_ value: Double) -> String { formatted(value, significant: 6) }

private func feedbackText(_ feedback: Feedback) -> String {
  var text = ""
  if feedback.batch > 1 { text += ", rewards learned every \(feedback.batch) rounds" }
  if feedback.delay > 0 { text += ", \(feedback.delay) rounds late" }
  return text
}

/// A mean to two digits of its standard error, which follows it.
private func estimateText(_ estimate: Estimate) -> String {
  guard let error = estimate.standardError, error > 0, error.isFinite else {
    return quantityText(estimate.mean)
  }
  let places = max(0, min(12, 1 - Int(log10Floor(error))))
  return "\(fixed(estimate.mean, decimals: places)) ± \(fixed(error, decimals: places))"
}

private func log10Floor(_ value: Double) -> Double {
  var exponent = 0.0
  var value = value
  while value >= 10 {
    value /= 10
    exponent += 1
  }
  while value < 1 {
    value *= 10
    exponent -= 1
  }
  return exponent
}

private func quantityText(_ value: Double) -> String {
  fixed(value, decimals: abs(value) >= 1000 ? 0 : abs(value) >= 100 ? 1 : 2)
}

private func percent(_ share: Double) -> String { fixed(100 * share, decimals: 1) + " %" }

/// Rows with the first column to the left, the others to the right.
private func aligned(header: [String], rows: [[String]]) -> [String] {
  let all = [header] + rows
  let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
  return all.map { row in
    var line = row[0] + String(repeating: " ", count: widths[0] - row[0].count)
    for column in row.indices.dropFirst() {
      line += "  " + String(repeating: " ", count: widths[column] - row[column].count) + row[column]
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
