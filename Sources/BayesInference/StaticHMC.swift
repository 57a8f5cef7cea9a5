// Static Hamiltonian Monte Carlo: a fixed number of leapfrog steps and one Metropolis decision.

import Glibc

extension HamiltonianPath {
  /// One trajectory of `steps` leapfrog steps from the point in slot `start`, accepted with
  /// probability min(1, exp(H₀ − H)); ends early, rejected, where the integration fails.
  ///
  /// Reference: Neal 2011, Handbook of Markov Chain Monte Carlo, chapter 5, arXiv 1206.1901.
  mutating func staticTransition(start: Int, steps: Int) throws -> TreeOutcome<Int> {
    var outcome = TreeOutcome(
      proposal: start, depth: 0, steps: 0, isDivergent: false, acceptanceSum: 0, symmetricSum: 0)
    let scratch = start == 0 ? (1, 2) : start == 1 ? (0, 2) : (0, 1)
    var from = start
    var to = scratch.0
    for _ in 0..<steps {
      let step = try step(from: from, to: to, isForward: true)
      outcome.steps += 1
      if step.isDivergent {
        outcome.isDivergent = true
        return outcome
      }
      from = to
      to = from == scratch.0 ? scratch.1 : scratch.0
    }
    let ratio = exp(startEnergy - energies[from])
    let acceptance = min(1, ratio)
    outcome.proposal = choose(start, from, probability: acceptance)
    // Means over the steps, of which this trajectory has one decision.
    outcome.acceptanceSum = acceptance * Double(outcome.steps)
    outcome.symmetricSum = 2 * acceptance / (1 + ratio) * Double(outcome.steps)
    return outcome
  }
}
