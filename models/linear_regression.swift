// Disease progression of 442 diabetes patients, regressed on ten standardised baseline measurements.
// Source: Efron, Hastie, Johnstone & Tibshirani (2004), Least Angle Regression. Data: DATA.md.
import Bayes

@main struct LinearRegression: Model {
  let patient = Axis()
  let predictor = Axis(["age", "sex", "bmi", "bp", "tc", "ldl", "hdl", "tch", "ltg", "glu"])

  @Observed(over: \Self.patient) var progression: Vector
  @Given(over: \Self.patient) var age: Vector
  @Given(over: \Self.patient) var sex: Vector
  @Given(over: \Self.patient) var bmi: Vector
  @Given(over: \Self.patient) var bp: Vector
  @Given(over: \Self.patient) var tc: Vector
  @Given(over: \Self.patient) var ldl: Vector
  @Given(over: \Self.patient) var hdl: Vector
  @Given(over: \Self.patient) var tch: Vector
  @Given(over: \Self.patient) var ltg: Vector
  @Given(over: \Self.patient) var glu: Vector

  @Parameter var alpha: Real
  @Parameter(over: \Self.predictor) var beta: Vector
  @Parameter var sigma: Real

  var person: Vector { beta[0] * age + beta[1] * sex + beta[2] * bmi + beta[3] * bp }
  var lipids: Vector { beta[4] * tc + beta[5] * ldl + beta[6] * hdl + beta[7] * tch }
  var serum: Vector { lipids + beta[8] * ltg + beta[9] * glu }

  var body: some Density {
    alpha ~ Normal(150, 50)
    beta ~ Normal(0, 50)
    sigma ~ HalfNormal(100)
    progression ~ Normal(alpha + person + serum, sigma)
  }
}
