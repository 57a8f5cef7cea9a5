// Gaussian-process regression with a squared-exponential kernel and a nugget.
// Source: posteriordb, gp_pois_regr-gp_regr (the nugget is sigma, not its square).
import Bayes

@main struct GPRegression: Model {
  let N = Axis()
  @Observed(over: \Self.N) var y: Vector
  @Given(over: \Self.N) var x: Vector

  @Parameter var rho: Real
  @Parameter var alpha: Real
  @Parameter var sigma: Real

  /// (x_i − x_j)², which depends on data alone.
  var squaredDistance: Matrix {
    let one = 0 * x + 1
    return square(outer(x, one) - outer(one, x))
  }

  var covariance: Matrix {
    let one = 0 * x + 1
    return square(alpha) * exp(-0.5 * squaredDistance / square(rho)) + diagonal(sigma * one)
  }

  var body: some Density {
    rho ~ Gamma(shape: 25, rate: 4)
    alpha ~ HalfNormal(2)
    sigma ~ HalfNormal(1)
    y ~ MultivariateNormal(0 * x, covariance: covariance)
  }
}
