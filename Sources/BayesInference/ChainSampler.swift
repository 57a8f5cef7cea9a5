// One chain: transitions, warmup and the record of its draws.

import BayesCore
import BayesNumerics
import Glibc

/// Runs one chain from a starting point to its `ChainRun`.
struct ChainSampler {
  private let settings: SamplerSettings
  private let chain: Int
  private let record: SamplerRecord
  private let memory: PathMemory
  private let stages: [WarmupStage]
  private var path: HamiltonianPath
  private var tree = DoublingTree<HamiltonianPath>()
  private var adaptation: MetricAdaptation
  private var stepSizes: DualAveraging
  /// The acceptance that the step size aims at: the setting, or more; see `DensePayoff`.
  private var target: Double
  private var stage = 0
  /// The slot of the chain's current point.
  private var current = 0
  private var followsDivergence = false
  private var stepSizeSearches = 0
  private var progress = SamplerProgress.Chain()

  /// The most divergences whose positions are kept.
  static let keptDivergences = 100

  init(
    dimension: Int, evaluator: any LogDensityEvaluator, settings: SamplerSettings, chain: Int,
    record: SamplerRecord
  ) throws {
    self.settings = settings
    self.chain = chain
    self.record = record
    memory = try PathMemory(
      dimension: dimension, maxDepth: settings.maxTreeDepth,
      mayBeDense: MetricAdaptation.mayBeDense(dimension: dimension, settings: settings),
      evaluator: evaluator)
    path = HamiltonianPath(memory)
    stages =
      dimension == 0
      ? [] : WarmupStage.schedule(settings.warmupSchedule, warmup: settings.warmup)
    adaptation = MetricAdaptation(dimension: dimension, settings: settings)
    target = settings.targetAcceptance
    stepSizes = DualAveraging(initial: 1, target: target)
  }

  /// Finds a starting point and makes all iterations, or as many as come before cancellation.
  mutating func run(
    initialPosition: [Double]?, explain: (@Sendable ([Double]) -> String)?,
    progress sink: SamplerProgress?, isCancelled: @Sendable () -> Bool
  ) throws -> ChainRun {
    defer { withExtendedLifetime(memory) {} }
    let started = threadSeconds()
    try findStart(initialPosition, explain: explain)
    if !stages.isEmpty { try startWarmup() }
    var warmup = ChainRecord(
      dimension: path.dimension,
      capacity: record.contains(.warmup) ? settings.warmup : 0)
    for iteration in 0..<settings.warmup where !isCancelled() {
      let start = current
      let outcome = try transition(iteration)
      if record.contains(.warmup) { appendDraw(outcome, to: &warmup) }
      if !stages.isEmpty { try adapt(iteration, outcome, moved: current != start) }
      publish(outcome, isWarmup: true, to: sink)
    }
    if !stages.isEmpty { path.stepSize = stepSizes.averaged }
    let warmupGradients = path.gradientEvaluations
    let warmed = threadSeconds()

    var draws = ChainRecord(dimension: path.dimension, capacity: settings.draws)
    var divergences: [Divergence] = []
    progress.isWarmup = false
    for draw in 0..<settings.draws where !isCancelled() {
      let outcome = try transition(settings.warmup + draw)
      appendDraw(outcome, to: &draws)
      if outcome.isDivergent, divergences.count < Self.keptDivergences {
        divergences.append(divergence(at: draw))
      }
      publish(outcome, isWarmup: false, to: sink)
    }
    return ChainRun(
      chain: chain, positions: draws.positions, statistics: draws.statistics,
      warmupPositions: warmup.positions, warmupStatistics: warmup.statistics,
      warmupGradientEvaluations: warmupGradients,
      samplingGradientEvaluations: path.gradientEvaluations - warmupGradients,
      stepSize: path.stepSize, metric: path.whitening.metric, stages: stages,
      warmupSeconds: warmed - started, samplingSeconds: threadSeconds() - warmed,
      divergences: divergences)
  }

  // MARK: Iterations

  /// The stream for a purpose of an iteration of this chain.
  private func stream(_ purpose: RandomPurpose, _ iteration: Int) -> RandomStream {
    RandomStream(seed: settings.seed, chain: chain, purpose: purpose, iteration: iteration)
  }

  private mutating func transition(_ iteration: Int) throws -> TreeOutcome<Int> {
    var momentum = stream(.momentum, iteration)
    path.begin(slot: current, momentum: &momentum)
    path.random = stream(.trajectory, iteration)
    let outcome: TreeOutcome<Int>
    switch settings.algorithm {
    case .nuts:
      let directions = path.random.next()
      outcome = try tree.build(
        on: &path, start: current, directions: directions, maxDepth: depthLimit(iteration))
    case .hmc(let steps):
      outcome = try path.staticTransition(start: current, steps: steps)
    }
    current = outcome.proposal
    return outcome
  }

  private func depthLimit(_ iteration: Int) -> Int {
    guard stage < stages.count, iteration < settings.warmup else { return settings.maxTreeDepth }
    return min(settings.maxTreeDepth, stages[stage].maxTreeDepth ?? settings.maxTreeDepth)
  }

  private func appendDraw(_ outcome: TreeOutcome<Int>, to record: inout ChainRecord) {
    record.append(
      path.position(current),
      DrawStatistics(
        logDensity: path.logDensities[current], acceptance: outcome.acceptance,
        stepSize: path.stepSize, treeDepth: outcome.depth, leapfrogs: outcome.steps,
        isDivergent: outcome.isDivergent, energy: path.energies[current]))
  }

  private func divergence(at draw: Int) -> Divergence {
    let slot = path.divergentSlot
    let energy = path.energies[slot]
    func copy(_ pointer: UnsafePointer<Double>) -> [Double] {
      Array(UnsafeBufferPointer(start: pointer, count: path.dimension))
    }
    return Divergence(
      draw: draw, position: copy(path.position(slot)),
      whitenedMomentum: copy(path.whitenedMomentum(slot)),
      energyError: energy.isFinite ? energy - path.startEnergy : .infinity)
  }

  private mutating func publish(
    _ outcome: TreeOutcome<Int>, isWarmup: Bool, to sink: SamplerProgress?
  ) {
    guard let sink else { return }
    progress.iterations += 1
    progress.leapfrogs += outcome.steps
    if outcome.isDivergent && !isWarmup { progress.divergences += 1 }
    sink.publish(chain: chain, progress)
  }

  // MARK: Starting point

  private mutating func findStart(
    _ given: [Double]?, explain: (@Sendable ([Double]) -> String)?
  ) throws {
    let attempts = given == nil ? 100 : 1
    let position = path.position(current)
    var value = 0.0
    for attempt in 0..<attempts {
      if let given {
        for i in 0..<path.dimension { position[i] = given[i] }
      } else {
        var random = stream(.initialPosition, attempt)
        for i in 0..<path.dimension { position[i] = 4 * random.uniform() - 2 }
      }
      value = try path.evaluate(current)
      let gradient = path.gradient(current)
      if value.isFinite, (0..<path.dimension).allSatisfy({ gradient[$0].isFinite }) { return }
    }
    let tried = Array(UnsafeBufferPointer(start: position, count: path.dimension))
    throw SamplingError.noInitialPoint(
      chain: chain, attempts: attempts, position: tried, logDensity: value,
      explanation: explain?(tried))
  }

  // MARK: Warmup

  private mutating func startWarmup() throws {
    if settings.warmupSchedule == .fisher {
      let variances = MetricAdaptation.initialVariances(
        gradient: path.gradient(current), dimension: path.dimension)
      path.whitening.setDiagonal(variances.map { sqrt($0) })
      adaptation.add(draw: path.position(current), gradient: path.gradient(current))
    }
    try restartStepSize(from: 1)
  }

  /// Searches a step size for the current metric and restarts the dual averaging from it.
  private mutating func restartStepSize(from initial: Double) throws {
    let search = stepSizeSearches
    stepSizeSearches += 1
    let scratch = current == 0 ? 1 : 0
    let start = current
    let seed = settings.seed
    let chain = chain
    let found = try withPath { path in
      try searchStepSize(from: initial) { stepSize, attempt in
        var random = RandomStream(
          seed: seed, chain: chain, purpose: .stepSizeSearch, iteration: 128 * search + attempt)
        path.stepSize = stepSize
        path.begin(slot: start, momentum: &random)
        let step = try path.step(from: start, to: scratch, isForward: true)
        return step.logWeight.isFinite ? min(1, exp(step.logWeight)) : 0
      }
    }
    stepSizes = DualAveraging(initial: found, target: target)
    path.stepSize = found
  }

  private mutating func withPath<R>(_ body: (inout HamiltonianPath) throws -> R) rethrows -> R {
    try body(&path)
  }

  private mutating func adapt(
    _ iteration: Int, _ outcome: TreeOutcome<Int>, moved: Bool
  ) throws {
    let isEnd = iteration + 1 == stages[stage].iterations.upperBound
    let isEarly = stages[stage].maxTreeDepth != nil
    let isCautious = target > settings.targetAcceptance
    let usesSymmetric = isCautious || settings.warmupSchedule == .fisher && !isEarly
    stepSizes.update(
      acceptance: usesSymmetric ? outcome.symmetricAcceptance : outcome.acceptance)
    path.stepSize = stepSizes.stepSize
    adaptation.count(leapfrogs: outcome.steps)
    let isUsable = moved && !outcome.isDivergent && !followsDivergence
    followsDivergence = outcome.isDivergent

    switch stages[stage].kind {
    case .stepSize:
      break
    case .fisher:
      if isUsable {
        adaptation.add(draw: path.position(current), gradient: path.gradient(current))
      }
      if iteration >= 9 {
        adaptation.writeFisherScale(to: path.whitening.scale.scalars)
        try considerDense(iteration, isLast: isEnd && stage + 2 == stages.count)
      }
      if isEnd { adaptation.switchWindows() }
    case .variance:
      adaptation.add(draw: path.position(current), gradient: path.gradient(current))
      if isEnd {
        adaptation.writeVarianceScale(to: path.whitening.scale.scalars)
        try considerDense(iteration, isLast: true)
        adaptation.startWindow()
        try restartStepSize(from: stepSizes.stepSize)
      }
    }
    guard isEnd else { return }
    stage += 1
    if stage == stages.count - 1, settings.warmupSchedule == .fisher {
      // The metric is final: average the step sizes from here, without a bold restart.
      stepSizes = DualAveraging(
        initial: stepSizes.averaged, target: target, boldness: 1)
      path.stepSize = stepSizes.stepSize
    }
  }

  private mutating func considerDense(_ iteration: Int, isLast: Bool) throws {
    let usesGradients = settings.warmupSchedule == .fisher
    guard
      adaptation.isDenseDue(
        iteration: iteration, isLast: isLast, usesGradients: usesGradients)
    else { return }
    let whitening = path.whitening
    let wasDense = whitening.isDense
    let scale = (0..<path.dimension).map { whitening.scale.scalars[$0] }
    switch adaptation.considerDense(
      iteration: iteration, scale: scale, usesGradients: usesGradients)
    {
    case .unchanged: return
    case .diagonal:
      whitening.denseFlag.pointee = false
      target = settings.targetAcceptance
    case .dense(let triangle, let caution):
      target = 1 - (1 - settings.targetAcceptance) * (1 - caution)
      whitening.setTriangle(triangle)
      path.refreshWhitenedGradient(current)
    }
    stepSizes.target = target
    if whitening.isDense != wasDense, usesGradients {
      try restartStepSize(from: stepSizes.stepSize)
    }
  }
}

/// Seconds of CPU time of the calling thread.
func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
