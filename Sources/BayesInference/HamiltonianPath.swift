// Points of a Hamiltonian trajectory in preallocated memory, in whitened momenta.

import BayesCore
import BayesNumerics
import Glibc

typealias Block = SIMD4<Double>
typealias Blocks = UnsafeMutablePointer<Block>
typealias Pair = SIMD2<Double>

/// The trajectory of Hamiltonian dynamics: leapfrog steps between slots.
///
/// With inverse metric M⁻¹ = W Wᵀ the momentum is held whitened, r = Wᵀp ~ N(0, I):
/// ```
/// r ← r + ε/2 Wᵀ∇log π(q);  q ← q + ε W r;  r ← r + ε/2 Wᵀ∇log π(q)
/// H = −log π(q) + ½ rᵀr;    v·ρ = (M⁻¹p)ᵀ Σ p' = rᵀ Σ r'
/// ```
/// so the turn criterion needs no separate velocities, and a dense metric costs two triangular
/// products a step (n² multiplications), the same as one product with M⁻¹.
///
/// All vectors are blocks of four numbers, the last one padded with zeros, so that no loop has a
/// remainder. The struct holds pointers only; `PathMemory` owns what they point to.
struct HamiltonianPath: Trajectory {
  let dimension: Int
  let blocks: Int
  /// Slot s holds position, whitened momentum, gradient and, for a dense metric, whitened gradient.
  private let slotStore: Blocks
  private let sumStore: Blocks
  /// Log density per slot.
  let logDensities: UnsafeMutablePointer<Double>
  /// Hamiltonian per slot.
  let energies: UnsafeMutablePointer<Double>
  let whitening: Whitening
  private let evaluator: Unmanaged<EvaluatorBox>

  /// Step size of the current iteration.
  var stepSize = 1.0
  /// Uniforms for the choice of proposals in the current iteration.
  var random: RandomStream
  /// H at the start of the current iteration.
  private(set) var startEnergy = 0.0
  /// The slot of the last divergent point of the current iteration.
  private(set) var divergentSlot = 0
  private(set) var gradientEvaluations = 0

  /// A Hamiltonian that rose by more than this many nats is a divergence (Stan's value).
  static let maxEnergyError = 1000.0

  init(_ memory: PathMemory) {
    dimension = memory.dimension
    blocks = memory.blocks
    slotStore = memory.slots
    sumStore = memory.sums
    logDensities = memory.logDensities
    energies = memory.energies
    whitening = memory.whitening
    evaluator = Unmanaged.passUnretained(memory.evaluator)
    random = RandomStream(seed: 0, chain: 0, purpose: .trajectory, iteration: 0)
  }

  @inline(__always) private func point(_ slot: Int) -> Blocks {
    slotStore + slot &* (4 &* blocks)
  }
  @inline(__always) private func momentum(_ slot: Int) -> Blocks { point(slot) + blocks }
  @inline(__always) private func runSum(_ index: Int) -> Blocks {
    index < 64 ? momentum(index) : sumStore + (index &- 64) &* blocks
  }

  /// The position in a slot, `dimension` numbers.
  func position(_ slot: Int) -> UnsafeMutablePointer<Double> { point(slot).scalars }
  /// The gradient in a slot.
  func gradient(_ slot: Int) -> UnsafeMutablePointer<Double> { (point(slot) + 2 * blocks).scalars }
  /// The whitened momentum in a slot.
  func whitenedMomentum(_ slot: Int) -> UnsafeMutablePointer<Double> { momentum(slot).scalars }

  // MARK: Starting

  /// Evaluates the density at the position that a slot holds.
  mutating func evaluate(_ slot: Int) throws -> Double {
    let q = point(slot)
    let value = try density(at: q, gradient: q + 2 * blocks)
    gradientEvaluations += 1
    logDensities[slot] = value
    refreshWhitenedGradient(slot)
    return value
  }

  /// Recomputes what depends on the metric, after the metric changed.
  func refreshWhitenedGradient(_ slot: Int) {
    guard whitening.isDense else { return }
    let q = point(slot)
    whitening.applyTransposed(q + 2 * blocks, into: q + 3 * blocks)
  }

  /// Draws a fresh momentum for the point in `slot` and makes it the start of a trajectory.
  mutating func begin(slot: Int, momentum stream: inout RandomStream) {
    let r = momentum(slot)
    stream.fillNormals(UnsafeMutableBufferPointer(start: r.scalars, count: dimension))
    energies[slot] = kineticEnergy(r) - logDensities[slot]
    startEnergy = energies[slot]
  }

  @inline(__always) private func kineticEnergy(_ r: Blocks) -> Double {
    var sum = Block.zero
    for i in 0..<blocks { sum += r[i] * r[i] }
    return 0.5 * sum.sum()
  }

  /// Evaluates the density; the box is kept alive by `PathMemory`, hence no reference counting.
  @inline(__always)
  private func density(at position: Blocks, gradient: Blocks) throws -> Double {
    try evaluator._withUnsafeGuaranteedRef {
      try $0.evaluator.logDensity(at: position.scalars, gradient: gradient.scalars)
    }
  }

  // MARK: Trajectory

  @inline(__always)
  mutating func step(from: Int, to: Int, isForward: Bool) throws -> TrajectoryStep {
    let n = blocks
    let a = point(from)
    let b = point(to)
    let half = Block(repeating: isForward ? 0.5 * stepSize : -0.5 * stepSize)
    let b1 = b + n
    let b2 = b1 + n
    var kinetic = Block.zero
    let value: Double
    if whitening.isDense {
      let a1 = a + n
      let a3 = a + 3 * n
      for i in 0..<n { b1[i] = a1[i] + half * a3[i] }
      whitening.move(from: a, along: b1, by: half + half, into: b)
      value = try density(at: b, gradient: b2)
      let b3 = b2 + n
      whitening.applyTransposed(b2, into: b3)
      for i in 0..<n {
        let r = b1[i] + half * b3[i]
        b1[i] = r
        kinetic += r * r
      }
    } else {
      let a1 = a + n
      let a2 = a1 + n
      let scale = whitening.scale
      for i in 0..<n {
        let t = half * scale[i]
        let r = a1[i] + t * a2[i]
        b1[i] = r
        b[i] = a[i] + (t + t) * r
      }
      value = try density(at: b, gradient: b2)
      for i in 0..<n {
        let r = b1[i] + half * scale[i] * b2[i]
        b1[i] = r
        kinetic += r * r
      }
    }
    gradientEvaluations &+= 1
    logDensities[to] = value
    let energy = 0.5 * kinetic.sum() - value
    energies[to] = energy
    // A value or gradient that is not finite makes the energy not finite: it counts as +∞.
    guard energy.isFinite, energy - startEnergy <= Self.maxEnergyError else {
      divergentSlot = to
      return TrajectoryStep(
        logWeight: energy.isFinite ? startEnergy - energy : -.infinity, isDivergent: true)
    }
    return TrajectoryStep(logWeight: startEnergy - energy, isDivergent: false)
  }

  func proposal(at slot: Int) -> Int { slot }

  @inline(__always)
  mutating func choose(_ old: Int, _ new: Int, probability: Double) -> Int {
    if probability >= 1 { return new }
    return random.uniform() < probability ? new : old
  }

  func slots(of proposal: Int) -> UInt64 { 1 << UInt64(proposal) }

  @inline(__always)
  mutating func joinTurns(_ near: Run, _ far: Run, sum: Int) -> Bool {
    let n = blocks
    let total = runSum(sum)
    let nearFirst = momentum(near.first)
    let farLast = momentum(far.last)
    if near.isSinglePoint && far.isSinglePoint {
      // Both checks across the joint are the check of the whole.
      var (first, last) = (Block.zero, Block.zero)
      for i in 0..<n {
        let a = nearFirst[i]
        let b = farLast[i]
        let rho = a + b
        total[i] = rho
        first += a * rho
        last += b * rho
      }
      return !(first.sum() > 0 && last.sum() > 0)
    }
    // Six sums of two lanes fit the registers, six of four would not.
    let b = momentum(near.last).pairs
    let c = momentum(far.first).pairs
    let p = runSum(near.sum).pairs
    let s = runSum(far.sum).pairs
    let (a, d, whole) = (nearFirst.pairs, farLast.pairs, total.pairs)
    var (first, last) = (Pair.zero, Pair.zero)
    var (nearStart, nearEnd) = (Pair.zero, Pair.zero)
    var (farStart, farEnd) = (Pair.zero, Pair.zero)
    for i in 0..<2 &* n {
      let rho = p[i] + s[i]
      whole[i] = rho
      first += a[i] * rho
      last += d[i] * rho
      let nearRho = p[i] + c[i]
      nearStart += a[i] * nearRho
      nearEnd += c[i] * nearRho
      let farRho = s[i] + b[i]
      farStart += b[i] * farRho
      farEnd += d[i] * farRho
    }
    let goesOn =
      first.sum() > 0 && last.sum() > 0 && nearStart.sum() > 0 && nearEnd.sum() > 0
      && farStart.sum() > 0 && farEnd.sum() > 0
    return !goesOn
  }
}

extension UnsafeMutablePointer<SIMD4<Double>> {
  /// The same memory as pairs of numbers.
  @inline(__always) var pairs: UnsafeMutablePointer<Pair> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: Pair.self)
  }

  /// The same memory as single numbers.
  @inline(__always) var scalars: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: Double.self)
  }
}
