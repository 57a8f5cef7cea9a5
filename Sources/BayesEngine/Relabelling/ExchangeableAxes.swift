// Which axes of labels have components that can change places without changing the posterior.

import BayesCompiler
import BayesCore
import BayesInference
import BayesLanguage

extension CompiledModel {
  /// The axes of labels whose components can change places: exchanging any two neighbours in all
  /// parameters over the axis leaves the unconstrained log density as it is, to 1e−9, at draws of the
  /// run.
  ///
  /// Neighbours generate all permutations. Priors count, and the Jacobian in the unconstrained density
  /// tells apart supports whose bounds differ between components. An `ordered()` parameter
  /// over the axis has no place for the exchanged values, and neither have named bounds; such axes are left
  /// out. So are components that are exchangeable only in part.
  func exchangeableAxes(_ run: SamplerRun) throws -> [LabelAxis] {
    let axes = labelAxes(run)
    if axes.isEmpty { return [] }
    let check = ExchangeCheck(self)
    let points = try check.points(of: run)
    guard !points.isEmpty else { return [] }
    return try axes.filter { axis in
      try points.allSatisfy { point in
        try (1..<axis.dimension.size).allSatisfy {
          try check.isUnchanged(point, axis.dimension, $0)
        }
      }
    }
  }

  /// All axes that discrete unknowns have labels from, with the outputs that tell components apart.
  private func labelAxes(_ run: SamplerRun) -> [LabelAxis] {
    let draws = run.chains.reduce(0) { $0 + $1.statistics.count }
    let names = Set(traced.latents.map(\.labels.name))
    var axes: [LabelAxis] = []
    for dimension in traced.latents.map(\.labels)
    where dimension.size > 1 && !dimension.name.isEmpty
      && !axes.contains(where: { $0.dimension.name == dimension.name })
    {
      let rows = labelBlocks.filter { block in
        // Positions that themselves may change places tell nothing.
        block.dimensions[0].name == dimension.name && !names.contains(block.dimensions[1].name)
      }
      .flatMap { block in
        let count = block.dimensions[1].size
        return (0..<count).map { row in
          (0..<dimension.size).map { block.range.lowerBound + $0 * count + row }
        }
      }
      guard !rows.isEmpty, draws > 0 else { continue }
      axes.append(LabelAxis(dimension: dimension, rows: rows, draws: draws))
    }
    return axes
  }

  /// The unconstrained position of recorded values, parameters first; `nil` where one lies outside its
  /// support or on its edge.
  func position(ofRecorded values: [Double]) -> [Double]? {
    var position: [Double] = []
    position.reserveCapacity(traced.dimension)
    var start = 0
    for parameter in traced.parameters {
      let end = start + parameter.variable.count
      guard let own = try? parameter.unconstrain(Array(values[start..<end]), position) else {
        return nil
      }
      position += own
      start = end
    }
    return position
  }
}

/// An axis of labels, and where the probabilities that tell its components apart lie among the outputs.
struct LabelAxis {
  let dimension: Dimension
  /// The number of rows that are looked at.
  let rows: Int
  /// Label × row: places among the kernel's outputs.
  let places: [Int]

  /// Rows at even distances: 500 at most, and fewer (but 50) where the probabilities of all draws would take
  /// more than 2²⁴ numbers.
  init(dimension: Dimension, rows all: [[Int]], draws: Int) {
    let affordable = max(50, (1 << 24) / (draws * dimension.size))
    let count = min(all.count, min(500, affordable))
    self.dimension = dimension
    rows = count
    places = (0..<dimension.size).flatMap { label in
      (0..<count).map { all[$0 * all.count / count][label] }
    }
  }
}

/// Compares log densities before and after an exchange.
private final class ExchangeCheck {
  /// Recorded values whose unconstrained log density is known.
  struct Point {
    let values: [Double]
    let logDensity: Double
  }

  private let model: CompiledModel
  private let evaluator: KernelEvaluator
  private var gradient: [Double]

  init(_ model: CompiledModel) {
    self.model = model
    evaluator = model.kernel.makeKernelEvaluator()
    gradient = Array(repeating: 0, count: max(1, model.traced.dimension))
  }

  /// Three draws, spread over all chains; those on the edge of a support have no density to compare.
  func points(of run: SamplerRun) throws -> [Point] {
    let places = run.chains.indices.flatMap { chain in
      run.chains[chain].statistics.indices.map { (chain, $0) }
    }
    let dimension = model.traced.dimension
    var points: [Point] = []
    for k in 0..<min(24, places.count) where points.count < 3 {
      // Multiples of 5 modulo 24 reach every part of the run early.
      let (chain, draw) = places[(k * 5 % 24) * places.count / 24]
      let position = run.chains[chain].positions[(draw * dimension)..<((draw + 1) * dimension)]
      var outputs = [Double](repeating: 0, count: max(1, model.kernel.outputCount))
      withPointer(Array(position)) { evaluator.outputs(at: $0, into: &outputs) }
      if let logDensity = try logDensity(at: outputs) {
        points.append(Point(values: outputs, logDensity: logDensity))
      }
    }
    return points
  }

  /// Whether exchanging positions `k − 1` and `k` of an axis leaves the density as it is.
  func isUnchanged(_ point: Point, _ axis: Dimension, _ k: Int) throws -> Bool {
    var order = Array(0..<axis.size)
    order.swapAt(k - 1, k)
    var values = point.values
    for block in model.recordedBlocks {
      permute(&values, in: block.range, block.dimensions, axis: axis.name, order)
    }
    guard let exchanged = try logDensity(at: values) else { return false }
    return abs(exchanged - point.logDensity) <= 1e-9 * max(1, abs(point.logDensity))
  }

  private func logDensity(at values: [Double]) throws -> Double? {
    guard let position = model.position(ofRecorded: values) else { return nil }
    let value = try withPointer(position) {
      try evaluator.logDensity(at: $0, gradient: &gradient)
    }
    return value.isFinite ? value : nil
  }
}
