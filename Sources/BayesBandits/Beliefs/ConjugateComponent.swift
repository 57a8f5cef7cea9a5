// Groups of parameters whose posterior keeps the form of their prior: proportions, rates and categories.

import BayesNumerics
import Glibc

/// Some elements of parameters, independent of all others, with a posterior of known form.
protocol ConjugateComponent: Sendable {
  /// The elements of parameters, as numbered in the round's graph.
  var slots: [Int] { get }
  /// The family, in words: `Beta`.
  var family: String { get }
  /// Everything that observations change.
  var state: [Double] { get set }
  /// Draws the elements.
  func draw(into values: inout [Double], using stream: inout RandomStream)
  /// The posterior means of the elements.
  func means(into values: inout [Double])
  /// The log density of the elements, up to a constant.
  func logDensity(_ values: [Double]) -> Double
}

/// A proportion with a beta posterior.
struct BetaComponent: ConjugateComponent {
  let slot: Int
  var a: Double
  var b: Double

  var slots: [Int] { [slot] }
  var family: String { "Beta" }
  var state: [Double] {
    get { [a, b] }
    set { (a, b) = (newValue[0], newValue[1]) }
  }
  func draw(into values: inout [Double], using stream: inout RandomStream) {
    values[slot] = stream.beta(a, b)
  }
  func means(into values: inout [Double]) { values[slot] = a / (a + b) }
  func logDensity(_ values: [Double]) -> Double {
    (a - 1) * log(values[slot]) + (b - 1) * log1p(-values[slot])
  }
}

/// A rate with a gamma posterior.
struct GammaComponent: ConjugateComponent {
  let slot: Int
  var shape: Double
  var rate: Double

  var slots: [Int] { [slot] }
  var family: String { "Gamma" }
  var state: [Double] {
    get { [shape, rate] }
    set { (shape, rate) = (newValue[0], newValue[1]) }
  }
  func draw(into values: inout [Double], using stream: inout RandomStream) {
    values[slot] = stream.gamma(shape: shape, rate: rate)
  }
  func means(into values: inout [Double]) { values[slot] = shape / rate }
  func logDensity(_ values: [Double]) -> Double {
    (shape - 1) * log(values[slot]) - rate * values[slot]
  }
}

/// Probabilities of categories with a Dirichlet posterior.
struct DirichletComponent: ConjugateComponent {
  let slots: [Int]
  var concentrations: [Double]

  var family: String { "Dirichlet" }
  var state: [Double] {
    get { concentrations }
    set { concentrations = newValue }
  }
  func draw(into values: inout [Double], using stream: inout RandomStream) {
    for (slot, value) in zip(slots, stream.dirichlet(concentrations)) { values[slot] = value }
  }
  func means(into values: inout [Double]) {
    let total = concentrations.reduce(0, +)
    for (slot, value) in zip(slots, concentrations) { values[slot] = value / total }
  }
  func logDensity(_ values: [Double]) -> Double {
    zip(slots, concentrations).reduce(0) { $0 + ($1.1 - 1) * log(values[$1.0]) }
  }
}
