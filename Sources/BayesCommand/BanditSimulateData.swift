// What `bandit` prints for programs: JSON and CSV.

import BayesBandits
import BayesCore

/// One JSON object with everything a simulation found.
func simulationJSON(_ result: SimulationResult) -> JSONValue {
  let simulation = result.simulation
  let policies = result.policies.map { policy -> JSONValue in
    let points = policy.points
    return [
      "name": JSONValue(.string(policy.name)),
      "rounds": .numbers(points.map { Double($0.round) }),
      "regret": .numbers(points.map(\.regret.mean)),
      "regret_se": errors(points.map(\.regret)),
      "regret_quantiles": JSONValue(
        .array(
          SimulationResult.quantileLevels.indices.map { level in
            .numbers(points.map { $0.quantiles[level] })
          })),
      "best_arm_share": .numbers(points.map(\.bestArmShare.mean)),
      "best_arm_share_se": errors(points.map(\.bestArmShare)),
      "best_arm_found": points.first?.identified == nil
        ? nil : .numbers(points.compactMap(\.identified?.mean)),
      "pulls": .numbers(policy.pulls.map(\.mean)),
      "pulls_se": errors(policy.pulls),
      "excess_regret": JSONValue(.number(policy.excess.mean)),
      "excess_regret_se": number(policy.excess.standardError),
      "failed_replicates": .integer(policy.failedReplicates),
      "failure": policy.failure.map { JSONValue(.string($0)) } ?? nil,
    ]
  }
  return [
    "version": JSONValue(.string(version)),
    "world": worldJSON(simulation.environment),
    "rounds": .integer(simulation.rounds),
    "replicates": .integer(result.replicates),
    "seed": .integer(simulation.seed),
    "batch": .integer(simulation.feedback.batch),
    "delay": .integer(simulation.feedback.delay),
    "costs": .numbers(simulation.environment.costs),
    "lai_robbins": number(result.laiRobbins),
    "quantile_levels": .numbers(SimulationResult.quantileLevels),
    "policies": JSONValue(.array(policies)),
  ]
}

/// Standard errors, `null` where one replicate gives none.
private func errors(_ estimates: [Estimate]) -> JSONValue {
  JSONValue(
    .array(estimates.map { number($0.standardError) }))
}

/// A row for each policy and reported round; the last one of a policy has the plays of each arm.
func simulationCSV(_ result: SimulationResult) -> String {
  let levels = SimulationResult.quantileLevels.map { level in
    let percent = Int((level * 100).rounded())
    return "regret_q" + (percent < 10 ? "0" : "") + "\(percent)"
  }
  let header =
    ["policy", "round", "regret", "regret_se"] + levels
    + ["best_arm_share", "best_arm_share_se", "best_arm_found"]
    + armNames(result.simulation.environment).map { csvCell("pulls_\($0)") }
  var text = header.joined(separator: ",") + "\n"
  for policy in result.policies {
    for point in policy.points {
      let numbers: [Double?] =
        [point.regret.mean, point.regret.standardError] + point.quantiles
        + [point.bestArmShare.mean, point.bestArmShare.standardError, point.identified?.mean]
        + policy.pulls.map { point.round == policy.points.last?.round ? $0.mean : nil }
      let cells = numbers.map { $0.map(jsonNumber) ?? "" }
      text += "\(policy.name),\(point.round)," + cells.joined(separator: ",") + "\n"
    }
  }
  return text
}
