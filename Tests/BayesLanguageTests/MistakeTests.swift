// Every mistake of a model or its data, with its message.

import BayesCore
import BayesLanguage
import Testing

/// This file as messages name it.
private let here = SourceLocation(path: #filePath, line: 1).description.dropLast(2)

/// The messages of a model's mistakes, without their places.
func messages(_ model: some Model, _ json: String = "{}") -> [String] {
  do {
    _ = try trace(model, data: try dataSet(from: try parseJSON(text: json), path: "d.json"))
    return []
  } catch let error as ModelError {
    return error.items.map(\.message)
  } catch {
    return ["\(error)"]
  }
}

private struct Statements: Model {
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

private struct Rates: Model {
  let row = Axis()
  @Observed(over: \Self.row) var clicks: Counts
  @Given(over: \Self.row) var shows: Counts
  @Parameter var rate: Real
  var body: some Density {
    rate ~ Beta(1, 1)
    clicks ~ Binomial(shows, rate)
  }
}

private struct Rate: Model {
  @Observed var successes: Count
  @Given var trials: Count
  @Parameter var rate: Real
  var body: some Density {
    rate ~ Beta(1, 1)
    successes ~ Binomial(trials, rate)
  }
}

private struct Rows: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Vector
  var body: some Density {
    y[2] ~ Gamma(shape: 1, rate: 1)
    y[1...] ~ Gamma(shape: 1, rate: 1)
    -y ~ Gamma(shape: 1, rate: 1)
  }
}

private struct Scales: Model {
  static let line = #line
  @Parameter var sigma: Real
  @Parameter var tau: Real
  @Parameter var p: Real
  @Observed var y: Real
  @Observed var k: Count
  init() { ($y, $k) = (1, 1) }
  var body: some Density {
    sigma ~ Normal(0, 5)
    tau ~ HalfNormal(1)
    p ~ Exponential(rate: 1)
    y ~ Normal(sigma, sigma + tau)
    y ~ Normal(tau, sigma)
    k ~ Bernoulli(p)
  }
}

private struct Homes: Model {
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
  @Parameter(.positive) var p: Real
  @Derived var c: Real
  var body: some Density {
    a ~ Flat().bounded(0, b)
    b ~ Normal(0, -1)
    n ~ Poisson(2)
    p ~ Dirichlet(1)
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
  @Test("Every statement and declaration that does not fit is reported, with the line of the other")
  func statements() {
    #expect(
      messages(Statements(), #"{"y": 1, "x": 2}"#) == [
        "`mu` has a second prior (first at \(here):30); leave one, or write one as Factor if "
          + "both are meant",
        "`twice` is defined a second time (first at \(here):32); leave one `<-`",
        "`x` is @Given and stands on the left of `~`; declare it @Observed if the model explains it",
        "`exp(mu)` on the left of `~` is an expression of `mu`, which is not data: a `~` would miss the "
          + "Jacobian of the transformation; give `mu` or its elements a prior, or write Factor with the log "
          + "density and the log Jacobian",
        "`tau` has no prior; write `tau ~ …` in body (`tau ~ Flat()` for none)",
        "`never` is @Derived but never defined; write `never <- …` in body",
        "`y` is @Observed but stands on no left side; write `y ~ …` in body, or declare it @Given",
      ])
  }

  @Test("Each mistake names its file and line as a compiler does")
  func places() {
    do {
      _ = try trace(
        Statements(), data: try dataSet(from: try parseJSON(text: #"{"y":1,"x":2}"#), path: "d"))
      Issue.record("no error")
    } catch {
      let lines = "\(error)".split(separator: "\n")
      #expect(lines.count == 7)
      #expect(
        lines.first?.hasPrefix("\(here):31: error: `mu` has a second prior") == true)
      #expect(lines.last?.hasPrefix("\(here):27: error: `y` is @Observed") == true)
    }
  }

  @Test("Sizes that do not fit name both sides, and Swift positions count from 0")
  func sizes() {
    #expect(
      messages(Sizes(), #"{"y": [1, 2, 3], "s": [1, 2]}"#) == [
        "`y ~ Normal`: scale of Normal is a vector[2] beside a vector[3]; expected a scalar or a "
          + "vector[3] (`y` is a vector of 3, `s` is a vector of 2)",
        "`y` is a vector of 3 and `s` is a vector of 2: an elementwise operation expects the same size on "
          + "both sides; declare both over one axis, or pick the rows with an index column",
        "`y` has 3 elements, so that there is no element 3 (counted from 0); expected 0 to 2",
        "`y` has 3 elements, so that 1..<9 (counted from 0) is out of range; expected a part of 0..<3",
      ])
  }

  @Test(
    "Values that do not fit name the row and the place in the file",
    arguments: [
      (
        #"{"clicks": [1, 7], "shows": [2, 3]}"#,
        "`clicks ~ Binomial`: `clicks` is 7 in row 2 (d.json:1); expected a whole number "
      ),
      (
        #"{"click": [1, 7], "shows": [2, 3]}"#,
        "the data has no `clicks`; did you mean `click`? Rename one of them, or write `named: \"click\"`"
      ),
      (
        #"{"clicks": [1, 2], "shows": [2.5, 3]}"#,
        "`shows` has 2.5 in row 1 (d.json:1); expected whole numbers from 0"
      ),
      (
        #"{"clicks": [1, 2, 3], "shows": [3, 3]}"#,
        "axis `row` has two lengths: `clicks` has 3 (d.json:1), but `shows` has 2 (d.json:1); make them "
      ),
      (
        #"{"clicks": ["a", "b"], "shows": [3, 3]}"#,
        "`clicks` is declared as a vector of whole numbers, but its data is text: \"a\" (d.json:1); "
      ),
      (
        #"{"clicks": [1, 2], "shows": [3, "NaN"]}"#,
        "`shows` has no number in row 2 (d.json:1): missing values are not modelled; leave the row out"
      ),
      (
        #"{"clicks": [[1, 2], [1, 2]], "shows": [3, 3]}"#,
        "`clicks` is declared as a vector of whole numbers, but its data is a table of 2 rows and 2 "
      ),
    ])
  func values(json: String, expected: String) {
    let found = messages(Rates(), json)
    #expect(found.first?.hasPrefix(expected) == true, "\(found)")
  }

  @Test(
    "Index columns that leave their axis name the row, and data positions count from 1",
    arguments: [
      (
        "[1, 2, 3]",
        "`countyOf` has 3 in row 3 (d.json:1); expected a position on axis `county`, from 1 to 2 "
          + "(positions in data count from 1)"
      ),
      (
        #"["u", "v", "w"]"#,
        "axis `county` has two lengths: the model states 2, but `countyOf` has 3 different values "
          + "(d.json:1); make them the same length, or give one of them another axis"
      ),
    ])
  func positions(column: String, expected: String) {
    #expect(messages(Homes(), #"{"y": [1, 2, 3], "countyOf": \#(column)}"#) == [expected])
  }

  @Test("Unknowns that cannot be, and circles")
  func unknowns() {
    let found = messages(Circle())
    let expected = [
      "`n` is a continuous parameter, but Poisson is a distribution of whole numbers; sum the unknown ",
      "`p` ~ Dirichlet: ",
      "the bounds of `a` depend on `b`, which is declared after it; move the declaration of `b` before ",
      "scale of Normal is -1; expected positive and finite",
      "`c` is defined by itself; a definition may not lead back to its own quantity",
    ]
    #expect(found.count == expected.count, "\(found)")
    for (found, expected) in zip(found, expected) { #expect(found.hasPrefix(expected)) }
  }

  @Test(
    "A single number that does not fit is said without a row",
    arguments: [
      (
        #"{"trials": 5, "successes": 7}"#,
        "`successes ~ Binomial`: `successes` is 7 (d.json:1); expected a whole number from 0 "
          + "to 5"
      ),
      (
        #"{"trials": 5, "successes": 2.5}"#,
        "`successes` is 2.5 (d.json:1); expected whole numbers from 0"
      ),
      (
        #"{"trials": 1e20, "successes": 2}"#,
        "`trials` is 1e+20 (d.json:1); expected whole numbers from 0 to 2^53, the last one that is exact"
      ),
    ])
  func numbers(json: String, expected: String) {
    #expect(messages(Rate(), json) == [expected])
  }

  @Test("Lengths that disagree are said once")
  func lengths() {
    #expect(messages(Rates(), #"{"clicks": [1, 2, 3], "shows": [3, 3]}"#).count == 1)
  }

  @Test("An element and an expression of data name the row that they read")
  func rows() {
    #expect(
      messages(Rows(), #"{"y": [1, 2, -3]}"#) == [
        "`y[2] ~ Gamma`: `y[2]` is -3 in row 3 of `y` (d.json:1); expected not negative",
        "`y[1...] ~ Gamma`: `y[1...]` is -3 in row 3 of `y` (d.json:1); expected not negative",
        "`-y ~ Gamma`: `-y` is -1 in row 1 of `y` (d.json:1); expected not negative",
      ])
  }

  @Test("A scale or a probability that its prior lets go astray is a warning")
  func warnings() throws {
    let found = try trace(Scales()).warnings.map(\.message)
    #expect(
      found == [
        "scale of Normal is `sigma`, which may be negative: its support is real (`sigma ~ Normal`, "
          + "\(here):\(Scales.line + 8)), and draws that get there diverge; write `sigma ~ HalfNormal(5)`, "
          + "or declare it `@Parameter(.positive)`",
        "probability of Bernoulli is `p`, which may be outside 0 to 1: its support is positive "
          + "(`p ~ Exponential`, \(here):\(Scales.line + 10)), and draws that get there diverge; declare it "
          + "`@Parameter(.bounded(0, 1))`",
        "`y` stands on the left of `~` a second time (first at \(here):\(Scales.line + 11)), so that its "
          + "data count twice; leave one, or write one as Factor if both are meant",
      ])
    #expect(try trace(EightSchools.filled).warnings.isEmpty)
  }

  @Test("A submodel by two paths, and one that is no property")
  func submodels() {
    #expect(
      messages(Shared()) == [
        "`first.mu` and `second.mu` are one declaration: the same instance of a submodel is reached by two "
          + "paths; make an instance for each property",
        "a Part stands here that is no property of the model, so that its quantities have no names; declare "
          + "it, `let part = Part()`, and write `part` here",
      ])
  }
}
