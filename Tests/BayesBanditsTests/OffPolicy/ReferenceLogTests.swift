// The Open Bandit sample: every figure of the reference values, to its digits.

import BayesBandits
import Foundation
import Glibc
import Testing

private let folder =
  URL(filePath: #filePath).deletingLastPathComponent()
  .path(percentEncoded: false) + "../../../../shared/fixtures/bandits/"

/// False where the shared fixtures are absent, which continuous integration does not allow.
private let hasFixtures: Bool = {
  if access(folder, R_OK) == 0 || getenv("CI").map({ String(cString: $0) }) == "true" {
    return true
  }
  print("skipped: no shared fixtures at \(folder)")
  return false
}()

private let columns = LogColumns(
  action: "item_id", reward: "click", propensity: "propensity_score")

@Suite(.enabled(if: hasFixtures, "no shared fixtures")) struct ReferenceLogTests {
  /// The uniform policy on the log of Thompson sampling.
  private static let evaluation = Result {
    var settings = OffPolicySettings(policy: .uniform)
    settings.replicates = 100
    // The reference's reward model is (s + 1)/(n + 100).
    settings.priorReward = 1
    settings.priorCount = 100
    return try evaluateOffPolicy(
      CSVChoiceLog(path: folder + "open_bandit_men_bts.csv", columns: columns), settings)
  }

  @Test(
    "The uniform policy from the log of Thompson sampling has the reference's estimates",
    arguments: [
      (OffPolicyMethod.inversePropensity, 0.003_008_626_3, 5e-11),
      (.selfNormalised, 0.003_189_423_2, 5e-11), (.direct, 0.007_341_734_2, 5e-11),
      (.doublyRobust, 0.003_354_938_1, 5e-11), (.switchDoublyRobust, 0.005_552_254_6, 5e-11),
    ])
  func estimates(method: OffPolicyMethod, value: Double, tolerance: Double) throws {
    let estimate = try #require(Self.evaluation.get()[method]?.value)
    #expect(abs(estimate - value) <= tolerance)
  }

  @Test("So have its weights and the standard error of IPS") func weights() throws {
    let result = try Self.evaluation.get()
    #expect(result.rowCount == 10_000 && result.arms.count == 34)
    #expect(abs(result.weights.mean - 0.943_314) <= 5e-7)
    #expect(abs(result.weights.largest - 178.253) <= 5e-4)
    #expect(abs(result.weights.effectiveSampleSize - 655.71) <= 5e-3)
    #expect(abs(result[.inversePropensity]!.standardError! - 0.000_774) <= 5e-7)
  }

  @Test("Replaying the uniform policy on the uniform log keeps every row")
  func uniformLog() throws {
    var settings = OffPolicySettings(policy: .uniform)
    settings.replicates = 100
    let result = try evaluateOffPolicy(
      CSVChoiceLog(path: folder + "open_bandit_men_random.csv", columns: columns), settings)
    #expect(result.isLogUniform)
    for method in [OffPolicyMethod.replay, .inversePropensity, .selfNormalised] {
      #expect(abs(result[method]!.value! - 0.0046) < 1e-12)
    }
    #expect(result[.replay]!.effectiveSampleSize == 10_000)
    #expect(result.weights.paretoShape == nil && result.warnings.isEmpty)
  }
}
