// Logistic predictions averaged over weighted coefficients.

import BayesNumerics
import Glibc

/// A mean with the standard deviation around it.
public struct Moments: Sendable, Equatable {
  /// The mean.
  public let mean: Double
  /// The standard deviation.
  public let standardDeviation: Double
}

/// The average of 1/(1 + exp(−Σ_j w_j x_j)) over points w of a posterior.
struct AveragedLogit: Sendable, Equatable {
  /// The coefficients, point after point.
  let coefficients: [Double]
  /// The points' weights, which sum to 1.
  let weights: [Double]

  var dimension: Int { coefficients.count / weights.count }

  /// The posterior mean and standard deviation of a coefficient.
  func moments(_ j: Int) -> Moments {
    let values = weights.indices.map { coefficients[$0 * dimension + j] }
    let mean = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 }
    let variance = zip(weights, values).reduce(0) {
      $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean)
    }
    return Moments(mean: mean, standardDeviation: variance.squareRoot())
  }

  /// The log odds of the mean probability, from both tails so that neither is lost beside 1.
  ///
  /// A coefficient of a feature that is 0 is left out, so that infinite features do no harm.
  func callAsFunction(_ features: [Double]) -> Double {
    let size = dimension
    var (upper, lower) = (0.0, 0.0)
    var exponents: [Double] = []
    for i in weights.indices {
      var eta = 0.0
      for j in 0..<size where features[j] != 0 { eta += coefficients[i * size + j] * features[j] }
      let e = exp(-abs(eta))
      let (near, far) = (weights[i] / (1 + e), weights[i] * e / (1 + e))
      upper += eta >= 0 ? near : far
      lower += eta >= 0 ? far : near
      exponents.append(eta)
    }
    if upper > 0, lower > 0 { return log(upper) - log(lower) }
    // Beyond the range of numbers: log σ(±η) is −log(1 + exp ∓η).
    func total(_ sign: Double) -> Double {
      logSumExp(zip(weights, exponents).map { log($0) - log1pExp(-sign * $1) })
    }
    return upper > 0 ? -total(-1) : total(1)
  }

  /// The log odds of many rows.
  ///
  /// Many rows, of a posterior of many points, read it from polynomials on panels, good to 10⁻¹³ beside the largest of 1 and
  /// the log odds: some thousand evaluations.
  func logits(_ logits: [Double], _ features: (Double) -> [Double]) -> [Double] {
    let finite = logits.lazy.filter(\.isFinite)
    guard logits.count > (weights.count > 500 ? 1500 : 5000), let least = finite.min(),
      let most = finite.max(), least < most
    else { return logits.map { self(features($0)) } }
    let breaks = (0...16).map { least + (most - least) * Double($0) / 16 }
    let table = PiecewiseChebyshev(breaks: breaks, tolerance: 1e-13) { self(features($0)) }
    return logits.map { $0.isFinite ? table($0) : self(features($0)) }
  }
}
