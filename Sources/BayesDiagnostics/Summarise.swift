// From draws to a summary: all columns, several at a time.

public import BayesCore

/// Summarises all quantities of `draws` and the health of the run.
///
/// - Parameters:
///   - draws: any number of chains and draws; what is too short has no diagnostics, and says so.
///   - maxTreeDepth: the sampler's depth limit, to count the draws that hit it; `nil` if unknown.
///   - threads: how many to use where there are enough columns; never changes the result.
///
/// Linear in the draws: about 0.4 ms a column of 4 × 1 000 draws at 2.5 GHz, twice that for chains that
/// mix slowly.
public func summarise(
  _ draws: Draws, maxTreeDepth: Int? = nil, threads: Int = availableProcessors()
) -> Summary {
  let columns = columnResults(of: draws, threads: threads)
  let quantities = columns.map(\.summary)
  var health = SamplerHealth(chains: draws.chainCount, draws: draws.drawCount)
  health.addStatistics(draws.statistics, maxTreeDepth: maxTreeDepth)
  health.addExtremes(quantities)
  health.addColumns(columns)
  health.permuted = permutedVariables(draws, quantities)
  return Summary(quantities: quantities, health: health)
}

/// What one column contributes to the summary.
struct ColumnResult: Sendable {
  var summary: QuantitySummary
  var isFinite: Bool
  var isConstant: Bool
  var isConstantInChain: [Bool]
}

/// Columns that are gathered at a time: a few cache lines of each row of the draws.
private let columnsPerBlock = 32

private func columnResults(of draws: Draws, threads: Int) -> [ColumnResult] {
  let columns = draws.columnCount
  guard columns > 0 else { return [] }
  let names = draws.columnNames
  let scores = QuantityDiagnostics.scores(
    chainCount: draws.chainCount, drawCount: draws.drawCount)
  // A thread costs as much as a few columns, and a task its buffers.
  let threads = max(1, min(threads, columns / 16))
  let tasks = threads == 1 ? 1 : min(columns / 8, 4 * threads)
  let work: @Sendable (Int) -> [ColumnResult] = { task in
    columnResults(
      of: draws, names: names, scores: scores,
      columns: columns * task / tasks..<columns * (task + 1) / tasks)
  }
  if threads == 1 { return work(0) }
  guard let results = try? parallelMap(count: tasks, threads: threads, work) else {
    preconditionFailure("the work throws nothing")
  }
  return results.flatMap { $0 }
}

private func columnResults(
  of draws: Draws, names: [String], scores: NormalScores, columns: Range<Int>
) -> [ColumnResult] {
  let length = draws.drawCount
  let width = draws.columnCount
  var quantity = QuantityDiagnostics(
    chainCount: draws.chainCount, drawCount: length, scores: scores)
  let total = draws.chainCount * length
  let block = Buffer(repeating: 0.0, count: min(columnsPerBlock, columns.count) * total)
  var results: [ColumnResult] = []
  results.reserveCapacity(columns.count)
  for start in stride(from: columns.lowerBound, to: columns.upperBound, by: columnsPerBlock) {
    let count = min(columnsPerBlock, columns.upperBound - start)
    for (chain, values) in draws.chains.enumerated() {
      let block = block.elements
      let values = values.span
      for draw in 0..<length {
        for k in 0..<count {
          block[k * total + chain * length + draw] = values[draw * width + start + k]
        }
      }
    }
    for k in 0..<count {
      for i in 0..<total { quantity.draws[i] = block[k * total + i] }
      quantity.prepare()
      results.append(quantity.result(name: names[start + k]))
    }
  }
  return results
}

extension QuantityDiagnostics {
  /// The column's part of the summary, after `prepare()`.
  mutating func result(name: String) -> ColumnResult {
    let (bulkRHat, essBulk) = bulk()
    let summary = QuantitySummary(
      name: name, mean: mean, sd: deviation, quantile5: quantile(0.05), median: quantile(0.5),
      quantile95: quantile(0.95), mcseMean: mcseMean(), essBulk: essBulk, essTail: essTail(),
      rHat: rHat(bulk: bulkRHat))
    return ColumnResult(
      summary: summary, isFinite: isFinite, isConstant: problem == Reason.constant,
      isConstantInChain: isConstantInChain)
  }
}

extension SamplerHealth {
  fileprivate mutating func addStatistics(
    _ statistics: [[DrawStatistics]], maxTreeDepth: Int?
  ) {
    hasStatistics = statistics.contains { !$0.isEmpty }
    guard hasStatistics else { return }
    divergences = statistics.reduce(0) { $0 + $1.count(where: \.isDivergent) }
    eBFMI = statistics.map { Convergence.eBFMI($0.map(\.energy)) }
    if let maxTreeDepth {
      maxDepthHits = statistics.reduce(0) {
        $0 + $1.count { $0.treeDepth >= maxTreeDepth }
      }
    }
  }

  fileprivate mutating func addExtremes(_ quantities: [QuantitySummary]) {
    for quantity in quantities {
      if let value = quantity.rHat.number, value > worstRHat?.value ?? -.infinity {
        worstRHat = Extreme(quantity: quantity.name, value: value)
      }
      if let value = quantity.essBulk.number, value < minimumESSBulk?.value ?? .infinity {
        minimumESSBulk = Extreme(quantity: quantity.name, value: value)
      }
      if let value = quantity.essTail.number, value < minimumESSTail?.value ?? .infinity {
        minimumESSTail = Extreme(quantity: quantity.name, value: value)
      }
    }
  }

  fileprivate mutating func addColumns(_ columns: [ColumnResult]) {
    guard chains > 0, draws > 0 else { return }
    nonFinite = columns.filter { !$0.isFinite }.map(\.summary.name)
    constant = columns.filter(\.isConstant).map(\.summary.name)
    let usable = columns.filter(\.isFinite)
    let varying = usable.filter { !$0.isConstant }
    guard !usable.isEmpty, draws > 1 else { return }
    stuckChains = (0..<chains).filter { chain in
      varying.allSatisfy { $0.isConstantInChain[chain] }
    }
  }
}
