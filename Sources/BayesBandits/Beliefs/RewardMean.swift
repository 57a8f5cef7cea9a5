// What one cell's reward is worth on average, and which rewards it can have.

import BayesGraph
import BayesLanguage

/// The mean reward of a round of one kind, as a function of all parameters.
struct RewardMean: Sendable {
  /// Where it is affine in the parameters; the graph's value otherwise.
  let affine: AffineForm?
  private let node: NodeID
  private let interpreter: Interpreter

  init(_ round: TracedRound) {
    affine = AffineForm(Tensor(builder: GraphBuilder(round.graph), id: round.reward), round)
    node = round.reward
    interpreter = Interpreter(round.graph)
  }

  /// The mean, given values of all parameters.
  func value(_ values: [Double], context: [Double]) -> Double {
    if let affine {
      let (intercept, slopes) = affine.values(context)
      return zip(affine.slots, slopes).reduce(intercept) { $0 + values[$1.0] * $1.1 }
    }
    return interpreter.values(of: [node], at: values + context + [.nan])[0][0]
  }
}

/// Which numbers can be observed in rounds of one kind: the supports of their distributions.
struct RewardCheck: Sendable {
  private struct Term: Sendable {
    let support: SupportKind
    let value: NodeID
    let shape: Shape
    let bounds: [NodeID]
    let interpreter: Interpreter
  }
  private let terms: [Term]
  private let parameterCount: Int

  init(_ round: TracedRound) {
    parameterCount = round.parameters.count
    terms = round.terms.compactMap { term in
      guard let density = term.density else { return nil }
      let builder = GraphBuilder(round.graph)
      let arguments = density.arguments.map { Tensor(builder: builder, id: $0) }
      let support = density.distribution.support(arguments)
      return Term(
        support: support.kind, value: density.value, shape: round.graph[density.value].shape,
        bounds: support.bounds.map(\.id), interpreter: Interpreter(builder.graph))
    }
  }

  /// What was expected instead of a reward, in words; `nil` if it is possible. Bounds that depend on
  /// parameters are not looked at.
  func refusal(of reward: Double, context: [Double]) -> String? {
    guard reward.isFinite else { return "a finite number" }
    let position = [Double](repeating: .nan, count: parameterCount) + context + [reward]
    for term in terms {
      let found = term.interpreter.values(of: [term.value] + term.bounds, at: position)
      let bounds = found.dropFirst().map { $0.contains(where: \.isNaN) ? [] : $0 }
      if let violation = term.support.firstViolation(
        of: found[0], shape: term.shape, bounds: Array(bounds))
      {
        return violation.expected
      }
    }
    return nil
  }
}
