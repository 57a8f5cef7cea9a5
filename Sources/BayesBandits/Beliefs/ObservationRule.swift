// What an observation under one arm does to the components, and what the arm is worth.

import BayesEngine
import BayesGraph
import BayesLanguage
import BayesNumerics
import Glibc

/// What is observed in rounds of one kind, in terms of the components.
struct ObservationRule: Sendable {
  enum Form: Sendable {
    /// k of n successes; one of one without trials.
    case successes(slot: Int, trials: ContextFunction?)
    /// Counts, the rate being multiplied by an exposure.
    case counts(AffineForm)
    /// Waiting times of a known shape, the rate multiplied.
    case waiting(AffineForm, shape: ContextFunction?)
    case category(slots: [Int])
    /// Normal values or their logarithms.
    case normal(AffineForm, NoiseScale, isLogarithm: Bool)
  }

  let form: Form
  /// The place of the component that learns.
  let component: Int
  /// What the family is called, in words.
  let family: String
  let reward: RewardMean

  /// What is wrong with a context, in words: it makes a rate or a variance impossible.
  func refusal(of context: [Double]) -> String? {
    switch form {
    case .counts(let rate), .waiting(let rate, _):
      let factor = rate.values(context).coefficients.first ?? 0
      return factor > 0 && factor.isFinite
        ? nil : "a context that multiplies the rate by a positive number"
    case .successes(_, let trials):
      let count = trials?.values(context)[0] ?? 1
      return count >= 0 && count == count.rounded()
        ? nil : "a context with a whole number of trials"
    case .normal(_, let scale, _):
      let variance = scale.variance(context)
      return variance > 0 && variance.isFinite ? nil : "a context with a positive scale"
    case .category: return nil
    }
  }

  /// What is wrong with a reward, in words; `nil` if it is possible.
  func refusal(of reward: Double, context: [Double]) -> String? {
    func isWhole(to limit: Double) -> Bool {
      reward >= 0 && reward <= limit && reward == reward.rounded(.towardZero)
    }
    switch form {
    case .successes(_, let trials):
      let limit = trials?.values(context)[0] ?? 1
      if isWhole(to: limit) { return nil }
      return limit == 1 ? "0 or 1" : "a whole number from 0 to \(shortestDescription(limit))"
    case .counts: return isWhole(to: 0x1p53) ? nil : "a whole number from 0"
    case .waiting: return reward >= 0 && reward.isFinite ? nil : "a number from 0"
    case .category(let slots):
      return isWhole(to: Double(slots.count - 1)) ? nil : "a category from 0 to \(slots.count - 1)"
    case .normal(_, _, let isLogarithm):
      if !reward.isFinite { return "a finite number" }
      return isLogarithm && reward <= 0 ? "a positive number" : nil
    }
  }

  /// Learns a reward that is possible.
  func learn(_ reward: Double, context: [Double], into components: inout [any ConjugateComponent]) {
    switch form {
    case .successes(_, let trials):
      guard var own = components[component] as? BetaComponent else { return }
      own.a += reward
      own.b += (trials?.values(context)[0] ?? 1) - reward
      components[component] = own
    case .counts(let exposure):
      guard var own = components[component] as? GammaComponent else { return }
      own.shape += reward
      own.rate += exposure.values(context).coefficients.first ?? 0
      components[component] = own
    case .waiting(let rate, let shape):
      guard var own = components[component] as? GammaComponent else { return }
      own.shape += shape?.values(context)[0] ?? 1
      own.rate += reward * (rate.values(context).coefficients.first ?? 0)
      components[component] = own
    case .category(let slots):
      guard var own = components[component] as? DirichletComponent,
        let place = own.slots.firstIndex(of: slots[Int(reward)])
      else { return }
      own.concentrations[place] += 1
      components[component] = own
    case .normal(let location, let scale, let isLogarithm):
      guard var own = components[component] as? GaussianComponent else { return }
      let (intercept, slopes) = location.values(context)
      var features = [Double](repeating: 0, count: own.coefficients.count)
      for (slot, slope) in zip(location.slots, slopes) {
        features[own.coefficients.firstIndex(of: slot)!] = slope
      }
      own.observe(
        (isLogarithm ? log(reward) : reward) - intercept, features: features,
        variance: scale.variance(context))
      components[component] = own
    }
  }
}

/// An observation rule before components are known.
struct RuleDraft {
  private let round: TracedRound
  private let form: ObservationRule.Form
  private let family: String
  private let statement: TracedStatement

  /// The elements of parameters that the observation reads.
  let slots: [Int]

  /// The scale of a normal.
  var scale: NoiseScale? {
    if case .normal(_, let scale, _) = form { scale } else { nil }
  }

  init(_ round: TracedRound) throws {
    self.round = round
    guard round.terms.count == 1, let density = round.terms[0].density else {
      throw ConjugateReader.Refusal(
        reason: "what is observed has more than one statement, or a Factor")
    }
    let statement = round.terms[0]
    self.statement = statement
    let builder = GraphBuilder(round.graph)
    guard case .position(let offset) = round.graph[density.value].op, offset == round.observed
    else {
      throw ConjugateReader.Refusal(
        reason: "the left side of `\(statement.summary)` (\(statement.location)) is an expression")
    }
    func refusal(_ reason: String) -> ConjugateReader.Refusal {
      .init(reason: "\(reason) (`\(statement.summary)`, \(statement.location))")
    }
    let arguments = density.arguments.map { Tensor(builder: builder, id: $0) }
    let labels = density.distribution.arguments.map(\.label)
    let degrees = PolynomialDegree(of: round.graph, in: round.parameters)
    func multiple(_ argument: Tensor) throws -> AffineForm {
      guard let form = AffineForm(argument, round), form.slots.count == 1,
        form.values(round.neutralContext).intercept == 0, form.isProportional
      else { throw refusal("the rate is no multiple of one unknown") }
      return form
    }
    func known(_ argument: Tensor) throws -> ContextFunction {
      guard degrees[argument.id] == 0 else { throw refusal("an argument is unknown") }
      return ContextFunction([argument], round)
    }
    func only(_ argument: Tensor) throws -> Int {
      guard let slot = SlotPattern(argument)?.only else {
        throw refusal("the probability is no single unknown")
      }
      return slot
    }
    switch (density.distribution.name, labels) {
    case ("Bernoulli", ["probability"]):
      let slot = try only(arguments[0])
      (form, family, slots) = (
        .successes(slot: slot, trials: nil), "Bernoulli", [slot]
      )
    case ("Binomial", ["trials", "probability"]):
      let slot = try only(arguments[1])
      (form, family, slots) = (
        .successes(slot: slot, trials: try known(arguments[0])), "Binomial", [slot]
      )
    case ("Poisson", ["mean"]):
      let rate = try multiple(arguments[0])
      (form, family, slots) = (.counts(rate), "Poisson", rate.slots)
    case ("Exponential", ["rate"]):
      let rate = try multiple(arguments[0])
      (form, family, slots) = (
        .waiting(rate, shape: nil), "Exponential", rate.slots
      )
    case ("Gamma", ["shape", "rate"]):
      let rate = try multiple(arguments[1])
      (form, family, slots) = (
        .waiting(rate, shape: try known(arguments[0])), "Gamma of known shape", rate.slots
      )
    case ("Categorical", ["probabilities"]):
      guard let pattern = SlotPattern(arguments[0]) else {
        throw refusal("the probabilities are no unknowns")
      }
      (form, family, slots) = (
        .category(slots: pattern.all), "Categorical", pattern.all
      )
    case ("Normal", _), ("LogNormal", _):
      guard let location = AffineForm(arguments[0], round) else {
        throw refusal("the location is not linear in the unknowns")
      }
      guard let scale = NoiseScale(arguments[1], round) else {
        throw refusal("the scale is neither known nor the root of an unknown variance")
      }
      let isLogarithm = density.distribution.name == "LogNormal"
      form = .normal(location, scale, isLogarithm: isLogarithm)
      family = density.distribution.name
      slots = location.slots + (scale.slot.map { [$0] } ?? [])
      if location.slots.isEmpty { throw refusal("nothing about the location is unknown") }
    default:
      throw ConjugateReader.Refusal(
        reason: "`\(statement.summary)` (\(statement.location)) has no update in closed form")
    }
  }

  /// The rule, if one component of the right family has all that is read.
  func rule(_ components: [any ConjugateComponent], _ places: [Int: Int]) throws -> ObservationRule
  {
    let own = Set(slots.compactMap { places[$0] })
    let component = own.first ?? 0
    let fits =
      own.count == 1
      && {
        switch form {
        case .successes: components[component] is BetaComponent
        case .counts, .waiting: components[component] is GammaComponent
        case .category: components[component] is DirichletComponent
        case .normal: components[component] is GaussianComponent
        }
      }()
    guard fits else {
      let found = own.isEmpty ? "a number" : components[component].family
      throw ConjugateReader.Refusal(
        reason:
          "\(found) is not the conjugate prior of `\(statement.summary)` (\(statement.location))"
      )
    }
    return ObservationRule(
      form: form, component: component, family: family, reward: RewardMean(round))
  }
}
