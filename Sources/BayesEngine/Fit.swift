// What sampling a model returns.

public import BayesCompiler
public import BayesCore
public import BayesDiagnostics
public import BayesInference
import BayesLanguage

/// Posterior draws of a model with everything that is known of how they came about.
public struct Fit: Sendable {
  /// The model's name.
  public let model: String
  /// Parameters, then derived quantities, on the constrained scale; relabelled where ``relabelled`` says so.
  public let draws: Draws
  /// The unconstrained draws, step sizes, metrics, divergences and gradient counts, by chain; always as
  /// sampled, never relabelled.
  public let run: SamplerRun
  /// Estimates with their Monte Carlo errors and the health of the run.
  public let summary: Summary
  /// What is wrong with the run, worst first.
  public let advice: [Advice]
  /// What ran, and what the compiler did, one line each.
  public let backend: Kernel.Backend
  /// What the compiler did beyond the plain graph.
  public let rewrites: [String]
  /// The posterior probabilities of the labels of each discrete unknown.
  public let labels: [LabelProbabilities]
  /// The axes whose components changed places between draws, so that all draws were relabelled.
  ///
  /// Where exchanging components leaves the posterior as it is, their numbers mean nothing, and chains may
  /// use different ones. If the best numbering of more than 1 % of the draws is not that of most others,
  /// the components of each draw are renumbered by the Kullback–Leibler method of Stephens (2000), see
  /// `LabelAlignment`: parameters and probabilities of labels are permuted, derived quantities are
  /// computed from the permuted parameters. ``draws``, ``labels``, ``summary`` and ``advice`` are then of
  /// relabelled draws, while the positions of ``run`` stay as they were. Components without names are
  /// numbered by the expected count of their positions, the largest first; those with names as in most
  /// draws.
  ///
  /// Empty where nothing changed places, where components are not exchangeable (an `ordered()` parameter,
  /// different priors) and with `relabels: false`.
  public var relabelled: [String] { relabellings.map(\.axis) }
  /// Where the time went.
  public let seconds: FitSeconds

  /// The new numbers of the components of ``relabelled`` axes.
  let relabellings: [AxisRelabelling]
  /// The names behind the model's handles.
  let names: [Key: String]

  /// The settings that were used, the seed among them.
  public var settings: SamplerSettings { run.settings }

  /// The draws of one scalar quantity by its display name (`theta[Choate]`), chain × draw.
  public subscript(name: String) -> [[Double]]? {
    draws.columnNames.firstIndex(of: name).map(draws.column)
  }
}

/// Seconds of a fit.
public struct FitSeconds: Sendable, Equatable {
  /// Wall seconds of tracing and building the kernel.
  public var compileKernel = 0.0
  /// CPU seconds of warmup, over all chains.
  public var warmup = 0.0
  /// CPU seconds of the draws, over all chains.
  public var sampling = 0.0
  /// Wall seconds from the start of tracing to the summary.
  public var total = 0.0
}
