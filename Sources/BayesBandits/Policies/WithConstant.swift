// A regression's intercept: a policy that sees a constant beside the context.

import BayesNumerics

/// A policy of contexts, each with the number 1 after it, so that its regressions have an intercept.
struct WithConstant<Base: Policy>: Policy {
  private var base: Base
  private var context: [Double]

  /// - Precondition: the policy's contexts have a number or more.
  init(_ base: Base) {
    precondition(base.contextSize > 0, "a place for the constant")
    self.base = base
    context = Array(repeating: 1, count: base.contextSize)
  }

  var armCount: Int { base.armCount }
  var contextSize: Int { context.count - 1 }

  mutating func choose(context given: Span<Double>, using stream: inout RandomStream) -> Int {
    let context = taken(given)
    return base.choose(context: context.span, using: &stream)
  }

  mutating func update(arm: Int, reward: Double, context given: Span<Double>) {
    let context = taken(given)
    base.update(arm: arm, reward: reward, context: context.span)
  }

  /// The context with its constant; memory is that of the round before.
  private mutating func taken(_ given: Span<Double>) -> [Double] {
    for k in 0..<contextSize { context[k] = given[k] }
    return context
  }
}
