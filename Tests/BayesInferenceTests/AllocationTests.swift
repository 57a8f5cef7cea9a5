// Shows that iterations allocate nothing, by marks in glibc's cache of free blocks.

import BayesCore
import BayesNumerics
import Glibc
import Testing

@testable import BayesInference

/// Tells which sizes of heap blocks a piece of code took on this thread.
///
/// glibc keeps the blocks that a thread freed, up to 1032 bytes, in a stack per size, and serves the
/// next request of that size from its top. A marked block on the top of each stack is therefore
/// where any allocation of that size lands, even one that is freed at once: afterwards the mark is
/// overwritten or the block is gone. Other threads have stacks of their own.
private struct AllocationTrap {
  private static let sizes = Array(stride(from: 24, through: 1032, by: 16))
  private static let mark: UInt64 = 0xDEAD_BEEF_CAFE_F00D
  private var held: [UnsafeMutableRawPointer] = []
  private var marked: [(size: Int, block: UnsafeMutableRawPointer)] = []

  /// The sizes of blocks, in bytes, that `body` allocates each time it runs.
  ///
  /// glibc now and then moves blocks between its stores on its own; what an empty body seems to
  /// take, or what only some of four runs do, is not `body`'s.
  static func sizes(allocatedBy body: () throws -> Void) rethrows -> [Int] {
    var found = Set(sizes)
    for _ in 0..<4 {
      found.subtract(once {})
      found.formIntersection(try once(body))
      found.subtract(once {})
    }
    return found.sorted()
  }

  private static func once(_ body: () throws -> Void) rethrows -> [Int] {
    let heap = Heap()
    var trap = AllocationTrap()
    var result: [Int] = []
    trap.held.reserveCapacity(200 * sizes.count)
    trap.marked.reserveCapacity(sizes.count)
    result.reserveCapacity(sizes.count)
    for size in sizes {
      // Where a stack is full (seven blocks), a freed block goes elsewhere: take blocks until one
      // that is freed comes back at once.
      var candidate = heap.malloc(size)
      var isOnTop = false
      for _ in 0..<2000 where !isOnTop {
        heap.free(candidate)
        let again = heap.malloc(size)
        isOnTop = again == candidate
        if isOnTop { break }
        if let again { trap.held.append(again) }
        candidate = heap.malloc(size)
      }
      guard let block = candidate, isOnTop else { continue }
      for offset in stride(from: 16, to: size - 7, by: 8) {
        block.storeBytes(of: mark, toByteOffset: offset, as: UInt64.self)
      }
      trap.marked.append((size, block))
    }
    for (_, block) in trap.marked { heap.free(block) }
    try body()
    for (size, block) in trap.marked {
      guard let again = heap.malloc(size) else { continue }
      var isIntact = again == block
      for offset in stride(from: 16, to: size - 7, by: 8) {
        if again.load(fromByteOffset: offset, as: UInt64.self) != mark { isIntact = false }
      }
      if !isIntact { result.append(size) }
      trap.held.append(again)
    }
    for block in trap.held { heap.free(block) }
    return result
  }
}

/// `malloc` and `free` by address, so that no optimiser removes calls whose effect is the point.
private struct Heap {
  let malloc: @convention(c) (Int) -> UnsafeMutableRawPointer?
  let free: @convention(c) (UnsafeMutableRawPointer?) -> Void

  init() {
    malloc = unsafeBitCast(
      dlsym(nil, "malloc"), to: (@convention(c) (Int) -> UnsafeMutableRawPointer?).self)
    free = unsafeBitCast(
      dlsym(nil, "free"), to: (@convention(c) (UnsafeMutableRawPointer?) -> Void).self)
  }
}

/// Whether the compiler optimises; without, ordinary loops allocate, the trap's own included.
private let isOptimised: Bool = {
  #if DEBUG
    return false
  #else
    return true
  #endif
}()

@Suite("Allocations", .enabled(if: isOptimised, "counted in release builds only"))
struct AllocationTests {
  @Test("The trap notices a block that is freed at once", arguments: [40, 200, 1000])
  func trapWorks(_ size: Int) {
    let heap = Heap()
    let noticed = AllocationTrap.sizes {
      guard let block = heap.malloc(size) else { return }
      memset(block, 1, size)
      heap.free(block)
    }
    #expect(noticed == [size])
    #expect(AllocationTrap.sizes {} == [])
  }

  @Test(
    "Iterations of NUTS and of static HMC allocate nothing, so no leapfrog step does",
    arguments: [false, true])
  func iterations(isDense: Bool) throws {
    let n = 6
    let memory = try PathMemory(
      dimension: n, maxDepth: 10, mayBeDense: true,
      evaluator: Densities.equicorrelated(n, 0.95).makeEvaluator())
    var path = HamiltonianPath(memory)
    var tree = DoublingTree<HamiltonianPath>()
    if isDense {
      path.whitening.setTriangle((0..<n * n).map { $0 % (n + 1) == 0 ? 1 : 0 })
    }
    path.stepSize = 0.1
    var slot = 0
    var steps = 0
    _ = try path.evaluate(slot)
    func iterate(_ range: Range<Int>) throws {
      for iteration in range {
        var momentum = RandomStream(seed: 1, chain: 0, purpose: .momentum, iteration: iteration)
        path.random = RandomStream(seed: 1, chain: 0, purpose: .trajectory, iteration: iteration)
        path.begin(slot: slot, momentum: &momentum)
        let directions = path.random.next()
        let outcome = try tree.build(on: &path, start: slot, directions: directions, maxDepth: 10)
        slot = outcome.proposal
        steps += outcome.steps
        path.begin(slot: slot, momentum: &momentum)
        slot = try path.staticTransition(start: slot, steps: 3).proposal
      }
    }
    try iterate(0..<5)
    #expect(try AllocationTrap.sizes { try iterate(5..<100) } == [])
    #expect(steps > 500)
    withExtendedLifetime(memory) {}
  }

  @Test("Recording a draw and publishing progress allocate nothing")
  func record() {
    var record = ChainRecord(dimension: 3, capacity: 400)
    let progress = SamplerProgress(chains: 1)
    let position = [1.0, 2, 3]
    let statistics = DrawStatistics(
      logDensity: 0, acceptance: 1, stepSize: 1, treeDepth: 1, leapfrogs: 1, isDivergent: false,
      energy: 0)
    let noticed = AllocationTrap.sizes {
      position.withUnsafeBufferPointer { position in
        for _ in 0..<100 {
          record.append(position.baseAddress!, statistics)
          progress.publish(chain: 0, SamplerProgress.Chain())
        }
      }
    }
    #expect(noticed == [])
    #expect(record.statistics.count == 400)
  }
}
