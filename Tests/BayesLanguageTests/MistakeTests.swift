// Every mistake of a model or its data, with its message.

import BayesCore
import BayesLanguage
import Testing

/// The messages of a model's mistakes, without their places.
private func messages(_ model: some Model, _ json: String = "{}") -> [String] {
  do {
    _ = try trace(model, data: try dataSet(from: try parseJSON(text: json), path: "d.json"))
    return []
  } catch let error as ModelError {
    return error.items.map(\.message)
  } catch {
    return ["\(error)"]
  }
}

private struct NoPrior: Model {
  @Parameter var mu: Real
  @Parameter var tau: Real
  @Derived var twice: Real
  @Derived var never: Real
  @Observed var y: Real
  @Given var x: Real
  var body: some Density {
    mu ~ Normal(0, 1)
    mu ~ Normal(0, 2)
    twice <- 2 * mu
    twice <- 3 * mu
    x ~ Normal(mu, 1)
    exp(mu) ~ Normal(0, 1)
  }
}

private struct Sizes: Model {
  let a = Axis()
  let b = Axis()
  @Observed(over: \Self.a) var y: Vector
  @Given(over: \Self.b) var s: Vector
  @Parameter var mu: Real
  var body: some Density {
    mu ~ Normal(0, 1)
    y ~ Normal(mu, s)
    Factor(y + s)
    Factor(y[3])
    Factor(y[1..<9])
  }
}

private struct Values: Model {
  let row = Axis()
  @Observed(over: \Self.row) var clicks: Counts
  @Given(over: \Self.row) var shows: Counts
  @Parameter var rate: Real
  var body: some Density {
    rate ~ Beta(0, 1)
    clicks ~ Binomial(shows, rate)
  }
}

private struct Home: Model {
  let home = Axis()
  let county = Axis(2)
  @Observed(over: \Self.home) var y: Vector
  @Given(over: \Self.home, in: \Self.county) var countyOf: Indices
  @Parameter(over: \Self.county) var mu: Vector
  var body: some Density {
    mu ~ Normal(0, 1)
    y ~ Normal(mu[countyOf], 1)
  }
}

private struct Circle: Model {
  @Parameter var a: Real
  @Parameter var b: Real
  @Parameter var n: Real
  @Derived var c: Real
  var body: some Density {
    a ~ Flat().bounded(0, b)
    b ~ Normal(0, 1)
    n ~ Poisson(2)
    c <- c + 1
  }
}

private struct Part: Model {
  @Parameter var mu: Real
  var body: some Density { mu ~ Normal(0, 1) }
}

private struct Shared: Model {
  let first: Part
  let second: Part
  init() {
    first = Part()
    second = first
  }
  var body: some Density {
    first
    Part()
  }
}

@Suite("Mistakes")
struct MistakeTests {
  @Test("Statements and declarations that do not fit are all reported")
  func statements() {
    let found = messages(NoPrior(), #"{"y": 1, "x": 2}"#)
    for message in found { print(message) }
    #expect(found.count == 7)
  }

  @Test("Sizes")
  func sizes() {
    for message in messages(Sizes(), #"{"y": [1, 2, 3], "s": [1, 2]}"#) { print(message) }
  }

  @Test("Values")
  func values() {
    for message in messages(Values(), #"{"clicks": [1, 7], "shows": [2, 3]}"#) { print(message) }
    for message in messages(Values(), #"{"click": [1, 7], "shows": [2.5, 3]}"#) { print(message) }
    for message in messages(Values(), #"{"clicks": [1, 7, 3], "shows": [3, 3]}"#) { print(message) }
    for message in messages(Values(), #"{"clicks": ["a", "b"], "shows": [3, "NaN"]}"#) { print(message) }
  }

  @Test("Positions")
  func positions() {
    for message in messages(Home(), #"{"y": [1, 2, 3], "countyOf": [1, 2, 3]}"#) { print(message) }
    for message in messages(Home(), #"{"y": [1, 2, 3], "countyOf": ["u", "v", "w"]}"#) { print(message) }
    for message in messages(Home(), #"{"y": [1, 2, 3], "countyOf": ["u", "v", "v"]}"#) { print(message) }
  }

  @Test("Circles and submodels")
  func circles() {
    for message in messages(Circle()) { print(message) }
    for message in messages(Shared()) { print(message) }
  }
}
