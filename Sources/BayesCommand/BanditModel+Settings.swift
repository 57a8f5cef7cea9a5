// How commands keep the belief of a declared bandit.

import BayesBandits
import CommandLineKit

/// The settings of a declared bandit's belief.
struct BeliefSettings: Sendable, Equatable {
  var method = BeliefMethodName.auto
  var refresh: Int?
  var draws = 1000

  func options(seed: UInt64) -> BeliefOptions {
    var options = BeliefOptions(seed: seed)
    options.method = BeliefOptions.Method(rawValue: method.rawValue)!
    options.refreshEvery = refresh
    options.draws = draws
    return options
  }
}

/// Kinds of beliefs by name.
enum BeliefMethodName: String, CaseIterable, ArgumentValue { case auto, exact, nuts, laplace }

/// The options of a declared bandit's belief.
func beliefArguments<Settings>(
  method: any WritableKeyPath<Settings, BeliefMethodName> & Sendable,
  refresh: any WritableKeyPath<Settings, Int?> & Sendable,
  draws: any WritableKeyPath<Settings, Int> & Sendable
) -> [Argument<Settings>] {
  [
    .option(
      "belief", method,
      help:
        "How a model's posterior is kept: in closed form where it has one, else by NUTS (auto); or exact, "
        + "nuts, laplace."),
    .option(
      "refresh", refresh, placeholder: "N", must: .within(1...1_000_000_000),
      help:
        "Sample the posterior again after N rewards; without, after a tenth more than last time."),
    .option(
      "belief-draws", draws, must: .within(100...100_000),
      help: "Draws that represent a sampled posterior."),
  ]
}
