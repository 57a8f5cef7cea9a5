// The settings of `sample`, and the table that its arguments, help and record come from.

import BayesInference
import CommandLineKit

/// The sampler's name on the command line.
enum SamplerName: String, CaseIterable, ArgumentValue { case nuts, hmc }
/// What a command prints.
enum OutputFormat: String, CaseIterable, ArgumentValue { case table, json }
/// Whether draws are relabelled where exchangeable components changed places.
enum RelabelChoice: String, CaseIterable, ArgumentValue { case auto, never }
/// What `compile` shows.
enum Emission: String, CaseIterable, ArgumentValue { case graph, c }

/// A choice that another module declares, written by its raw value.
struct Choice<Value>: ArgumentValue, Equatable
where
  Value: RawRepresentable & CaseIterable & Equatable & Sendable & SendableMetatype,
  Value.RawValue == String
{
  var value: Value

  init(_ value: Value) { self.value = value }
  init?(argument: String) {
    guard let value = Value(rawValue: argument) else { return nil }
    self.value = value
  }

  var argumentText: String { value.rawValue }
  var echo: ArgumentEcho { .text(value.rawValue) }
  static var choices: [String] { Value.allCases.map(\.rawValue) }
  static var placeholder: String { choices.joined(separator: "|") }
  static var expectation: String { "one of \(choices.joined(separator: ", "))" }
}

/// A model and its data, as several commands take them.
struct ModelInput: Sendable, Equatable {
  /// The model's file; `nil` in a model's own executable.
  var model: String?
  var data: [String] = []
  var columns: [String] = []
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
  var warmupSchedule = Choice(WarmupSchedule.fisher)
  var targetAcceptance = 0.8
  var maxDepth = 10
  var metric = Choice(MetricChoice.auto)
  var initialValues: String?
  var relabel = RelabelChoice.auto
  var output: String?
  var labelDraws = false
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
    settings.warmupSchedule = warmupSchedule.value
    settings.targetAcceptance = targetAcceptance
    settings.maxTreeDepth = maxDepth
    settings.metric = metric.value
    return settings
  }
}
