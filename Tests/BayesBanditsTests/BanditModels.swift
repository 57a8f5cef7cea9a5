// Declared bandits that the tests of beliefs learn with.

import BayesLanguage

struct ClickThrough: Bandit {
  let arm = Axis(["A", "B", "C"])
  @Parameter(over: \Self.arm) var rate: Vector
  @Action(over: \Self.arm) var shown: Choice
  @Observed var clicked: Real
  var body: some Density {
    rate ~ Beta(1, 2)
    clicked ~ Bernoulli(rate[shown])
  }
}

/// Calls in an hour, a number of lines being open.
struct Calls: Bandit {
  let arm = Axis(2)
  @Parameter(over: \Self.arm) var rate: Vector
  @Action(over: \Self.arm) var chosen: Choice
  @Context var hours: Real
  @Observed var calls: Count
  var body: some Density {
    rate ~ Gamma(shape: 2, rate: 0.5)
    calls ~ Poisson(hours * rate[chosen])
  }
}

struct Waiting: Bandit {
  let arm = Axis(2)
  @Parameter(over: \Self.arm) var rate: Vector
  @Action(over: \Self.arm) var chosen: Choice
  @Observed var time: Real
  @Derived var reward: Real
  var body: some Density {
    rate ~ Exponential(rate: 2)
    time ~ Exponential(rate: rate[chosen])
    reward <- -1 / rate[chosen]
  }
}

struct Sales: Bandit {
  let arm = Axis(["low", "high"])
  @Given(over: \Self.arm) var price: Vector
  @Parameter(over: \Self.arm) var share: Vector
  @Action(over: \Self.arm) var offer: Choice
  @Observed var bought: Count
  @Derived var reward: Real
  init() { $price = [5, 20] }
  var body: some Density {
    share ~ Uniform(0, 1)
    bought ~ Binomial(8, share[offer])
    reward <- 8 * price[offer] * share[offer]
  }
}

struct Stars: Bandit {
  let arm = Axis(2), star = Axis(5)
  @Parameter(over: \Self.arm, \Self.star) var p: Matrix
  @Action(over: \Self.arm) var shown: Choice
  @Observed var stars: Count
  var body: some Density {
    p ~ Dirichlet(Vector([1, 2, 3, 2, 1]))
    stars ~ Categorical(p[shown])
  }
}

/// Measurements of known error around means with a common centre: one joint normal.
struct Partners: Bandit {
  let arm = Axis(3)
  @Parameter var centre: Real
  @Parameter(over: \Self.arm) var mean: Vector
  @Action(over: \Self.arm) var chosen: Choice
  @Observed var y: Real
  var body: some Density {
    centre ~ Normal(1, 2)
    mean ~ Normal(centre, 0.5)
    y ~ Normal(mean[chosen], 1.5)
  }
}

struct Unknown: Bandit {
  let arm = Axis(2)
  @Parameter(over: \Self.arm) var variance: Vector
  @Parameter(over: \Self.arm) var mean: Vector
  @Action(over: \Self.arm) var chosen: Choice
  @Observed var y: Real
  var body: some Density {
    variance ~ InverseGamma(shape: 3, scale: 2)
    mean ~ Normal(0.5, sqrt(variance / 0.25))
    y ~ Normal(mean[chosen], sqrt(variance[chosen]))
  }
}

/// A line for each arm, in a segment with its own intercept.
struct Lines: Bandit {
  let arm = Axis(["a", "b"]), feature = Axis(2), segment = Axis(["new", "old"])
  @Parameter(over: \Self.arm, \Self.feature) var slope: Matrix
  @Parameter(over: \Self.segment) var level: Vector
  @Action(over: \Self.arm) var chosen: Choice
  @Context(over: \Self.feature) var x: Vector
  @Context(in: \Self.segment) var who: Choice
  @Observed var y: Real
  var body: some Density {
    for k in 0..<arm.count { slope.row(k) ~ Normal(0, 1) }
    level ~ Normal(0, 3)
    y ~ Normal(level[who] + dot(slope[chosen], x), 0.5)
  }
}

/// Log odds with a common centre: no closed form.
struct Hierarchy: Bandit {
  let arm = Axis(4)
  @Parameter var mu: Real
  @Parameter var tau: Real
  @Parameter(over: \Self.arm) var theta: Vector
  @Action(over: \Self.arm) var shown: Choice
  @Context var hour: Real
  @Observed var clicked: Real
  var body: some Density {
    mu ~ Normal(-1, 1)
    tau ~ HalfNormal(0.5)
    theta ~ Normal(mu, tau)
    clicked ~ Bernoulli(logit: theta[shown] + 0.3 * hour)
  }
}

/// Offers of different levels, with a context that matters little.
struct Offers: Bandit {
  let arm = Axis(3)
  @Parameter(over: \Self.arm) var level: Vector
  @Parameter(over: \Self.arm) var slope: Vector
  @Action(over: \Self.arm) var made: Choice
  @Context var age: Real
  @Observed var spent: Real
  var body: some Density {
    level ~ Normal(0, 2)
    slope ~ Normal(0, 0.1)
    spent ~ Normal(level[made] + slope[made] * age, 1)
  }
}
