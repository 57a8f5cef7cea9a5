// Models with rows and square matrices as draws: simulated, sampled, calibrated.

import BayesCore
import BayesEngine
import BayesLanguage
import BayesNumerics
import Testing

/// Rows of data around row effects, in groups, with transition-like simplex rows beside them.
private struct Effects: Model {
  let row = Axis(), group = Axis(3), feature = Axis(2)
  @Observed(over: \Self.row, \Self.feature) var y: Matrix
  @Observed(over: \Self.row, in: \Self.feature) var side: Indices
  @Given(over: \Self.row, in: \Self.group) var groupOf: Indices
  @Parameter(over: \Self.feature) var mu: Vector
  @Parameter(over: \Self.group, \Self.feature) var u: Matrix
  @Parameter(over: \Self.group, \Self.feature) var p: Matrix
  @Parameter(over: \Self.feature, \Self.feature) var l: Matrix
  var body: some Density {
    mu ~ Normal(0, 1)
    l ~ LKJCholesky(2)
    u ~ MultivariateNormal(mu, cholesky: l)
    p ~ Dirichlet(2)
    y ~ MultivariateNormal(u[groupOf], covariance: diagonal(Vector([0.5, 0.5])))
    side ~ Categorical(p[groupOf])
  }
  static var filled: Effects {
    var model = Effects()
    model.$y = Handle((0..<9).map { [Double($0), 1] })
    model.$groupOf = [0, 1, 2, 0, 1, 2, 0, 1, 2]
    model.$side = [0, 1, 0, 0, 1, 1, 0, 1, 0]
    return model
  }
}

private struct Covariances: Model {
  let component = Axis(2), feature = Axis(2)
  @Parameter(over: \Self.component, \Self.feature, \Self.feature) var sigma: Matrices
  @Parameter(over: \Self.component, \Self.feature, \Self.feature) var precision: Matrices
  var body: some Density {
    sigma ~ InverseWishart(degrees: 8, scale: diagonal(Vector([1, 4])))
    precision ~ Wishart(degrees: 4, scale: diagonal(Vector([1, 4])))
  }
}

private struct KnownCovariance: Model {
  let row = Axis(), feature = Axis(["a", "b"])
  @Observed(over: \Self.row, \Self.feature) var y: Matrix
  @Given(over: \Self.feature, \Self.feature) var s: Matrix
  @Parameter(over: \Self.feature) var mu: Vector
  var body: some Density {
    mu ~ Normal(0, 100)
    y ~ MultivariateNormal(mu, covariance: s)
  }
}

@Suite("Rows of a matrix in models") struct RowModelTests {
  @Test("Simulated rows have the moments of their distribution, one draw for each row")
  func simulation() throws {
    let simulator = try PriorSimulator(Covariances())
    var sums = [Double](repeating: 0, count: 16)
    let count = 4000
    for index in 0..<count {
      var stream = RandomStream(seed: 3, chain: index, purpose: .test, iteration: 0)
      let values = try simulator.simulate(using: &stream).quantities
      for i in sums.indices { sums[i] += values[i] / Double(count) }
    }
    // S / (ν − K − 1), and ν S.
    let expected = [0.2, 0, 0, 0.8, 0.2, 0, 0, 0.8, 4, 0, 0, 16, 4, 0, 0, 16]
    for (mean, truth) in zip(sums, expected) {
      #expect(abs(mean - truth) < 0.02 + 0.05 * truth + (truth == 0 ? 0.3 : 0), "\(sums)")
    }
  }

  @Test(
    "The posterior of a mean of rows is the normal one, and the kernel has one form of the rows")
  func conjugate() throws {
    var model = KnownCovariance()
    let rows = [[1.0, 2.0], [0.4, -1], [2.2, 0.5], [-0.3, 0.7], [1.1, 1.9]]
    model.$y = Handle(rows)
    model.$s = [[1, 0.6], [0.6, 2]]
    let fit = try model.sample(seed: 12)
    for (k, quantity) in fit.summary.quantities.enumerated() {
      let mean = rows.reduce(0) { $0 + $1[k] } / 5
      let error = try #require(quantity.mcseMean.number)
      #expect(abs(quantity.mean! - mean) < 5 * error + 1e-3)
      #expect(abs(quantity.sd! / ([1.0, 2][k] / 5).squareRoot() - 1) < 0.08)
    }
  }

  @Test("Ranks of a model with rows of all kinds are uniform") func calibration() throws {
    let ranks = try calibrationRanks(
      of: Effects.filled, simulations: 60, draws: 19, thinning: 5, warmup: 300, seed: 8)
    #expect(ranks.names.count == 2 + 6 + 6 + 4)
    let constant: Set = ["l[1,1]", "l[1,2]"]
    for (quantity, name) in ranks.names.enumerated() where !constant.contains(name) {
      #expect(ranks.uniformity(of: quantity, bins: 5) > 1e-5, "\(name)")
    }
  }

  @Test("Handles of square matrices give them by position, rows and columns") func handles() throws
  {
    let model = Covariances()
    let fit = try model.sample(seed: 5, chains: 2, warmup: 200, draws: 20)
    let draw = fit[model.$sigma][1][7]
    #expect(draw.count == 2 && draw[1].count == 2 && draw[1][0].count == 2)
    #expect(draw[1][0][1] == draw[1][1][0])
    #expect(fit["sigma[2,2,1]"]?[1][7] == draw[1][1][0])
  }
}
