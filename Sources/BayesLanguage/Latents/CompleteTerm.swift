// The complete-data log density of a model with discrete unknowns, statement by statement.

public import BayesCore
public import BayesGraph

/// One statement under one combination of the discrete unknowns that it reads.
///
/// Σ over all terms and rows of `weight · statement.pointwise` is what EM maximises: the expected
/// log density of data and labels together, given the labels' probabilities.
public struct CompleteTerm: Sendable {
  /// The statement, its nodes built with the unknowns at `labels`.
  public let statement: TracedStatement
  /// The labels that were assumed; empty for a statement that reads no discrete unknown.
  public let labels: [AssumedLabel]
  /// For each row of the statement the probability of these labels, given parameters and data; 1 for a
  /// statement that reads none.
  public let weight: NodeID
  /// The rows that the weights are for.
  public let rows: Int
}

/// A Markov chain with what is expected of it: its complete-data log density is
/// Σ_k starts_k · log initial_k + Σ_ij moves_ij · log transition_ij.
public struct CompleteChain: Sendable {
  /// The unknown's place among the model's latents.
  public let latent: Int
  public let location: SourceLocation
  /// The distribution of the first state of each sequence, and of the state after each: row from, column to.
  public let initial: NodeID
  public let transition: NodeID
  /// The expected number of sequences that start in each state, and of moves between any two.
  public let starts: NodeID
  public let moves: NodeID
  /// The rows of the axis in the order of time, one sequence after another.
  public let rows: [Int]
  /// Where in `rows` each sequence begins.
  public let sequences: [Int]
}

/// A discrete unknown held at one label.
public struct AssumedLabel: Sendable {
  /// The unknown's place among the model's latents.
  public let latent: Int
  /// Counted from 0.
  public let label: Int
  /// For each row of the statement the unknown's position; `nil` where row i reads position i.
  public let places: [Int]?
}

/// Collects the terms while labels are summed out.
final class CompleteTermRecorder {
  private struct Record {
    let statement: TracedStatement
    let uses: [Key: RowMap]
    let labels: [Key: Int]
  }

  private var records: [Record] = []
  private var chains: [(posterior: ChainPosterior, initial: Tensor, transition: Tensor)] = []
  private var weights: [[Key: Int]: Tensor] = [:]

  func record(_ traced: TracedStatement, _ statement: LatentStatement, _ labels: [Key: Int]) {
    records.append(Record(statement: traced, uses: statement.uses, labels: labels))
  }

  func record(_ chain: ChainPosterior, initial: Tensor, transition: Tensor) {
    chains.append((chain, initial, transition))
  }

  /// The chains, in the order in which they were recorded.
  func completeChains(_ places: [Key: Int]) -> [CompleteChain] {
    chains.compactMap { posterior, initial, transition in
      places[posterior.chain.entry.key].map {
        CompleteChain(
          latent: $0, location: posterior.chain.location, initial: initial.id,
          transition: transition.id, starts: posterior.starts.id, moves: posterior.moves.id,
          rows: posterior.order.rows, sequences: posterior.order.starts)
      }
    }
  }

  /// The probability of a combination of labels, at each position of the axis that the innermost lie over.
  func setWeight(_ weight: Tensor, of labels: [Key: Int]) { weights[labels] = weight }

  /// The terms, in the order in which they were recorded.
  ///
  /// A statement that reads some of a block's unknowns only is recorded under every combination of the
  /// others; these records are one term, their weights added.
  ///
  /// - Parameter places: the place of each discrete unknown among the model's latents.
  func terms(_ places: [Key: Int], _ builder: GraphBuilder) -> [CompleteTerm] {
    struct Identity: Hashable {
      let pointwise: NodeID
      let location: SourceLocation
      let labels: [Key: Int]
    }
    var order: [Identity] = []
    var merged: [Identity: (record: Record, weight: Tensor)] = [:]
    for record in records {
      guard let weight = weights[record.labels] else { continue }
      let own = record.labels.filter { record.uses[$0.key] != nil }
      let identity = Identity(
        pointwise: record.statement.pointwise, location: record.statement.location, labels: own)
      if let known = merged[identity] {
        merged[identity] = (known.record, known.weight + weight)
      } else {
        order.append(identity)
        merged[identity] = (record, weight)
      }
    }
    return order.compactMap { identity in
      merged[identity].map { term($0.record, $0.weight, places, builder) }
    }
  }

  private func term(
    _ record: Record, _ weight: Tensor, _ places: [Key: Int], _ builder: GraphBuilder
  ) -> CompleteTerm {
    func positions(_ map: RowMap) -> [Int]? {
      map.column.flatMap { Tensor(builder: builder, id: $0).knownValues }?.map { Int($0) }
    }
    var weight = weight
    if !record.uses.values.contains(.own), let map = record.uses.values.first,
      let rows = positions(map)
    {
      weight = weight.gathered(rows)
    }
    let labels = record.uses.compactMap { key, map -> AssumedLabel? in
      guard let latent = places[key], let label = record.labels[key] else { return nil }
      return AssumedLabel(latent: latent, label: label, places: positions(map))
    }
    return CompleteTerm(
      statement: record.statement, labels: labels.sorted { $0.latent < $1.latent },
      weight: weight.id, rows: weight.shape.count)
  }
}

extension RowMap {
  /// The index column that labels are read through.
  fileprivate var column: NodeID? {
    if case .through(let column) = self { column } else { nil }
  }
}
