// Claims of insurance policies: some policies never claim, the others' claims are Poisson.
// Source: Lambert (1992), Zero-inflated Poisson regression, Technometrics 34. Data: DATA.md.
import Bayes

@main struct ZeroInflated: Model {
  let policy = Axis()
  let kind = Axis(["never claims", "claims"])
  @Observed(over: \Self.policy) var claims: Counts

  @Parameter(over: \Self.kind) var weights: Vector
  @Parameter var rate: Real
  @Latent(over: \Self.policy, in: \Self.kind) var z: Labels

  var body: some Density {
    weights ~ Dirichlet(1)
    rate ~ Gamma(shape: 2, rate: 1)
    z ~ Categorical(weights)
    claims ~ Poisson(rate * Vector(z))
  }
}
