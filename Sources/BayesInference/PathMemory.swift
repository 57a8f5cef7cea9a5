// Owns everything a chain's leapfrog steps touch, allocated once.

import BayesCore
import Glibc

/// Holds an evaluator in a constant, so that calls through it need no reference counting.
final class EvaluatorBox {
  let evaluator: any LogDensityEvaluator
  init(_ evaluator: any LogDensityEvaluator) { self.evaluator = evaluator }
}

/// The memory of one chain: slots for points, stores for sums, the metric and the evaluator.
///
/// Zeroed pages that are never touched cost nothing, so the deep slots of large models are free
/// until a tree needs them.
final class PathMemory {
  let dimension: Int
  /// Blocks of four numbers per vector; at least one.
  let blocks: Int
  let slots: Blocks
  let sums: Blocks
  let logDensities: UnsafeMutablePointer<Double>
  let energies: UnsafeMutablePointer<Double>
  let whitening: Whitening
  let evaluator: EvaluatorBox
  private let raw: UnsafeMutableRawPointer

  init(dimension: Int, maxDepth: Int, mayBeDense: Bool, evaluator: any LogDensityEvaluator) throws {
    self.dimension = dimension
    self.evaluator = EvaluatorBox(evaluator)
    blocks = max(1, (dimension + 3) / 4)
    let slotBlocks = 64 * 4 * blocks
    let sumBlocks = DoublingTree<HamiltonianPath>.sumCount(maxDepth: maxDepth) * blocks
    let denseBlocks = mayBeDense ? 2 * Whitening.triangleBlocks(blocks) : 0
    let total = slotBlocks + sumBlocks + blocks + denseBlocks + 32
    guard let memory = calloc(total + 1, 32) else {
      throw SamplingError.outOfMemory(bytes: total * 32)
    }
    raw = memory
    let aligned = memory.alignedUp(toMultipleOf: 32)
    var next = aligned.bindMemory(to: Block.self, capacity: total)
    func take(_ count: Int) -> Blocks {
      defer { next += count }
      return next
    }
    slots = take(slotBlocks)
    sums = take(sumBlocks)
    logDensities = take(16).scalars
    energies = take(16).scalars
    let scale = take(blocks)
    for i in 0..<dimension { scale.scalars[i] = 1 }
    let lower = mayBeDense ? take(denseBlocks / 2) : nil
    let upper = mayBeDense ? take(denseBlocks / 2) : nil
    whitening = Whitening(
      dimension: dimension, blocks: blocks, scale: scale, lower: lower, upper: upper,
      denseFlag: UnsafeMutablePointer<Bool>.allocate(capacity: 1))
    whitening.denseFlag.initialize(to: false)
  }

  deinit {
    whitening.denseFlag.deallocate()
    free(raw)
  }
}
