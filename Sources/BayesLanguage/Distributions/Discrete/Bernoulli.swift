// Outcomes of 0 or 1, and how many of a number of trials come out 1.

public import BayesGraph
public import BayesNumerics

/// One trial: 1 with the given probability, else 0.
///
/// ```
/// log p(y | p) = y ? log p : log(1 − p)
/// log p(y | η) = y η − log(1 + exp η), η = logit p
/// ```
///
/// Reference: Stan Functions Reference, "Bernoulli distribution" and its logit parameterisation.
public struct Bernoulli: Distribution {
  public let arguments: [DistributionArgument]
  private let isLogit: Bool
  public var name: String { "Bernoulli" }
  public var event: Event { .count }

  /// The probability of 1, in [0, 1].
  public init(_ probability: some Symbolic) {
    arguments = [.init("probability", probability, .probability)]
    isLogit = false
  }

  /// The log odds of 1; stable however large they are.
  public init(logit: some Symbolic) {
    arguments = [.init("logit", logit)]
    isLogit = true
  }

  public func support(_ arguments: [Tensor]) -> Support {
    .countsTo(arguments[0].builder.constant(1))
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let argument = arguments[0]
    if isLogit { return value * argument - argument(.log1pExp) }
    return value.builder.select(value, argument.logarithm, (-argument)(.logOnePlus))
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let probability = isLogit ? logistic(arguments[0][0]) : arguments[0][0]
    guard !probability.isNaN else { return [.nan] }
    return [stream.uniform() < probability ? 1 : 0]
  }
}

/// The number of successes in so many independent trials.
///
/// ```
/// log p(y | n, p) = log (n over y) + y log p + (n − y) log(1 − p)
/// log p(y | n, η) = log (n over y) + y η − n log(1 + exp η), η = logit p
/// ```
///
/// with 0 log 0 = 0. Reference: Stan Functions Reference, "Binomial distribution" and its logit
/// parameterisation.
public struct Binomial: Distribution {
  public let arguments: [DistributionArgument]
  private let isLogit: Bool
  public var name: String { "Binomial" }
  public var event: Event { .count }

  /// Trials (a whole number, data) and the probability of success in [0, 1].
  public init(_ trials: some Symbolic, _ probability: some Symbolic) {
    arguments = [
      .init("trials", trials, .wholeNonNegative), .init("probability", probability, .probability),
    ]
    isLogit = false
  }

  /// Trials (a whole number, data) and the log odds of success.
  public init(_ trials: some Symbolic, logit: some Symbolic) {
    arguments = [.init("trials", trials, .wholeNonNegative), .init("logit", logit)]
    isLogit = true
  }

  public func support(_ arguments: [Tensor]) -> Support { .countsTo(arguments[0]) }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let (trials, argument) = (arguments[0], arguments[1])
    let coefficient = logBinomialCoefficient(trials, value)
    if isLogit { return value * argument - trials * argument(.log1pExp) + coefficient }
    return countTimesLog(value, argument)
      + countTimesLog(trials - value, argument, complement: true) + coefficient
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let probability = isLogit ? logistic(arguments[1][0]) : arguments[1][0]
    return [stream.binomial(trials: arguments[0][0], probability: probability)]
  }
}
