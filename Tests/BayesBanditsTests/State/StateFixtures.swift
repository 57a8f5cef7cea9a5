// A small model of state tests: Beta–Bernoulli arms, whose belief is counts.

import BayesBandits
import BayesNumerics
import Foundation

/// Successes and failures of each arm under Beta(1, 1).
struct CountBelief: StoredBelief, Equatable {
  var counts: [Double]

  struct NotARate: Error {}

  mutating func observe(arm: Int, reward: Double, context: [Double]) throws {
    guard reward == 0 || reward == 1 else { throw NotARate() }
    counts[2 * arm + (reward == 1 ? 0 : 1)] += 1
  }

  func means(context: [Double]) -> [Double] {
    stride(from: 0, to: counts.count, by: 2).map { arm -> Double in
      let (wins, losses) = (counts[arm], counts[arm + 1])
      return (wins + 1) / (wins + losses + 2)
    }
  }

  /// Proportional to the means: all that a store needs is that they are probabilities.
  func probabilitiesOfBest(context: [Double], among arms: [Int]) -> [Double] {
    let all = means(context: context)
    let sum = arms.reduce(0) { $0 + all[$1] }
    return arms.map { all[$0] / sum }
  }

  var state: [Double] { counts }
}

/// Three arms of rates.
func rates(
  _ arms: [String] = ["A", "B", "C"], name: String = "Rates", context: [String] = [],
  rewards: RewardSupport = .binary, fixed: Bool = false
) -> StoredModel<CountBelief> {
  StoredModel(
    identity: ModelIdentity(name: name, fingerprint: "f\(name)"), arms: arms, context: context,
    rewards: rewards, armsAreFixed: fixed,
    make: { CountBelief(counts: [Double](repeating: 0, count: 2 * $0.count)) },
    restore: { CountBelief(counts: $1) })
}

/// A folder that goes with its owner.
final class StateFolder {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "state-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var state: String { folder + "/arms.db" }
  func path(_ name: String) -> String { folder + "/" + name }
}
