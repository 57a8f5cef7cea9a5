// Thompson sampling with a declared bandit's own belief, as simulations take it.

extension BanditModel {
  /// Thompson sampling by what the model believes, and how it learns, in words.
  ///
  /// Arms with one beta prior and plain Bernoulli rewards are played by the policy that is made for them.
  ///
  /// - Throws: as ``belief(_:)``.
  public func thompson(
    _ name: String, options: BeliefOptions
  ) throws -> (contender: Contender, explanation: String) {
    let belief = try belief(options)
    if let prior = (belief as? ConjugateBelief)?.commonBetaPrior {
      return (
        Contender(name) {
          Thompson(
            BetaArms(a: prior.a, b: prior.b, armCount: $0.armCount), armCount: $0.armCount,
            costs: $0.costs)
        }, belief.explanation
      )
    }
    return (Contender(name) { BeliefPolicy(belief, costs: $0.costs) }, belief.explanation)
  }
}

extension ConjugateBelief {
  /// The prior of all arms, where each is a proportion of its own that Bernoulli rewards show as it is.
  fileprivate var commonBetaPrior: (a: Double, b: Double)? {
    guard observationCount == 0, contextSize == 0, rules.count == components.count,
      Set(rules.map(\.component)).count == rules.count,
      let first = components.first as? BetaComponent
    else { return nil }
    for rule in rules {
      guard case .successes(let slot, nil) = rule.form, let reward = rule.reward.affine,
        reward.slots == [slot], let own = components[rule.component] as? BetaComponent,
        own.a == first.a, own.b == first.b
      else { return nil }
      let (intercept, slopes) = reward.values([])
      guard intercept == 0, slopes.first == 1 else { return nil }
    }
    return (first.a, first.b)
  }
}
