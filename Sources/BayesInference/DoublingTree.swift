// The multinomial doubling tree of NUTS over an abstract trajectory.

import Glibc

/// What one tree did.
struct TreeOutcome<Proposal> {
  var proposal: Proposal
  /// Completed doublings.
  var depth: Int
  /// Steps taken, those of dropped subtrees included.
  var steps: Int
  var isDivergent: Bool
  /// Σ min(1, eᵈ) over all steps, d = H₀ − H.
  var acceptanceSum: Double
  /// Σ 2 min(1, eᵈ)/(1 + eᵈ) over all steps: the statistic of the symmetric step-size target.
  var symmetricSum: Double

  /// Mean acceptance over the steps; 0 where there were none.
  var acceptance: Double { steps == 0 ? 0 : acceptanceSum / Double(steps) }
  /// Mean of the symmetric statistic over the steps; 0 where there were none.
  var symmetricAcceptance: Double { steps == 0 ? 0 : symmetricSum / Double(steps) }
}

/// Builds a trajectory by repeated doubling and draws one of its points.
///
/// Doubling `k` goes forward if bit `k` of the direction word is 1; the word is drawn once per
/// iteration, so the tree is a deterministic function of the start and the word. A subtree that turned or
/// diverged inside is dropped whole. Within a subtree the later half's proposal is taken with
/// probability w_far / (w_near + w_far) (multinomial); at the top a new subtree's proposal replaces
/// the current one with probability min(1, w_new / w_old) (biased progressive sampling). Both are in
/// detailed balance with the weights, which the tests check on integers.
///
/// The recursion holds its pending subtrees on the call stack and its points in slots that are
/// freed as soon as no run or proposal refers to them; at depth d at most 3d + 6 are in use, hence
/// the limit of `maxDepth` ≤ 18 for 64 slots.
///
/// Reference: Hoffman, Gelman 2014, JMLR 15, algorithm 3; Betancourt 2017, arXiv 1701.02434,
/// appendix A.3. The additional checks across the joint of two subtrees are Stan's.
struct DoublingTree<Path: Trajectory> {
  /// The deepest tree that 64 slots can hold.
  static var depthLimit: Int { 18 }

  private struct Subtree {
    var run: Run
    var proposal: Path.Proposal
    /// Total weight of the run is `weight · exp(shift)`; the shift is 0 but in far tails.
    var weight: Double
    var shift: Double
  }

  private var usedSlots: UInt64 = 0
  private var steps = 0
  private var acceptanceSum = 0.0
  private var symmetricSum = 0.0
  private var isDivergent = false

  /// Numbers of the stores of sums that trees of depth up to `maxDepth` use, from 64 on.
  static func sumCount(maxDepth: Int) -> Int { 2 * maxDepth + 3 }

  /// Builds one tree from the point in slot `start`.
  ///
  /// - Precondition: `maxDepth` is at most 18.
  mutating func build(
    on path: inout Path, start: Int, directions: UInt64, maxDepth: Int
  ) throws -> TreeOutcome<Path.Proposal> {
    precondition(maxDepth <= Self.depthLimit)
    steps = 0
    acceptanceSum = 0
    symmetricSum = 0
    isDivergent = false
    usedSlots = 1 << UInt64(start)

    let topSum = 64 + 2 * maxDepth + 2
    var tree = Subtree(
      run: Run(first: start, last: start, sum: start), proposal: path.proposal(at: start),
      weight: 1, shift: 0)
    var depth = 0
    while depth < maxDepth {
      let isForward = (directions >> UInt64(depth)) & 1 == 1
      // The tree as the new points see it: its last point is the one they start from.
      let near = isForward ? tree.run : tree.run.reversed
      guard
        let new = try grow(
          on: &path, depth: depth, from: near.last, isForward: isForward, sum: 64 + 2 * depth)
      else { break }
      depth += 1
      let (old, fresh, shift) = Self.aligned(tree, new)
      tree.proposal = path.choose(
        tree.proposal, new.proposal, probability: fresh >= old ? 1 : fresh / old)
      tree.weight = old + fresh
      tree.shift = shift
      let turned = path.joinTurns(near, new.run, sum: topSum)
      tree.run =
        isForward
        ? Run(first: near.first, last: new.run.last, sum: topSum)
        : Run(first: new.run.last, last: near.first, sum: topSum)
      if turned { break }
      usedSlots = slots(of: tree, on: path)
    }
    return TreeOutcome(
      proposal: tree.proposal, depth: depth, steps: steps, isDivergent: isDivergent,
      acceptanceSum: acceptanceSum, symmetricSum: symmetricSum)
  }

  /// The subtree of 2^depth points that follow the point in `from`, or `nil` where it ended early.
  private mutating func grow(
    on path: inout Path, depth: Int, from: Int, isForward: Bool, sum: Int
  ) throws -> Subtree? {
    if depth == 0 { return try leaf(on: &path, from: from, isForward: isForward) }
    let child = 64 + 2 * (depth - 1)
    guard
      let near = try grow(
        on: &path, depth: depth - 1, from: from, isForward: isForward, sum: child),
      let far = try grow(
        on: &path, depth: depth - 1, from: near.run.last, isForward: isForward, sum: child + 1)
    else { return nil }
    if path.joinTurns(near.run, far.run, sum: sum) { return nil }
    let (nearWeight, farWeight, shift) = Self.aligned(near, far)
    let total = nearWeight + farWeight
    let joined = Subtree(
      run: Run(first: near.run.first, last: far.run.last, sum: sum),
      proposal: path.choose(
        near.proposal, far.proposal, probability: total > 0 ? farWeight / total : 0),
      weight: total, shift: shift)
    let before = slots(of: near, on: path) | slots(of: far, on: path)
    usedSlots = usedSlots & ~before | slots(of: joined, on: path)
    return joined
  }

  private mutating func leaf(on path: inout Path, from: Int, isForward: Bool) throws -> Subtree? {
    let slot = (~usedSlots).trailingZeroBitCount
    usedSlots |= 1 << UInt64(slot)
    let step = try path.step(from: from, to: slot, isForward: isForward)
    steps += 1
    let ratio = exp(step.logWeight)
    let accepted = min(1, ratio)
    acceptanceSum += accepted
    symmetricSum += 2 * accepted / (1 + ratio)
    if step.isDivergent {
      isDivergent = true
      return nil
    }
    // Far above the start (a first step out of a deep tail) the weight would overflow.
    let shift = step.logWeight > 600 ? step.logWeight : 0
    return Subtree(
      run: Run(first: slot, last: slot, sum: slot), proposal: path.proposal(at: slot),
      weight: shift == 0 ? ratio : 1, shift: shift)
  }

  /// Both weights on a common scale, and that scale.
  private static func aligned(_ a: Subtree, _ b: Subtree) -> (Double, Double, shift: Double) {
    if a.shift == b.shift { return (a.weight, b.weight, a.shift) }
    let shift = max(a.shift, b.shift)
    return (a.weight * exp(a.shift - shift), b.weight * exp(b.shift - shift), shift)
  }

  private func slots(of tree: Subtree, on path: Path) -> UInt64 {
    1 << UInt64(tree.run.first) | 1 << UInt64(tree.run.last) | path.slots(of: tree.proposal)
  }
}
