// Recognises models whose posterior keeps the form of the prior.

import BayesEngine
import BayesGraph
import BayesLanguage

/// Reads the statements of a bandit's rounds and finds components with closed-form updates.
///
/// A model is recognised whole or not at all: every prior and the statement about what is observed, under each arm,
/// must be of a known pair. What is not gives a reason, which the user sees.
struct ConjugateReader {
  /// Why a model is not recognised.
  struct Refusal: Error {
    let reason: String
  }

  /// A prior of one element, or of a whole simplex.
  private enum Prior {
    case beta(a: Double, b: Double)
    case gamma(shape: Double, rate: Double)
    case inverseGamma(shape: Double, scale: Double)
    case dirichlet(slots: [Int], concentrations: [Double])
    case normal
  }

  /// `slot ~ Normal(location, scale)`, one equation of a joint normal.
  private struct NormalEquation {
    let slot: Int
    let location: AffineForm
    let scale: NoiseScale
    let statement: TracedStatement
  }

  private var priors: [Int: Prior] = [:]
  private var equations: [NormalEquation] = []
  private var groups: SlotUnion
  private let first: TracedRound

  /// Components, and for each round what an observation does to them.
  struct Result {
    let components: [any ConjugateComponent]
    let rules: [ObservationRule]
  }

  /// - Parameter rounds: one for each combination of arm and positions of the context; they share parameters.
  /// - Throws: `Refusal`.
  static func read(_ rounds: [TracedRound]) throws -> Result {
    var reader = ConjugateReader(rounds[0])
    try reader.readPriors()
    let draft = try rounds.map { try RuleDraft($0) }
    for rule in draft { reader.groups.join(rule.slots) }
    let components = try reader.components(draft)
    var places: [Int: Int] = [:]
    for (k, component) in components.enumerated() {
      for slot in component.slots { places[slot] = k }
    }
    return Result(
      components: components,
      rules: try draft.map { try $0.rule(components, places) })
  }

  private init(_ round: TracedRound) {
    first = round
    groups = SlotUnion(count: round.parameters.count)
  }

  // MARK: Priors

  private mutating func readPriors() throws {
    let builder = GraphBuilder(first.graph)
    for statement in first.priors {
      guard let density = statement.density else {
        throw Refusal(reason: "`\(statement.summary)` (\(statement.location)) has no distribution")
      }
      guard let pattern = SlotPattern(Tensor(builder: builder, id: density.value)) else {
        throw unknownPair(statement)
      }
      let arguments = density.arguments.map { Tensor(builder: builder, id: $0) }
      if density.distribution.name == "Normal" {
        try readNormal(statement, pattern.all, arguments)
      } else {
        try readKnown(statement, density, pattern.all, arguments)
      }
    }
    for value in first.values {
      for slot in value.slots where priors[slot] == nil {
        throw Refusal(reason: "\(value.variable.name) has no prior of a conjugate family")
      }
      try checkSupport(value)
    }
  }

  private func unknownPair(_ statement: TracedStatement) -> Refusal {
    Refusal(
      reason:
        "`\(statement.summary)` (\(statement.location)) is no prior of a family that stays in form")
  }

  /// A family with arguments that are known.
  private mutating func readKnown(
    _ statement: TracedStatement, _ density: TracedDensity, _ slots: [Int], _ arguments: [Tensor]
  ) throws {
    let degrees = PolynomialDegree(of: arguments[0].builder.graph, in: first.parameters)
    let interpreter = Interpreter(arguments[0].builder.graph)
    guard arguments.allSatisfy({ degrees[$0.id] == 0 }) else {
      throw Refusal(
        reason:
          "the arguments of `\(statement.summary)` (\(statement.location)) are unknown themselves")
    }
    let position = [Double](repeating: .nan, count: first.observed + 1)
    let values = interpreter.values(of: arguments.map(\.id), at: position)
    for (i, slot) in slots.enumerated() {
      func argument(_ k: Int) -> Double { values[k].count == 1 ? values[k][0] : values[k][i] }
      switch density.distribution.name {
      case "Beta": priors[slot] = .beta(a: argument(0), b: argument(1))
      case "Uniform" where argument(0) == 0 && argument(1) == 1:
        priors[slot] = .beta(a: 1, b: 1)
      case "Gamma": priors[slot] = .gamma(shape: argument(0), rate: argument(1))
      case "Exponential": priors[slot] = .gamma(shape: 1, rate: argument(0))
      case "InverseGamma": priors[slot] = .inverseGamma(shape: argument(0), scale: argument(1))
      case "Dirichlet":
        let shape = first.graph[density.value].shape
        let width = shape.rank == 2 ? shape.columns : shape.count
        let row = i - i % width
        let given = values[0]
        priors[slot] = .dirichlet(
          slots: Array(slots[row..<(row + width)]),
          concentrations: (0..<width).map {
            given.count == 1 ? given[0] : given[given.count == width ? $0 : row + $0]
          })
      default: throw unknownPair(statement)
      }
    }
  }

  private mutating func readNormal(
    _ statement: TracedStatement, _ slots: [Int], _ arguments: [Tensor]
  ) throws {
    for (i, slot) in slots.enumerated() {
      func element(_ x: Tensor) -> Tensor { x.shape.isScalar ? x : x.element(i) }
      guard let location = AffineForm(element(arguments[0]), first), location.isConstant else {
        throw Refusal(
          reason: "the location of `\(statement.summary)` (\(statement.location)) is not linear")
      }
      guard let scale = NoiseScale(element(arguments[1]), first), scale.isConstant else {
        throw Refusal(
          reason:
            "the scale of `\(statement.summary)` (\(statement.location)) is neither known nor the root of an "
            + "unknown variance")
      }
      priors[slot] = .normal
      equations.append(
        NormalEquation(slot: slot, location: location, scale: scale, statement: statement))
      groups.join([slot] + location.slots + (scale.slot.map { [$0] } ?? []))
    }
  }

  /// A stated support cuts the family short.
  private func checkSupport(_ value: SimulatedParameter) throws {
    guard let prior = value.slots.first.flatMap({ priors[$0] }) else { return }
    let bounds = Interpreter(first.graph).values(
      of: value.bounds, at: [Double](repeating: .nan, count: first.observed + 1))
    func isBound(_ k: Int, _ number: Double) -> Bool {
      k < bounds.count && bounds[k].allSatisfy { $0 == number }
    }
    let isWhole =
      switch (prior, value.support) {
      case (.beta, .interval): isBound(0, 0) && isBound(1, 1)
      case (.gamma, .lower), (.inverseGamma, .lower): isBound(0, 0)
      case (.dirichlet, .simplex), (.normal, .real): true
      default: false
      }
    if !isWhole {
      throw Refusal(
        reason:
          "the support of \(value.variable.name) is \(value.supportDescription), not all that its prior has"
      )
    }
  }

  // MARK: Components

  private func components(_ draft: [RuleDraft]) throws -> [any ConjugateComponent] {
    var result: [any ConjugateComponent] = []
    var taken: Set<Int> = []
    for slot in first.parameters where !taken.contains(slot) {
      switch priors[slot]! {
      case .beta(let a, let b): result.append(BetaComponent(slot: slot, a: a, b: b))
      case .gamma(let shape, let rate):
        result.append(GammaComponent(slot: slot, shape: shape, rate: rate))
      case .dirichlet(let slots, let concentrations):
        result.append(DirichletComponent(slots: slots, concentrations: concentrations))
        taken.formUnion(slots)
      case .normal, .inverseGamma:
        let members = first.parameters.filter { groups.root($0) == groups.root(slot) }
        result.append(try gaussian(members, draft))
        taken.formUnion(members)
      }
    }
    return result
  }

  /// The joint prior of coefficients that statements read together, and of their variance.
  private func gaussian(_ members: [Int], _ draft: [RuleDraft]) throws -> GaussianComponent {
    let names = Set(members.map(name)).sorted().joined(separator: ", ")
    var coefficients: [Int] = []
    var variance: (slot: Int, a: Double, b: Double)?
    for slot in members {
      switch priors[slot]! {
      case .normal: coefficients.append(slot)
      case .inverseGamma(let shape, let scale) where variance == nil:
        variance = (slot, shape, scale)
      case .inverseGamma:
        throw Refusal(reason: "\(names) hang together and have several unknown variances")
      default: throw Refusal(reason: "\(names) hang together and have priors of several families")
      }
    }
    let own = equations.filter { members.contains($0.slot) }
    let scales =
      own.map(\.scale)
      + draft.filter { !Set($0.slots).isDisjoint(with: members) }
      .compactMap(\.scale)
    guard scales.allSatisfy({ $0.slot == variance?.slot }) else {
      throw Refusal(
        reason:
          "\(names) hang together, and not all scales there are multiples of the root of one variance"
      )
    }
    if coefficients.isEmpty {
      throw Refusal(reason: "\(names) is an unknown variance beside no unknown location")
    }
    let size = coefficients.count
    let places = Dictionary(uniqueKeysWithValues: zip(coefficients, coefficients.indices))
    var precision = [Double](repeating: 0, count: size * size)
    var shift = [Double](repeating: 0, count: size)
    for equation in own {
      // slot − location is normal around the intercept.
      let (intercept, slopes) = equation.location.values(first.neutralContext)
      var row = [Double](repeating: 0, count: size)
      row[places[equation.slot]!] += 1
      for (slot, slope) in zip(equation.location.slots, slopes) {
        guard let place = places[slot] else {
          throw Refusal(reason: "a variance is part of a location")
        }
        row[place] -= slope
      }
      let noise = equation.scale.variance(first.neutralContext)
      for i in 0..<size where row[i] != 0 {
        shift[i] += row[i] * intercept / noise
        for j in 0..<size { precision[i * size + j] += row[i] * row[j] / noise }
      }
    }
    guard
      let component = GaussianComponent(
        coefficients: coefficients, precision: precision, shift: shift, variance: variance)
    else { throw Refusal(reason: "the joint prior of \(names) is improper") }
    return component
  }

  private func name(_ slot: Int) -> String {
    first.values.first { $0.slots.contains(slot) }?.variable.name ?? ""
  }
}

extension TracedRound {
  /// A context of zeros.
  var neutralContext: [Double] { [Double](repeating: 0, count: contexts.count) }
}

/// Which elements of parameters belong together.
private struct SlotUnion {
  private var parents: [Int]

  init(count: Int) { parents = Array(0..<count) }

  func root(_ slot: Int) -> Int {
    var slot = slot
    while parents[slot] != slot { slot = parents[slot] }
    return slot
  }

  mutating func join(_ slots: [Int]) {
    guard let first = slots.first else { return }
    for slot in slots.dropFirst() { parents[root(slot)] = root(first) }
  }
}
