// Discrete unknowns that follow each other in time, summed out by the forward algorithm.

import BayesCore
import BayesGraph

/// The Markov chain of a block of discrete unknowns.
struct LatentChain {
  let entry: Inventory.Entry
  let distribution: MarkovChain
  let location: SourceLocation
}

extension LatentStatement {
  /// The chain that the statement gives a discrete unknown.
  var chain: MarkovChain? {
    if case .latent(_, let distribution) = line.form { distribution as? MarkovChain } else { nil }
  }
}

extension LatentBlock {
  /// The discrete unknown that follows itself in time, of which there is one at most (`isFeasible`).
  var chain: LatentChain? { chains.first }

  private var chains: [LatentChain] {
    statements.compactMap { statement in
      guard let distribution = statement.chain, let key = statement.explained,
        let entry = (coarse + fine).first(where: { $0.key == key })
      else { return nil }
      return LatentChain(
        entry: entry, distribution: distribution, location: statement.line.location)
    }
  }

  /// Whether chains stand where they can be summed out.
  func isFeasible(_ mistakes: Mistakes) -> Bool {
    let chains = chains
    if chains.count > 1 {
      let names = chains.map(\.entry.quoted).joined(separator: ", ")
      mistakes.add(
        chains[1].location,
        "\(names) are Markov chains that depend on each other, so that they cannot be summed out one "
          + "after the other; make one chain whose states are the pairs of theirs")
      return false
    }
    if let chain = chains.first, fine.contains(where: { $0.key == chain.entry.key }) {
      let groups = coarse.map(\.quoted).joined(separator: ", ")
      mistakes.add(
        chain.location,
        "\(chain.entry.quoted) is a Markov chain whose steps depend on the labels \(groups) of groups of "
          + "rows, which sums over both would not factorise; give the chain those labels as part of its state, "
          + "or make them known")
      return false
    }
    return true
  }
}

extension LatentUses {
  /// Whether neither the start nor the moves of a chain depend on discrete unknowns.
  func isSound(_ chain: MarkovChain, of key: Key, at location: SourceLocation) -> Bool {
    guard let argument = chain.arguments.first(where: { depends($0.term) }) else { return true }
    mistakes.add(
      location,
      "`\(names[key] ?? "") ~ MarkovChain`: `\(argument.label)` depends on a discrete unknown; it may depend on "
        + "parameters and data only")
    return false
  }
}

/// What is known of a chain's states given parameters and data: everything that estimates of its start and
/// its moves need.
struct ChainPosterior {
  let chain: LatentChain
  /// Which row of the axis stands at which row of `sum`.
  let order: RowOrder
  /// The op: log Z of each sequence, γ and ξ with rows in `order`.
  let sum: MarkovChainSum
  /// γ_t(k) for each state k, over the rows of the axis as they stand in the data.
  let probabilities: [Tensor]

  /// log Z of each sequence that has rows, in the order of their axis.
  var evidence: Tensor { sum.evidence }

  /// Σ_s γ(k) at the first row of each sequence: the expected number of sequences that start in each state.
  var starts: Tensor {
    let parts = sum.probabilities.map {
      $0.gathered(order.starts).sum.reshaped(.vector(1))
    }
    return sum.node.builder.concatenate(parts)
  }

  /// Σ_s ξ_s(i, j): the expected number of moves from i to j, K × K.
  var moves: Tensor {
    let states = sum.layout.states
    let ones = sum.node.builder.data(
      [Double](repeating: 1, count: sum.layout.sequences), shape: .vector(sum.layout.sequences))
    let total =
      sum.layout.sequences == 1
      ? sum.transitions : sum.transitions.times(vector: ones, transposed: true)
    return total.reshaped(.matrix(states, states))
  }
}

extension LatentChain {
  /// The states summed out.
  ///
  /// - Parameters:
  ///   - emissions: for each state the log density of what each row of the axis emits in it.
  ///   - arguments: π, A and the sequence of each row, as `arguments` found them.
  func posterior(_ emissions: [Tensor], _ arguments: [Tensor]) -> ChainPosterior {
    let order = RowOrder(
      arguments.count > 2 ? arguments[2] : nil, rows: emissions[0].shape.count)
    let builder = emissions[0].builder
    let sum = builder.markovChain(
      emissions: order.isIdentity ? emissions : emissions.map { $0.gathered(order.rows) },
      initial: arguments[0].logarithm, transition: arguments[1].logarithm, starts: order.starts)
    let places = order.places
    return ChainPosterior(
      chain: self, order: order, sum: sum,
      probabilities: order.isIdentity
        ? sum.probabilities : sum.probabilities.map { $0.gathered(places) })
  }

  /// The chain's arguments, checked beside each other; `nil` after a mistake.
  ///
  /// - Parameters:
  ///   - states: how many labels there are, on an axis.
  ///   - rows: how many steps.
  func arguments(
    _ tracer: StatementTracer, states: (count: Int, axis: String), rows: Int
  ) -> [Tensor]? {
    let given = distribution.arguments
    let tensors = given.compactMap { tracer.resolver.tensor($0.term, at: location) }
    guard tensors.count == given.count else { return nil }
    let summary = "`\(entry.name) ~ MarkovChain`"
    func refuse(_ reason: String) -> [Tensor]? {
      tracer.mistakes.add(location, "\(summary): \(reason)")
      return nil
    }
    func sized(_ k: Int) -> String {
      "`\(given[k].label)` is \(tensors[k].shape.inWords)"
    }
    let labels = "axis `\(states.axis)` has \(counted(states.count, "state", "states"))"
    if rows == 0 { return refuse("\(entry.quoted) has no step") }
    if tensors[0].shape != .vector(states.count) {
      return refuse("\(sized(0)), but \(labels); expected a vector of as many probabilities")
    }
    if tensors[1].shape != .matrix(states.count, states.count) {
      return refuse(
        "\(sized(1)), but \(labels); expected a matrix with a row and a column for each, row i the "
          + "probabilities after state i")
    }
    let count = tracer.mistakes.items.count
    for (argument, tensor) in zip(given, tensors).prefix(2) {
      tracer.check(argument, tensor, of: distribution, location)
    }
    guard tracer.mistakes.items.count == count else { return nil }
    if tensors.count > 2 {
      if tensors[2].shape != .vector(rows) {
        return refuse(
          "\(sized(2)), but \(entry.quoted) has \(counted(rows, "step", "steps")); expected an index column "
            + "over the same axis")
      }
      if tensors[2].knownValues == nil {
        return refuse("`sequence` is simulated, so that the order of the steps is not known")
      }
    }
    return tensors
  }
}
