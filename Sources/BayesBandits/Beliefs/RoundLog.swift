// The rounds seen so far, and the model of all of them at once.

import BayesCore
import BayesEngine
import BayesGraph
import BayesLanguage

/// Rounds seen, by the kind of round.
struct RoundLog: Sendable {
  /// Rounds of one arm and one set of positions.
  private struct Rows: Sendable {
    var rewards: [Double] = []
    /// Round after round, one number for each of a context.
    var contexts: [Double] = []
  }

  private var cells: [Int: Rows] = [:]
  private(set) var count = 0
  private let contextSize: Int

  init(contextSize: Int) { self.contextSize = contextSize }

  mutating func append(cell: Int, reward: Double, context: [Double]) {
    cells[cell, default: Rows()].rewards.append(reward)
    cells[cell]!.contexts += context
    count += 1
  }

  /// All rounds as numbers: the cell, the reward and the context of each.
  var state: [Double] {
    cells.sorted { $0.key < $1.key }.flatMap { cell, rows in
      rows.rewards.indices.flatMap { i in
        [Double(cell), rows.rewards[i]]
          + rows.contexts[(i * contextSize)..<((i + 1) * contextSize)]
      }
    }
  }

  /// The model of priors and all rounds.
  ///
  /// - Parameter rounds: traced on unconstrained coordinates, by cell.
  /// - Throws: `BeliefError.noPosterior` where an op of the model has no form over rounds.
  func model(_ rounds: [TracedRound]) throws -> TracedModel {
    let base = rounds[0]
    guard let prior = base.model else { preconditionFailure("traced on values") }
    let builder = GraphBuilder(base.graph)
    var statements = base.priors
    for (cell, rows) in cells.sorted(by: { $0.key < $1.key }) {
      let round = rounds[cell]
      var columns = [round.observed: rows.rewards]
      for (k, place) in round.contexts.enumerated() {
        columns[place] = rows.rewards.indices.map { rows.contexts[$0 * contextSize + k] }
      }
      var batch = RowBatch(
        into: builder, from: round.graph, columns: columns, rows: rows.rewards.count)
      for term in round.terms {
        do {
          let pointwise = try batch.column(term.total)
          statements.append(
            TracedStatement(
              kind: term.kind, location: term.location, summary: term.summary,
              pointwise: pointwise.id, total: pointwise.sum.id))
        } catch let error as RowBatch.Unsupported {
          throw BeliefError.noPosterior(
            "\(term.location): `\(term.summary)` has \(error.operation) that differs from round to round, which a "
              + "bandit cannot learn from")
        }
      }
    }
    func tensor(_ id: NodeID) -> Tensor { Tensor(builder: builder, id: id) }
    let logDensity = statements.reduce(builder.constant(0)) { $0 + tensor($1.total) }
    let unconstrained = logDensity + tensor(prior.logJacobian)
    return TracedModel(
      name: prior.name, graph: builder.graph, parameters: prior.parameters, derived: [],
      statements: statements, logDensity: logDensity.id, logJacobian: prior.logJacobian,
      unconstrainedLogDensity: unconstrained.id, dimension: prior.dimension, data: [],
      names: prior.names)
  }
}
