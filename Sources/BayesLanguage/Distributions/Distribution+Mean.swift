// Means of distributions of numbers, as graph expressions.

public import BayesGraph
import BayesNumerics
import Glibc

extension Distribution {
  /// E[y | arguments], elementwise; `nil` where there is none (Cauchy), or no formula here.
  ///
  /// The mean of a category is that of its 0-based number. Where a mean exists for some arguments only
  /// (`StudentT` above one degree of freedom, `InverseGamma` above a shape of 1) it is infinite for the others.
  public func mean(_ arguments: [Tensor]) -> Tensor? {
    if self is any NarrowedDistribution { return nil }
    func probability() -> Tensor {
      let last = arguments[arguments.count - 1]
      return self.arguments.last?.label == "logit" ? last(.logistic) : last
    }
    func natural() -> Tensor {
      self.arguments[0].label == "logMean" ? arguments[0].exponential : arguments[0]
    }
    switch name {
    case "Normal", "Laplace", "Logistic": return arguments[0]
    case "StudentT": return finite(arguments[1], where: arguments[0], exceeds: 1)
    case "HalfNormal": return arguments[0] * (2 / Double.pi).squareRoot()
    case "LogNormal": return (arguments[0] + arguments[1].squared * 0.5).exponential
    case "Exponential": return 1 / arguments[0]
    case "Gamma": return arguments[0] / arguments[1]
    case "InverseGamma":
      return finite(arguments[1] / (arguments[0] - 1), where: arguments[0], exceeds: 1)
    case "Beta": return arguments[0] / (arguments[0] + arguments[1])
    case "Uniform": return (arguments[0] + arguments[1]) * 0.5
    case "Bernoulli": return probability()
    case "Binomial": return arguments[0] * probability()
    case "Poisson", "NegativeBinomial": return natural()
    case "Categorical":
      let argument = arguments[0]
      guard argument.shape.rank == 1 else { return nil }
      let numbers = argument.builder.data(
        (0..<argument.shape.count).map(Double.init), shape: argument.shape)
      if self.arguments[0].label == "probabilities" { return argument.dot(numbers) }
      return (argument - argument.reduced(.logSumExp)).exponential.dot(numbers)
    default: return nil
    }
  }

  private func finite(_ mean: Tensor, where argument: Tensor, exceeds limit: Double) -> Tensor {
    let builder = mean.builder
    return builder.select(
      builder.constant(limit)(.less, argument), mean, builder.constant(.infinity))
  }
}
