// A log whose rows get the probabilities of a policy that is a function.

/// Rows with the probabilities of all arms that a function gives them.
struct ComputedLog<Base: ChoiceLog>: ChoiceLog {
  let base: Base
  let policy: RowPolicy
  /// All arms: known before the first row is given to the policy.
  let arms: [String]
  var pendingCount: Int { base.pendingCount }

  /// - Throws: what is wrong with a row.
  init(_ base: Base, _ policy: RowPolicy) throws {
    self.base = base
    self.policy = policy
    try base.read { _ in }
    arms = base.arms
  }

  /// - Throws: `OffPolicyError` for probabilities that are none, and what the function throws.
  func read(_ body: (borrowing LoggedChoice) throws -> Void) throws {
    try base.read { row in
      guard row.arm < arms.count else { throw OffPolicyError.changed }
      var own = copy row
      own.targets = try policy.probabilities(own.context, arms)
      guard own.targets.count == arms.count else {
        throw OffPolicyError.wrongCount(given: own.targets.count, arms: arms)
      }
      let sum = own.targets.reduce(0, +)
      guard own.targets.allSatisfy({ $0 >= 0 && $0 <= 1 }), abs(sum - 1) <= 1e-6 else {
        throw OffPolicyError.notADistribution(sum: sum)
      }
      own.target = own.targets[own.arm]
      try body(own)
    }
  }
}
