// What is recorded of a run: quantities and label probabilities, relabelled where labels switched.

import BayesCompiler
import BayesCore
import BayesDiagnostics
import BayesGraph
import BayesInference
import BayesLanguage

/// A part of the kernel's outputs that is one array.
struct OutputBlock {
  let range: Range<Int>
  let dimensions: [Dimension]
}

extension CompiledModel {
  /// Where the recorded quantities lie among the outputs.
  var recordedBlocks: [OutputBlock] {
    var start = 0
    return variables.map { variable in
      defer { start += variable.count }
      return OutputBlock(
        range: start..<(start + variable.count), dimensions: variable.dimensions)
    }
  }

  /// Where the probabilities of labels lie among the outputs, each label × position.
  var labelBlocks: [OutputBlock] {
    var start = recordedCount
    return traced.latents.map { latent in
      let count = latent.labels.size * latent.variable.count
      defer { start += count }
      return OutputBlock(
        range: start..<(start + count), dimensions: [latent.labels] + latent.variable.dimensions)
    }
  }

  fileprivate var recordedCount: Int { variables.reduce(0) { $0 + $1.count } }

  /// The recorded quantities at the run's positions, the labels' probabilities averaged over these, and
  /// the axes whose components were relabelled.
  func record(
    _ run: SamplerRun, relabels: Bool
  ) throws -> (
    draws: Draws, labels: [LabelProbabilities], relabellings: [AxisRelabelling]
  ) {
    let axes = relabels ? try exchangeableAxes(run) : []
    var recorded = try evaluate(run, sampling: axes.map(\.places), [])
    var relabellings: [AxisRelabelling] = []
    for (index, axis) in axes.enumerated() {
      let table = LabelTable(
        rows: axis.rows, labels: axis.dimension.size, chains: recorded.map { $0.samples[index] })
      let alignment = LabelAlignment(table, threads: run.settings.threads)
      if alignment.switchedShare > 0.01 {
        relabellings.append(AxisRelabelling(axis.dimension, alignment))
      }
    }
    if !relabellings.isEmpty { recorded = try evaluate(run, sampling: [], relabellings) }
    let draws = Draws(
      variables: variables, chains: recorded.map(\.values),
      statistics: run.chains.map(\.statistics))
    let labels = labelProbabilities(recorded.map(\.sums), draws: draws)
    return (draws, withPaths(labels, run, relabellings), relabellings)
  }

  /// The labels' probabilities with the most probable path of each Markov chain at the recorded draw of the
  /// highest log density, the first of equals.
  private func withPaths(
    _ labels: [LabelProbabilities], _ run: SamplerRun, _ relabellings: [AxisRelabelling]
  ) -> [LabelProbabilities] {
    guard traced.latentBlocks.contains(where: { $0.chain != nil }) else { return labels }
    var best: (chain: Int, draw: Int, density: Double)?
    for (chain, own) in run.chains.enumerated() {
      for (draw, statistics) in own.statistics.enumerated()
      where best.map({ statistics.logDensity > $0.density }) ?? true {
        best = (chain, draw, statistics.logDensity)
      }
    }
    guard let best else { return labels }
    let start = best.draw * traced.dimension
    let position = Array(
      run.chains[best.chain].positions[start..<(start + traced.dimension)])
    var result = BayesEngine.withPaths(labels, traced.latentBlocks, traced.graph, at: position)
    for relabelling in relabellings {
      let numbers = relabelling.newNumbers(chain: best.chain, draw: best.draw)
      for latent in result.indices where result[latent].labels.name == relabelling.axis {
        result[latent].path = result[latent].path?.map { numbers[$0] }
      }
    }
    return result
  }

  /// The outputs at all positions of a run, relabelled.
  private func evaluate(
    _ run: SamplerRun, sampling places: [[Int]], _ relabellings: [AxisRelabelling]
  ) throws -> [ChainOutputs] {
    try parallelMap(count: run.chains.count, threads: run.settings.threads) { chain in
      let evaluator = kernel.makeKernelEvaluator()
      let positions = run.chains[chain].positions
      let count = run.chains[chain].statistics.count
      let (width, dimension) = (recordedCount, traced.dimension)
      let blocks = relabellings.isEmpty ? [] : recordedBlocks + labelBlocks
      var result = ChainOutputs(
        values: [Double](repeating: 0, count: count * width),
        sums: [Double](repeating: 0, count: kernel.outputCount - width),
        samples: places.map { places in
          var samples: [Float] = []
          samples.reserveCapacity(count * places.count)
          return samples
        })
      guard kernel.outputCount > 0 else { return result }
      var outputs = [Double](repeating: 0, count: kernel.outputCount)
      withPointer(positions) { positions in
        for draw in 0..<count {
          evaluator.outputs(at: positions + draw * dimension, into: &outputs)
          let moves = relabellings.map { ($0.axis, $0.orders[chain][draw]) }
          if !moves.isEmpty { relabel(&outputs, blocks, moves, evaluator) }
          for k in 0..<width { result.values[draw * width + k] = outputs[k] }
          for k in result.sums.indices { result.sums[k] += outputs[width + k] }
          for (index, places) in places.enumerated() {
            for place in places { result.samples[index].append(Float(outputs[place])) }
          }
        }
      }
      return result
    }
  }

  /// Renumbers the components of one draw's outputs.
  ///
  /// Derived quantities are computed from the renumbered parameters, since they may speak of single
  /// components (`mu[1] - mu[0]`); where a parameter lies on the edge of its support, so that it has no
  /// coordinates, those over the axis are permuted instead.
  private func relabel(
    _ outputs: inout [Double], _ blocks: [OutputBlock], _ moves: [(axis: String, order: [Int])],
    _ evaluator: KernelEvaluator
  ) {
    let moves = moves.filter { $0.order != Array($0.order.indices) }
    guard !moves.isEmpty else { return }
    for block in blocks {
      for (axis, order) in moves {
        permute(&outputs, in: block.range, block.dimensions, axis: axis, order)
      }
    }
    guard !traced.derived.isEmpty, let position = position(ofRecorded: outputs) else { return }
    var renewed = [Double](repeating: 0, count: outputs.count)
    withPointer(position) { evaluator.outputs(at: $0, into: &renewed) }
    for block in blocks[traced.parameters.count..<variables.count] {
      outputs.replaceSubrange(block.range, with: renewed[block.range])
    }
  }

  /// The sums of all chains as means, cut into unknowns.
  private func labelProbabilities(_ sums: [[Double]], draws: Draws) -> [LabelProbabilities] {
    let count = Double(draws.chainCount * draws.drawCount)
    guard count > 0 else { return [] }
    return zip(traced.latents, labelBlocks).map { latent, block in
      let start = block.range.lowerBound - recordedCount
      let (rows, labels) = (latent.variable.count, latent.labels.size)
      return LabelProbabilities(
        variable: latent.variable, labels: latent.labels,
        values: (0..<rows).map { row in
          (0..<labels).map { label in
            sums.reduce(0) { $0 + $1[start + label * rows + row] } / count
          }
        })
    }
  }
}

/// What one chain's outputs come to.
private struct ChainOutputs: Sendable {
  /// Draw × recorded quantity.
  var values: [Double]
  /// The probabilities of labels, added over the draws.
  var sums: [Double]
  /// For each axis asked for, draw × place.
  var samples: [[Float]]
}

/// New numbers for the components of an axis, draw by draw.
struct AxisRelabelling: Sendable {
  let axis: String
  /// Chain × draw × component: the number that it was drawn with.
  let orders: [[[Int]]]

  /// Components without names are numbered by their share, the largest first, as after `bayes em`.
  init(_ axis: Dimension, _ alignment: LabelAlignment) {
    self.axis = axis.name
    let shares = alignment.shares
    let numbers =
      axis.labels == nil
      ? shares.indices.sorted { shares[$0] > shares[$1] || (shares[$0] == shares[$1] && $0 < $1) }
      : Array(shares.indices)
    orders = alignment.orders.map { chain in chain.map { order in numbers.map { order[$0] } } }
  }

  /// By the number that a component was drawn with, its new one.
  func newNumbers(chain: Int, draw: Int) -> [Int] {
    let order = orders[chain][draw]
    var numbers = [Int](repeating: 0, count: order.count)
    for (new, old) in order.enumerated() { numbers[old] = new }
    return numbers
  }
}
