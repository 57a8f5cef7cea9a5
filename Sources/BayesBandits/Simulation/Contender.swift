// A policy as it enters a simulation.

/// A policy with a name, made anew for every replicate.
///
/// ```swift
/// let mine = Contender("round robin") { RoundRobin(armCount: $0.armCount) }
/// ```
public struct Contender: Sendable {
  /// What results call it.
  public let name: String
  private let makeAny: @Sendable (BanditTask) -> any Policy
  /// Plays one replicate; the loop is compiled for the policy's own type.
  let playReplicate: @Sendable (BanditTask, inout World, Feedback, [Int]) -> Trace

  /// A policy that `make` makes for a problem.
  @inline(__always)
  public init<P: Policy>(_ name: String, make: @escaping @Sendable (BanditTask) -> P) {
    self.name = name
    makeAny = { make($0) }
    playReplicate = { task, world, feedback, checkpoints in
      var policy = make(task)
      return play(&policy, in: &world, feedback: feedback, checkpoints: checkpoints)
    }
  }

  /// The policy, for use outside of simulations.
  public func policy(for task: BanditTask) -> any Policy { makeAny(task) }
}
