// The model run forwards: element by element, within supports, on simulated data.

import BayesCore
import BayesEngine
import BayesLanguage
import BayesNumerics
import Glibc
import Testing

private struct Walk: Model {
  let n = Axis(40)
  @Parameter(over: \Self.n) var z: Vector
  var body: some Density {
    z[0] ~ Normal(0, 1)
    for i in 1..<n.count { z[i] ~ Normal(z[i - 1], 0.5) }
  }
}

private struct SlicedWalk: Model {
  let n = Axis(40)
  @Parameter(over: \Self.n) var z: Vector
  var body: some Density {
    z[0] ~ Normal(0, 1)
    z[1...] ~ Normal(z[..<(n.count - 1)], 0.5)
  }
}

private struct Autoregression: Model {
  let time = Axis()
  @Observed(over: \Self.time) var y: Vector
  @Parameter var phi: Real
  @Derived var last: Real
  init() { $y = [100, 0, 0, 0] }
  var body: some Density {
    phi ~ Uniform(0.5, 0.9)
    y[1...] ~ Normal(phi * y[..<(time.count - 1)], 0.01)
    last <- y[3]
  }
}

/// A stated support narrows both priors; the second one's arguments are parameters.
private struct Stated: Model {
  let n = Axis(30)
  @Parameter(.positive) var sigma: Real
  @Parameter(.bounded(0, 1)) var theta: Real
  @Parameter(.positive, over: \Self.n) var many: Vector
  @Observed var y: Real
  init() { $y = 0 }
  var body: some Density {
    sigma ~ Normal(0, 1)
    theta ~ Normal(sigma, 1)
    many ~ Normal(0, 1)
    y ~ Normal(theta, sigma)
  }
}

/// The bound says what the likelihood implies, and reads the data.
private struct Maximum: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Vector
  @Parameter var theta: Real
  @Derived var gap: Real
  init() { $y = [0.5, 1, 0.7] }
  var body: some Density {
    theta ~ Gamma(shape: 4, rate: 2).lower(max(y))
    y ~ Uniform(0, theta)
    gap <- theta - max(y)
  }
}

private struct OutOfOrder: Model {
  @Parameter var a: Real
  @Parameter var b: Real
  var body: some Density {
    a ~ Normal(b, 1)
    b ~ Normal(0, 1)
  }
}

private struct Backwards: Model {
  let n = Axis(3)
  @Parameter(over: \Self.n) var z: Vector
  var body: some Density {
    z[..<2] ~ Normal(z[1...], 1)
    z[2] ~ Normal(0, 1)
  }
}

private struct Improper: Model {
  @Parameter var a: Real
  var body: some Density { a ~ Flat() }
}

private struct Factored: Model {
  @Parameter var a: Real
  var body: some Density {
    a ~ Normal(0, 1)
    Factor(-1.0 * a)
  }
}

private struct Unreachable: Model {
  @Parameter(.lower(50)) var a: Real
  var body: some Density { a ~ Normal(0, 1) }
}

private func simulations(_ model: some Model, _ count: Int) throws -> [Simulation] {
  let simulator = try PriorSimulator(model)
  return try (0..<count).map { index in
    var stream = RandomStream(seed: 21, chain: index, purpose: .test, iteration: 0)
    return try simulator.simulate(using: &stream)
  }
}

@Suite("Simulation")
struct SimulationTests {
  @Test("A walk by elements and one by overlapping slices are the same draws")
  func walks() throws {
    let byElement = try simulations(Walk(), 500)
    let bySlice = try simulations(SlicedWalk(), 500)
    #expect(byElement.map(\.quantities) == bySlice.map(\.quantities))
    #expect(byElement[0].position == byElement[0].quantities)
    // Var z[39] = 1 + 39/4.
    let squares = byElement.map { $0.quantities[39] * $0.quantities[39] }
    let mean = squares.reduce(0, +) / 500
    #expect(abs(mean - 10.75) < 5 * 10.75 * (2.0 / 500).squareRoot())
  }

  @Test("An autoregression sees its own simulated values, and derived quantities see them as well")
  func autoregression() throws {
    for simulation in try simulations(Autoregression(), 20) {
      let phi = simulation.quantities[0]
      guard case .numbers(_, let y) = simulation.data["y"]!.value else { continue }
      #expect(y[0] == 100)
      #expect(abs(y[1] - 100 * phi) < 0.1)
      #expect(abs(y[3] - 100 * phi * phi * phi) < 0.2)
      #expect(simulation.quantities[1] == y[3])
    }
  }

  @Test("A stated support holds, and narrows the joint density without renormalising")
  func stated() throws {
    let draws = try simulations(Stated(), 2000).map(\.quantities)
    #expect(draws.allSatisfy { $0[0] > 0 && $0[1] > 0 && $0[1] < 1 })
    #expect(draws.allSatisfy { $0[2...].allSatisfy { $0 > 0 } })
    // E σ under φ(σ)·(Φ(1 − σ) − Φ(−σ)) on σ > 0, by quadrature.
    var (mass, moment) = (0.0, 0.0)
    for step in 0..<8000 {
      let sigma = (Double(step) + 0.5) / 1000
      let weight =
        exp(-0.5 * sigma * sigma) * (phi(1 - sigma) - phi(-sigma))
      mass += weight
      moment += sigma * weight
    }
    let mean = draws.reduce(0) { $0 + $1[0] } / 2000
    #expect(abs(mean - moment / mass) < 5 * 0.55 / 2000.0.squareRoot())
  }

  @Test("Bounds that read the data hold for the simulated data")
  func dataBounds() throws {
    for simulation in try simulations(Maximum(), 50) {
      guard case .numbers(_, let y) = simulation.data["y"]!.value else { continue }
      #expect(simulation.quantities[0] > y.max()!)
      #expect(simulation.quantities[1] == simulation.quantities[0] - y.max()!)
    }
    let ranks = try calibrationRanks(
      of: Maximum(), simulations: 40, draws: 19, thinning: 4, warmup: 300, seed: 8)
    #expect(ranks.names == ["theta", "gap"])
    for quantity in 0..<2 { #expect(ranks.uniformity(of: quantity, bins: 4) > 1e-5) }
  }

  @Test("What cannot be simulated says why")
  func refusals() {
    func reason(_ model: some Model) -> String {
      do {
        _ = try simulations(model, 1)
        return "simulated"
      } catch { return "\(error)" }
    }
    #expect(
      reason(OutOfOrder()).contains("a ~ Normal cannot be simulated: it depends on b, whose own"))
    #expect(
      reason(Backwards()).contains("it depends on z[2], whose own statement stands further down"))
    #expect(reason(Improper()).contains("it has no distribution to draw from"))
    #expect(reason(Factored()).contains("a factor has no distribution"))
    #expect(
      reason(Unreachable()).contains("in 10000 tries a never lay in its support (above 50)"))
  }
}

/// The standard normal distribution function.
private func phi(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
