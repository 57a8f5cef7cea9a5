// Log densities and their gradients against the oracles' tables.

import BayesGraph
import Glibc
import Testing

@testable import BayesLanguage

@Suite("Log densities")
struct DistributionDensityTests {
  /// Condition numbers that the arithmetic cannot do without.
  static func conditioning(_ row: DensityRow) -> Double {
    row.distribution == "MultivariateNormal"
      && row.argument(row.arguments[1].label).values.contains(0.999999)
      ? 2e6 : 1
  }

  /// The size of the terms ½ (Σ⁻¹)_kk that cancel in a covariance's gradient; elsewhere what the
  /// oracle's differences leave of an exact 0.
  static func smallestScale(_ row: DensityRow) -> Double {
    guard row.distribution == "MultivariateNormal" else { return 1e-6 }
    let entries = row.argument(row.arguments[1].label).values
    return 1 / (entries.filter { $0 > 0 }.min() ?? 1)
  }

  @Test(
    "Every row's value is the oracle's, within 1e-12 of its terms",
    arguments: DensityRow.all("rows"))
  func value(_ row: DensityRow) {
    let graph = RowGraph(row)
    let found = graph.evaluate(graph.density.id)[0]
    #expect(
      agree(
        found, row.logDensity, relative: 1e-12 * Self.conditioning(row),
        scale: graph.magnitude(graph.density.id)),
      "\(found) for \(row.logDensity)")
  }

  @Test("Folded as data, every row gives the same value", arguments: DensityRow.all("rows"))
  func folded(_ row: DensityRow) {
    let graph = RowGraph(row)
    let data = RowGraph(row, asData: true)
    #expect(
      agree(
        data.evaluate(data.density.id, at: [])[0], row.logDensity,
        relative: 1e-12 * Self.conditioning(row), scale: graph.magnitude(graph.density.id)))
  }

  @Test("Every row's gradient is the oracle's", arguments: DensityRow.all("rows"))
  func gradient(_ row: DensityRow) {
    let graph = RowGraph(row)
    let (values, magnitudes) = graph.gradient()
    for part in graph.parts {
      let json =
        part.label.isEmpty ? row.json["gradientValue"] : row.json["gradientArguments"]?[part.label]
      let expected = FixtureValue(json!)
      for i in 0..<part.count {
        let place = part.offset + i
        // The oracle's step at 0 is 1e−60, far above a scale of 1e−299; the closed form is exact.
        let isBelowStep = row.distribution == "Normal" && row.argument("sd").values[0] < 1e-60
        let wanted =
          isBelowStep && part.label == "location" ? 0.5 / 1e-299 : expected.values[i]
        #expect(
          agree(
            values[place], wanted, relative: 1e-11 * Self.conditioning(row),
            scale: max(magnitudes[place], Self.smallestScale(row))),
          "\(part.label)[\(i)]: \(values[place]) for \(expected.values[i])")
      }
    }
  }

  @Test(
    "At the edge of a support or domain the density is the limit",
    arguments: DensityRow.all("edges"))
  func edge(_ row: DensityRow) {
    let graph = RowGraph(row, asData: true)
    let found = graph.evaluate(graph.density.id, at: [])[0]
    #expect(agree(found, row.logDensity, relative: 1e-14, scale: 1), "\(found)")
  }

  @Test("A vector of values with shared and with own arguments is so many scalars")
  func vectors() {
    let values = [0.2, -1.4, 3.3]
    let scales = [0.5, 1.0, 2.5]
    for distribution in [Normal(0, 1), Cauchy(0, 1), Laplace(0, 1), Logistic(0, 1)]
      as [any Distribution]
    {
      let builder = GraphBuilder()
      let location = builder.position(offset: 0, shape: .scalar)
      let scale = builder.position(offset: 1, shape: .vector(3))
      let whole = distribution.logDensity(
        builder.data(values, shape: .vector(3)), [location, scale])
      let parts = (0..<3).map {
        distribution.logDensity(builder.constant(values[$0]), [location, scale.element($0)])
      }
      #expect(whole.shape == .vector(3))
      let found = Interpreter(builder.graph).values(
        of: [whole.id] + parts.map(\.id), at: [0.3] + scales)
      #expect(zip(found[0], found[1...]).allSatisfy { agree($0, $1[0], relative: 1e-14, scale: 1) })
    }
  }

  @Test("A categorical matrix of logits gives each element its own row")
  func categoricalRows() {
    let builder = GraphBuilder()
    let logits = builder.position(offset: 0, shape: .matrix(2, 3))
    let density = Categorical(logits: 0).logDensity(
      builder.data([2, 0], shape: .vector(2)), [logits])
    let rows = (0..<2).map { row in
      Categorical(logits: 0).logDensity(
        builder.constant([2, 0][row]), [logits.slice(row * 3..<row * 3 + 3)])
    }
    let found = Interpreter(builder.graph).values(
      of: [density.id] + rows.map(\.id), at: [0.1, 0.2, -1, 3, 0.5, 0])
    #expect(agree(found[0][0], found[1][0], relative: 1e-15))
    #expect(agree(found[0][1], found[2][0], relative: 1e-15))
  }

  @Test("A categorical value that is no data selects the same element")
  func categoricalSelect() {
    let builder = GraphBuilder()
    let probabilities = builder.data([0.2, 0.3, 0.5], shape: .vector(3))
    let value = builder.position(offset: 0, shape: .scalar)
    let density = Categorical(0.5).logDensity(value, [probabilities])
    #expect(Interpreter(builder.graph).values(of: [density.id], at: [1])[0][0] == log(0.3))
  }

  @Test("Two scalar weights w and 1 - w mix as a vector of weights does")
  func scalarWeights() {
    let builder = GraphBuilder()
    let w = builder.position(offset: 0, shape: .scalar)
    let components = [-1.0, 1, 2, 0.5].map { builder.constant($0) }
    let x = builder.data([0.1, 4], shape: .vector(2))
    let scalars = Mixture([0.5, 0.5], Normal(0, 1), Normal(0, 1)).logDensity(
      x, [w, 1 - w] + components)
    let vector = Mixture(0.5, Normal(0, 1), Normal(0, 1)).logDensity(
      x, [builder.concatenate([w, 1 - w])] + components)
    let found = Interpreter(builder.graph).values(of: [scalars.id, vector.id], at: [0.3])
    #expect(zip(found[0], found[1]).allSatisfy { agree($0, $1, relative: 1e-14) })
  }

  @Test("A component counts as nothing outside its support")
  func mixedSupports() {
    let builder = GraphBuilder()
    let mixture = Mixture([0.5, 0.5], HalfNormal(1), Uniform(-2, -1))
    let arguments = [0.5, 0.5, 1, -2, -1].map { builder.constant($0) }
    let density = mixture.logDensity(builder.data([0.5, -1.5, -0.5], shape: .vector(3)), arguments)
    let found = Interpreter(builder.graph).values(of: [density.id], at: [])[0]
    #expect(agree(found[0], log(0.5) + halfNormalAtOneHalf, relative: 1e-14))
    #expect(agree(found[1], log(0.5), relative: 1e-14))
    #expect(found[2] == -.infinity)
  }

  private var halfNormalAtOneHalf: Double { -0.125 - halfLogTwoPi + logTwo }

  @Test("A flat density is 0 for every element")
  func flat() {
    let builder = GraphBuilder()
    let density = Flat().logDensity(builder.position(offset: 0, shape: .vector(3)), [])
    #expect(density.shape == .vector(3))
    #expect(Interpreter(builder.graph).values(of: [density.id], at: [1, 2, 3])[0] == [0, 0, 0])
  }

  @Test("Every distribution has rows, of each of its forms")
  func completeness() throws {
    let forms = Set(DensityRow.all("rows").map { $0.distribution + "(" + $0.form + ")" })
    // Read from the sources, so that a new distribution cannot be forgotten here.
    var names: Set<String> = []
    for file in DistributionSources.files {
      for line in DistributionSources.lines(of: file) where line.hasPrefix("public struct ") {
        let words = line.dropFirst("public struct ".count)
        if line.contains(": Distribution {") {
          names.insert(String(words.prefix { $0.isLetter }))
        }
      }
    }
    #expect(names.count >= 24)
    for name in names.subtracting(["Flat", "Narrowed", "MarkovChain"]) {
      #expect(forms.contains { $0.hasPrefix(name + "(") }, "\(name) has no rows")
    }
    #expect(forms.count == 31)
    #expect(DensityRow.all("rows").count == 257)
    #expect(DensityRow.all("edges").count == 22)
    #expect(DensityRow.all("invalid").count == 254)
    #expect(TransformRow.all.count == 140)
  }
}
