// Log leaf weight of mesquite bushes on the logarithms of their measurements.
// Source: posteriordb mesquite-logmesquite (Gelman & Hill 2007, chapter 4).
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Bayes

@main struct Logmesquite: Model {
  let bush = Axis()
  let coefficient = Axis(7)
  @Observed(over: \Self.bush) var weight: Vector
  @Given(over: \Self.bush) var diam1: Vector
  @Given(over: \Self.bush) var diam2: Vector
  @Given(over: \Self.bush) var canopy_height: Vector
  @Given(over: \Self.bush) var total_height: Vector
  @Given(over: \Self.bush) var density: Vector
  @Given(over: \Self.bush) var group: Vector

  @Parameter(over: \Self.coefficient) var beta: Vector
  @Parameter var sigma: Real

  var widths: Vector { beta[1] * log(diam1) + beta[2] * log(diam2) }
  var heights: Vector { beta[3] * log(canopy_height) + beta[4] * log(total_height) }
  var habit: Vector { beta[5] * log(density) + beta[6] * group }

  var body: some Density {
    beta ~ Flat()
    sigma ~ Flat().positive
    log(weight) ~ Normal(beta[0] + widths + heights + habit, sigma)
  }
}
