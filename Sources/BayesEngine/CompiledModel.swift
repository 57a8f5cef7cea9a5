// A model bound to its data and compiled: what everything downstream runs on.

public import BayesCompiler
public import BayesCore
public import BayesLanguage
import Glibc

/// A traced model with its kernel.
///
/// The recorded quantities are all parameters, then all derived quantities, each in the order of their
/// declaration, on the constrained scale. The kernel's outputs are these, and after them the
/// probabilities of all labels of discrete unknowns.
public struct CompiledModel: Sendable {
  /// The graph and what its nodes mean.
  public let traced: TracedModel
  /// What evaluates the unconstrained log density, its gradient and the recorded quantities.
  public let kernel: Kernel
  /// The recorded quantities.
  public let variables: [Variable]
  /// Wall seconds that tracing and building the kernel took.
  public let compileSeconds: Double

  /// Traces a model with its data and builds the kernel.
  ///
  /// - Parameter replacements: data by declared name, positions counted from 0, that stand before
  ///   `data` and before what was set in code: simulated data.
  /// - Throws: `ModelError`, with all that is wrong with the model or its data.
  public init(
    _ model: some Model, data: DataSet = DataSet(), replacements: DataSet = DataSet(),
    settings: KernelSettings = KernelSettings()
  ) throws {
    let start = secondsNow()
    try self.init(
      try trace(model, data: data, replacements: replacements), settings: settings, start: start)
  }

  /// Builds the kernel of a model that has been traced.
  public init(_ traced: TracedModel, settings: KernelSettings = KernelSettings()) throws {
    try self.init(traced, settings: settings, start: secondsNow())
  }

  private init(_ traced: TracedModel, settings: KernelSettings, start: Double) throws {
    let outputs =
      traced.parameters.map(\.node) + traced.derived.map(\.node)
      + traced.latents.flatMap(\.probabilities)
    self.traced = traced
    variables = traced.parameters.map(\.variable) + traced.derived.map(\.variable)
    kernel = try Kernel(
      graph: traced.graph, dimension: traced.dimension, logDensity: traced.unconstrainedLogDensity,
      outputs: outputs, settings: settings)
    compileSeconds = secondsNow() - start
  }
}

/// Wall seconds from some fixed moment.
func secondsNow() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
