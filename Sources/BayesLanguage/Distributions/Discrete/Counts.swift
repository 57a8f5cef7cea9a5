// Unbounded counts: Poisson and negative binomial.

public import BayesGraph
public import BayesNumerics
import Glibc

/// The Poisson distribution.
///
/// ```
/// log p(y | λ) = y log λ − λ − log Γ(y + 1)
/// log p(y | η) = y η − exp η − log Γ(y + 1), η = log λ
/// ```
///
/// Mean λ ≥ 0 with 0 log 0 = 0. Reference: Stan Functions Reference, "Poisson distribution" and its
/// log parameterisation.
public struct Poisson: Distribution {
  public let arguments: [DistributionArgument]
  private let isLog: Bool
  public var name: String { "Poisson" }
  public var event: Event { .count }

  /// The mean.
  public init(_ mean: some Symbolic) {
    arguments = [.init("mean", mean, .nonNegative)]
    isLog = false
  }

  /// The logarithm of the mean.
  public init(logMean: some Symbolic) {
    arguments = [.init("logMean", logMean)]
    isLog = true
  }

  public func support(_ arguments: [Tensor]) -> Support { .counts }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let argument = arguments[0]
    let constant = (value + 1).logGamma
    if isLog { return value * argument - argument.exponential - constant }
    return countTimesLog(value, argument) - argument - constant
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [stream.poisson(mean: isLog ? exp(arguments[0][0]) : arguments[0][0])]
  }
}

/// The negative binomial distribution by mean and dispersion: a Poisson whose mean is gamma.
///
/// ```
/// log p(y | μ, φ) = log Γ(y + φ) − log Γ(φ) − log Γ(y + 1) + y log(μ/(μ+φ)) − φ log(1 + μ/φ)
/// ```
///
/// Mean μ > 0, dispersion φ > 0, variance μ + μ²/φ: a large φ is nearly Poisson. The difference of log Γ
/// is a rising factorial, so that nothing cancels for huge φ, and log(1 + μ/φ) keeps its digits
/// both there and for tiny φ. With η = log μ and d = η − log φ the last two terms are
/// y d − (y + φ) log(1 + exp d), which no η overflows. Reference: Stan Functions Reference,
/// "Negative binomial distribution (alternative parameterization)".
public struct NegativeBinomial: Distribution {
  public let arguments: [DistributionArgument]
  private let isLog: Bool
  public var name: String { "NegativeBinomial" }
  public var event: Event { .count }

  /// The mean, and φ in the variance μ + μ²/φ.
  public init(mean: some Symbolic, dispersion: some Symbolic) {
    arguments = [.init("mean", mean, .positive), .init("dispersion", dispersion, .positive)]
    isLog = false
  }

  /// The logarithm of the mean, and φ in the variance μ + μ²/φ.
  public init(logMean: some Symbolic, dispersion: some Symbolic) {
    arguments = [.init("logMean", logMean), .init("dispersion", dispersion, .positive)]
    isLog = true
  }

  public func support(_ arguments: [Tensor]) -> Support { .counts }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let (mean, dispersion) = (arguments[0], arguments[1])
    let coefficient = dispersion(.logRising, value) - (value + 1).logGamma
    if isLog {
      let d = mean - dispersion.logarithm
      return coefficient + value * d - (value + dispersion) * d(.log1pExp)
    }
    return coefficient + value * (mean.logarithm - (mean + dispersion).logarithm)
      - dispersion * (mean / dispersion)(.logOnePlus)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let mean = isLog ? exp(arguments[0][0]) : arguments[0][0]
    return [stream.negativeBinomial(mean: mean, dispersion: arguments[1][0])]
  }
}
