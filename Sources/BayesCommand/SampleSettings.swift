// The settings of `sample`, and the table that its arguments, help and record come from.

import BayesEngine
import BayesInference
import CommandLineKit

/// The sampler's name on the command line.
enum SamplerName: String, CaseIterable, ArgumentValue { case nuts, hmc }
/// What a command prints.
enum OutputFormat: String, CaseIterable, ArgumentValue { case table, json }
/// What `compile` shows.
enum Emission: String, CaseIterable, ArgumentValue { case graph, c }

/// How standard output and the choice of warmup are written.
extension WarmupSchedule: ArgumentValue {}
extension MetricChoice: ArgumentValue {}

/// A model and its data, as several commands take them.
struct ModelInput: Sendable, Equatable {
  /// The model's file; `nil` in a model's own executable.
  var model: String?
  var data: [String] = []
  var columns: [String] = []

  /// The arguments of the table that fill `path`.
  static func arguments<Settings>(
    _ path: any WritableKeyPath<Settings, ModelInput> & Sendable, isRequired: Bool
  ) -> [Argument<Settings>] {
    let model = path.appending(path: \ModelInput.model)
    let data = path.appending(path: \ModelInput.data)
    let columns = path.appending(path: \ModelInput.columns)
    return [
      .positional("MODEL", model, help: isRequired ? "The model's file." : "The model's file, to find its data."),
      .repeatable(
        "data", data, placeholder: "FILE",
        help: "Data, .json or .csv; without, the file beside the model."),
      .list(
        "columns", columns, placeholder: "A,B",
        help: "The columns' names, for a CSV file without header."),
    ]
  }
}

/// The settings of `sample`.
struct SampleSettings: Sendable, Equatable {
  var input = ModelInput()
  var chains = 4
  var warmup = 1000
  var draws = 1000
  var seed: UInt64?
  var sampler = SamplerName.nuts
  var leapfrogs = 32
  var warmupSchedule = WarmupSchedule.fisher
  var targetAcceptance = 0.8
  var maxDepth = 10
  var metric = MetricChoice.auto
  var initialValues: String?
  var output: String?
  var format = OutputFormat.table
  var strict = false
  var quiet = false

  /// As the sampler takes them.
  func samplerSettings(seed: UInt64) -> SamplerSettings {
    var settings = SamplerSettings(seed: seed)
    settings.chains = chains
    settings.warmup = warmup
    settings.draws = draws
    settings.algorithm = sampler == .nuts ? .nuts : .hmc(leapfrogs: leapfrogs)
    settings.warmupSchedule = warmupSchedule
    settings.targetAcceptance = targetAcceptance
    settings.maxTreeDepth = maxDepth
    settings.metric = metric
    return settings
  }
}
