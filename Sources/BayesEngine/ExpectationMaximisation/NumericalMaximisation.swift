// The part of an M-step that has no closed form.

import BayesCompiler
import BayesGraph
import BayesInference
import BayesLanguage

/// Maximises the expected complete-data log density over the parameters without a closed form, the
/// others and the labels' probabilities held, by L-BFGS in unconstrained coordinates.
struct NumericalMaximisation: Sendable {
  /// The probabilities of labels that the step's kernel reports behind its statistics.
  let weights: [NodeID]
  private let map: ParameterMap
  private let coordinates: [Int]
  private let slots: [Range<Int>]
  private let parameters: [SimulatedParameter]
  private let bounds: [[[Double]]]
  private let slotCount: Int
  private let weightCount: Int
  /// Outputs: the expected log density and its gradient with respect to the slots; the positions are the
  /// slots and, behind them, the weights.
  private let kernel: Kernel

  init(
    _ complete: TracedCompleteData, open: [Int], map: ParameterMap, usesPriors: Bool,
    settings: KernelSettings
  ) throws {
    self.map = map
    parameters = complete.parameters
    bounds = SupportEdge.bounds(of: complete)
    slotCount = complete.slotCount
    coordinates = map.coordinates(of: open)
    let builder = GraphBuilder(complete.graph)
    let slots = open.map { complete.parameters[$0].slots }
    self.slots = slots
    func reads(_ node: NodeID) -> Bool {
      let needed = builder.graph.reachable(from: [node])
      return complete.graph.nodes.indices.contains { index in
        guard needed[index], case .position(let offset) = builder.graph.nodes[index].op else {
          return false
        }
        let own = offset..<(offset + builder.graph.nodes[index].shape.count)
        return slots.contains { $0.overlaps(own) }
      }
    }
    var weights: [NodeID] = []
    var count = 0
    var total = builder.constant(0)
    for term in complete.terms where reads(term.statement.pointwise) {
      let value = Tensor(builder: builder, id: term.statement.pointwise)
      guard !builder.graph[term.weight].shape.isScalar else {
        total = total + value.sum
        continue
      }
      let weight = builder.position(offset: slotCount + count, shape: .vector(term.rows))
      weights.append(term.weight)
      count += term.rows
      let rows = value.shape.rank == 2 ? builder.rowSums(value) : value.filled(.vector(term.rows))
      // A row without weight may be impossible: 0 · ∞ must not enter the sum.
      total = total + builder.select(weight, weight * rows, builder.constant(0)).sum
    }
    for chain in complete.chains {
      for (probabilities, counts) in [
        (chain.initial, chain.starts), (chain.transition, chain.moves),
      ] where reads(probabilities) {
        let value = Tensor(builder: builder, id: probabilities)
        let weight = builder.position(offset: slotCount + count, shape: value.shape)
        weights.append(counts)
        count += value.shape.count
        total =
          total
          + builder.select(weight, weight * value.logarithm, builder.constant(0)).sum
      }
    }
    for prior in usesPriors ? complete.priors : [] where reads(prior.total) {
      total = total + Tensor(builder: builder, id: prior.total)
    }
    let gradient = builder.gradient(of: total).filter { $0.offset < complete.slotCount }
      .map { part -> (Stride, Tensor) in
        let node = Tensor(builder: builder, id: part.node)
        return (Stride(start: part.offset, count: node.shape.count), node)
      }
    let whole = builder.assemble(gradient, shape: .vector(slotCount))
    self.weights = weights
    weightCount = count
    kernel = try Kernel(
      graph: builder.graph, dimension: slotCount + count, logDensity: builder.constant(0).id,
      outputs: [total.id, whole.id], settings: settings)
  }

  /// The values moved off the edges of their supports, so that those that are held have coordinates too.
  fileprivate func interior(_ x: [Double]) -> [Double] {
    SupportEdge.interior(x, parameters, bounds: bounds).x
  }

  func makeWorker() -> Worker { Worker(self) }

  /// One thread's maximisation.
  final class Worker {
    private let maximisation: NumericalMaximisation
    private let evaluator: KernelEvaluator
    private var position: [Double]
    private var outputs: [Double]

    init(_ maximisation: NumericalMaximisation) {
      self.maximisation = maximisation
      evaluator = maximisation.kernel.makeKernelEvaluator()
      position = [Double](
        repeating: 0, count: maximisation.slotCount + maximisation.weightCount)
      outputs = [Double](repeating: 0, count: maximisation.kernel.outputCount)
    }

    /// An M-step need not end at the maximum, only higher than it began: more iterations than this are
    /// better spent after the next E-step.
    private static let iterations = 30

    /// The values with the open parameters at their maximum.
    ///
    /// - Parameter sums: what the step's kernel reported: the weights are its end.
    func maximised(from x: [Double], weights sums: [Double]) throws -> [Double] {
      guard let start = maximisation.map.unconstrained(maximisation.interior(x)) else { return x }
      let slotCount = maximisation.slotCount
      position.replaceSubrange(slotCount..., with: sums.suffix(maximisation.weightCount))
      let coordinates = maximisation.coordinates
      var u = start
      var minimiser = LimitedMemoryBFGS(position: coordinates.map { start[$0] })
      _ = try minimiser.minimise(maxIterations: Self.iterations) { point, gradient in
        for (k, coordinate) in coordinates.enumerated() { u[coordinate] = point[k] }
        let value = evaluate(overlaid(x, u))
        let whole = maximisation.map.pulledBack(Array(outputs[1...]), at: u)
        for (k, coordinate) in coordinates.enumerated() { gradient[k] = -whole[coordinate] }
        return -value
      }
      for (k, coordinate) in coordinates.enumerated() { u[coordinate] = minimiser.position[k] }
      return overlaid(x, u)
    }

    /// The values with those of the open parameters from coordinates.
    private func overlaid(_ x: [Double], _ u: [Double]) -> [Double] {
      let all = maximisation.map.constrained(u)
      var result = x
      for slots in maximisation.slots { result.replaceSubrange(slots, with: all[slots]) }
      return result
    }

    private func evaluate(_ x: [Double]) -> Double {
      for slot in x.indices { position[slot] = x[slot] }
      position.withUnsafeBufferPointer { position in
        outputs.withUnsafeMutableBufferPointer {
          evaluator.outputs(at: position.baseAddress!, into: $0.baseAddress!)
        }
      }
      return outputs[0]
    }
  }
}
