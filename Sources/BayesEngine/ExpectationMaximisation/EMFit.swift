// What EM returns: estimates with their errors, and how they were found.

public import BayesCore
public import BayesInference
public import BayesLanguage
import Glibc

/// How a model is fitted by EM.
public struct EMOptions: Sendable {
  /// Restarts, iterations, tolerances and threads.
  public var driver = EMSettings()
  /// The key of the random streams of the starts.
  public var seed: UInt64
  /// Whether the priors' log density is added to the log-likelihood (MAP).
  public var usesPriors = false
  /// What the covariances of multivariate normal components have in common.
  public var covariance = CovarianceForm.full
  /// How often each row counts, over the axis of the discrete unknowns; `nil` for once each.
  public var rowWeights: [Double]?
  /// Sizes of axes, by name, that stand before those in the model.
  public var axisSizes: [String: Int] = [:]
  /// Constrained values of all parameters to start the only restart from.
  public var start: DataSet?
  /// Whether to compute standard errors; `nil` for where it takes less time than the fit is worth.
  public var computesErrors: Bool?

  public init(seed: UInt64) { self.seed = seed }
}

/// A quantity with its estimate.
public struct EMEstimate: Sendable, Equatable {
  public let variable: Variable
  /// Row-major, on the constrained scale.
  public let values: [Double]
  /// By element; `nil` where there is none, such as on the edge of the support.
  public let standardErrors: [Double?]
}

/// A maximum of the likelihood, or of the posterior density, found by EM.
public struct EMFit: Sendable {
  public let model: String
  public let isMAP: Bool
  /// Parameters, then derived quantities, in the order of declaration.
  public let estimates: [EMEstimate]
  /// Why there are no standard errors; `nil` if there are.
  public let errorNote: String?
  /// log p(data | estimates), discrete unknowns summed out, constants kept, in nats.
  public let logLikelihood: Double
  /// The log-likelihood with the priors' log density added; `nil` for maximum likelihood.
  public let logPosterior: Double?
  /// Free parameters and rows, row weights added up.
  public let parameterCount: Int
  public let rowCount: Double
  /// The probabilities of labels at the estimates, and the most probable path of each Markov chain.
  public let labels: [LabelProbabilities]
  /// All restarts.
  public let run: EMRun
  /// What each M-step did, one line for each rule.
  public let updates: [String]
  public let covariance: CovarianceForm
  public let seed: UInt64
  /// What is to be said beside the estimates, one line each.
  public let notes: [String]
  public let seconds: EMSeconds
  let rowWeights: [Double]?
  /// The names behind the model's handles.
  let names: [Key: String]

  /// The restart that the estimates are of.
  public var best: EMRestart { run.bestRestart! }

  /// −2 log L + p log n (Schwarz 1978); small is good.
  public var bic: Double {
    -2 * logLikelihood + Double(parameterCount) * log(rowCount)
  }

  /// −2 log L + 2 p (Akaike 1974).
  public var aic: Double { -2 * logLikelihood + 2 * Double(parameterCount) }

  /// BIC − 2 Σ log max_k r_nk: BIC with a penalty for rows whose label is not clear, in the hard form of
  /// mclust (Biernacki, Celeux, Govaert 2000); `nil` without discrete unknowns.
  public var icl: Double? { labels.isEmpty ? nil : bic - 2 * certainty(labels, rowWeights) }

  /// The estimate of a quantity by its name.
  public subscript(name: String) -> EMEstimate? { estimates.first { $0.variable.name == name } }
}

/// Seconds of a fit by EM.
public struct EMSeconds: Sendable, Equatable {
  /// Tracing and compiling.
  public var compile = 0.0
  /// All restarts, wall time.
  public var restarts = 0.0
  /// Standard errors and the rest.
  public var after = 0.0
  /// Wall seconds of the restarts times threads in use, over the number of steps.
  public var perIteration = 0.0
}

extension EMFit {
  /// The estimate of a scalar.
  ///
  /// - Precondition: the handle is that of a parameter or derived quantity of the model.
  public subscript(handle: Handle<Real>) -> Double { estimate(handle.key).values[0] }

  /// The estimate of a vector.
  ///
  /// - Precondition: as for a scalar.
  public subscript(handle: Handle<Vector>) -> [Double] { estimate(handle.key).values }

  /// The estimate of a matrix, row by row.
  ///
  /// - Precondition: as for a scalar.
  public subscript(handle: Handle<Matrix>) -> [[Double]] {
    let found = estimate(handle.key)
    let width = found.variable.dimensions[1].size
    return stride(from: 0, to: found.values.count, by: width).map {
      Array(found.values[$0..<($0 + width)])
    }
  }

  /// The probabilities of a discrete unknown's labels.
  ///
  /// - Precondition: the handle is that of a `@Latent` of the model.
  public subscript(handle: Handle<Labels>) -> LabelProbabilities {
    guard let name = names[handle.key],
      let found = labels.first(where: { $0.variable.name == name })
    else { preconditionFailure("the handle is of no discrete unknown of \(model)") }
    return found
  }

  private func estimate(_ key: Key) -> EMEstimate {
    guard let name = names[key], let found = self[name] else {
      preconditionFailure("the handle is of no parameter or derived quantity of \(model)")
    }
    return found
  }
}
