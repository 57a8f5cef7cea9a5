// The law of the doubling tree, proved on integers by enumerating all direction words.

import Glibc
import Testing

@testable import BayesInference

/// Integers with weights; proposals are exact distributions instead of draws.
///
/// A sum is the interval that it runs over, so that any predicate of intervals can be "a turn".
private struct IntegerPath: Trajectory {
  /// Log weight of a point.
  let logWeight: @Sendable (Int) -> Double
  let isDivergent: @Sendable (Int) -> Bool
  let turns: @Sendable (ClosedRange<Int>) -> Bool
  private(set) var points = [Int](repeating: 0, count: 64)
  private var intervals = [Int: ClosedRange<Int>]()
  private(set) var start = 0

  init(
    logWeight: @escaping @Sendable (Int) -> Double,
    isDivergent: @escaping @Sendable (Int) -> Bool = { _ in false },
    turns: @escaping @Sendable (ClosedRange<Int>) -> Bool = { _ in false }
  ) {
    self.logWeight = logWeight
    self.isDivergent = isDivergent
    self.turns = turns
  }

  mutating func begin(_ point: Int) {
    start = point
    points[0] = point
  }

  mutating func step(from: Int, to: Int, isForward: Bool) -> TrajectoryStep {
    let point = points[from] + (isForward ? 1 : -1)
    points[to] = point
    return TrajectoryStep(
      logWeight: logWeight(point) - logWeight(start), isDivergent: isDivergent(point))
  }

  func proposal(at slot: Int) -> [Int: Double] { [points[slot]: 1] }

  func choose(
    _ old: [Int: Double], _ new: [Int: Double], probability: Double
  ) -> [Int: Double] {
    old.mapValues { $0 * (1 - probability) }
      .merging(new.mapValues { $0 * probability }, uniquingKeysWith: +)
  }

  func slots(of proposal: [Int: Double]) -> UInt64 { 0 }

  private func interval(_ run: Run) -> ClosedRange<Int> {
    if run.isSinglePoint { return points[run.first]...points[run.first] }
    return intervals[run.sum]!
  }

  mutating func joinTurns(_ near: Run, _ far: Run, sum: Int) -> Bool {
    let (a, b) = (interval(near), interval(far))
    let whole = min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
    let ends = [points[near.first], points[near.last]]
    guard ends.min() == a.lowerBound, ends.max() == a.upperBound,
      abs(points[near.last] - points[far.first]) == 1, whole.count == a.count + b.count
    else {
      Issue.record("runs \(near) = \(a) and \(far) = \(b) do not join")
      return true
    }
    intervals[sum] = whole
    if turns(whole) { return true }
    let (c, d) = (points[near.last], points[far.first])
    return turns(min(a.lowerBound, d)...max(a.upperBound, d))
      || turns(min(b.lowerBound, c)...max(b.upperBound, c))
  }
}

/// A named set of weights, divergent points and turning intervals.
private struct Landscape: Sendable, CustomStringConvertible {
  let name: String
  let path: IntegerPath
  var description: String { name }

  /// A number in [0, 1) that depends on its arguments only.
  static func hash(_ values: Int...) -> Double {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for value in values {
      state ^= UInt64(bitPattern: Int64(value))
      state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
      state ^= state >> 31
    }
    return Double(state >> 11) * 0x1p-53
  }

  static let all: [Landscape] = [
    Landscape(name: "equal weights", path: IntegerPath { _ in 0 }),
    Landscape(name: "rough weights", path: IntegerPath { 3 * hash($0) }),
    Landscape(name: "steep slope", path: IntegerPath { 0.4 * Double($0) }),
    Landscape(name: "weights of zero", path: IntegerPath { hash($0) < 0.3 ? -.infinity : 0 }),
    Landscape(
      name: "divergent points",
      path: IntegerPath {
        hash($0, 1)
      } isDivergent: {
        hash($0, 2) < 0.05
      }),
    Landscape(
      name: "turning intervals",
      path: IntegerPath {
        hash($0, 3)
      } turns: {
        hash($0.lowerBound, $0.upperBound) < 0.1
      }),
    Landscape(
      name: "long intervals turn",
      path: IntegerPath {
        2 * hash($0, 4)
      } turns: {
        $0.count > 11
      }),
    Landscape(
      name: "divergent points and turning intervals",
      path: IntegerPath {
        2 * hash($0, 5)
      } isDivergent: {
        hash($0, 6) < 0.03
      } turns: {
        hash($0.lowerBound, $0.upperBound, 7) < 0.05
      }),
  ]
}

/// The transition probabilities from `start`, averaged over all direction words.
private func transitions(_ path: IntegerPath, from start: Int, depth: Int) throws -> [Int: Double] {
  var tree = DoublingTree<IntegerPath>()
  var path = path
  var result: [Int: Double] = [:]
  let words = 1 << depth
  for word in 0..<words {
    path.begin(start)
    let outcome = try tree.build(
      on: &path, start: 0, directions: UInt64(word), maxDepth: depth)
    for (point, probability) in outcome.proposal {
      result[point, default: 0] += probability / Double(words)
    }
  }
  return result
}

@Suite("Doubling tree")
struct DoublingTreeTests {
  @Test("Transitions are in detailed balance", arguments: Landscape.all, [1, 2, 3, 4, 5, 6])
  private func detailedBalance(_ landscape: Landscape, depth: Int) throws {
    let path = landscape.path
    let reach = 1 << (depth - 1)
    let rows = try Dictionary(
      uniqueKeysWithValues: (-reach...reach)
        .filter { path.logWeight($0) > -.infinity && !path.isDivergent($0) }
        .map { ($0, try transitions(path, from: $0, depth: depth)) })
    var worst = 0.0
    for (i, row) in rows {
      worst = max(worst, abs(row.values.reduce(0, +) - 1))
      for (j, back) in rows where j > i {
        let forth = exp(path.logWeight(i)) * (row[j] ?? 0)
        let weight = exp(path.logWeight(j)) * (back[i] ?? 0)
        if forth != weight { worst = max(worst, abs(forth - weight) / max(forth, weight)) }
      }
    }
    #expect(worst <= 1e-12)
  }

  @Test("A tree without turns takes 2ᵈ − 1 steps", arguments: [0, 1, 2, 5, 10, 14])
  func stepsOfFullTree(depth: Int) throws {
    var tree = DoublingTree<CountingPath>()
    var path = CountingPath()
    let outcome = try tree.build(
      on: &path, start: 0, directions: 0x2_AAAA, maxDepth: depth)
    #expect(outcome.steps == (1 << depth) - 1)
    #expect(outcome.depth == depth)
    #expect(depth == 0 || outcome.acceptance == 1)
    #expect(path.highestSlot <= 3 * depth + 6)
  }

  @Test("A divergent first step leaves the start as the proposal")
  func divergentStart() throws {
    var path = IntegerPath { _ in
      0
    } isDivergent: {
      $0 != 0
    }
    path.begin(0)
    var tree = DoublingTree<IntegerPath>()
    let outcome = try tree.build(on: &path, start: 0, directions: 1, maxDepth: 5)
    #expect(outcome.proposal == [0: 1])
    #expect(outcome.isDivergent && outcome.depth == 0 && outcome.steps == 1)
  }

  @Test("Weights far above the start do not overflow", arguments: [500.0, 800, 5000, 1e6])
  func hugeWeights(_ slope: Double) throws {
    var path = IntegerPath { slope * Double($0) }
    path.begin(0)
    var tree = DoublingTree<IntegerPath>()
    let outcome = try tree.build(on: &path, start: 0, directions: 0b111, maxDepth: 3)
    #expect(abs((outcome.proposal[7] ?? 0) - 1) < 1e-12)
  }
}

/// Points that all weigh the same; remembers the highest slot in use.
private struct CountingPath: Trajectory {
  var highestSlot = 0
  mutating func step(from: Int, to: Int, isForward: Bool) -> TrajectoryStep {
    highestSlot = max(highestSlot, to)
    return TrajectoryStep(logWeight: 0, isDivergent: false)
  }
  func proposal(at slot: Int) -> Int { slot }
  func choose(_ old: Int, _ new: Int, probability: Double) -> Int { old }
  func slots(of proposal: Int) -> UInt64 { 1 << UInt64(proposal) }
  func joinTurns(_ near: Run, _ far: Run, sum: Int) -> Bool { false }
}
