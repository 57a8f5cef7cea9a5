// Party identification in the 2000 election study on ideology, race, age group and four more.
// Source: posteriordb nes2000-nes (Gelman & Hill 2007, chapter 4).
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Bayes

@main struct NES: Model {
  let respondent = Axis()
  let coefficient = Axis(9)
  @Observed(over: \Self.respondent) var partyid7: Vector
  @Given(over: \Self.respondent) var real_ideo: Vector
  @Given(over: \Self.respondent) var race_adj: Vector
  @Given(over: \Self.respondent) var age_discrete: Vector
  @Given(over: \Self.respondent) var educ1: Vector
  @Given(over: \Self.respondent) var gender: Vector
  @Given(over: \Self.respondent) var income: Vector

  @Parameter(over: \Self.coefficient) var beta: Vector
  @Parameter var sigma: Real

  /// 1 where the respondent is in age group `group`, else 0; group 1 is the baseline.
  func inAgeGroup(_ group: Double) -> Vector { select(age_discrete == group, 1, 0) }

  var views: Vector { beta[0] + beta[1] * real_ideo + beta[2] * race_adj }
  var age: Vector { beta[3] * inAgeGroup(2) + beta[4] * inAgeGroup(3) + beta[5] * inAgeGroup(4) }
  var standing: Vector { beta[6] * educ1 + beta[7] * gender + beta[8] * income }

  var body: some Density {
    beta ~ Flat()
    sigma ~ Flat().positive
    partyid7 ~ Normal(views + age + standing, sigma)
  }
}
