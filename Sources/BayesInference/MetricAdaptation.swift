// Learns the metric during warmup from the draws and gradients of overlapping windows.

import BayesNumerics
import Glibc

/// The windows of a warmup and the metric that follows from them.
struct MetricAdaptation {
  private let dimension: Int
  private let choice: MetricChoice
  private let payoff: DensePayoff
  /// Whether draws are kept for dense estimates.
  let mayBeDense: Bool

  private var draws: (foreground: OnlineMoments, background: OnlineMoments)
  private var gradients: (foreground: OnlineMoments, background: OnlineMoments)
  /// All draws and gradients taken in so far, row by row, for dense estimates.
  private var drawRows: [Double] = []
  private var gradientRows: [Double] = []
  private var foregroundStart = 0
  private var backgroundStart = 0
  /// Nanoseconds of dense estimates so far, by the price list of `DensePayoff`.
  private var spent: Double
  /// Nanoseconds that a recent iteration would have cost on the diagonal metric, by the same list;
  /// a mean that forgets with a span of eight iterations.
  private var recentWork = 0.0
  private let warmup: Int
  /// Steps on the diagonal metric that one step on the current metric stands for.
  private var gain = 1.0
  /// The iteration from which the next dense estimate is due.
  private var nextEstimate = 0

  init(dimension: Int, settings: SamplerSettings) {
    self.dimension = dimension
    choice = settings.metric
    warmup = settings.warmup
    payoff = DensePayoff(dimension: dimension, gradientCost: settings.gradientCost)
    spent = payoff.firstEstimateCost
    mayBeDense = Self.mayBeDense(dimension: dimension, settings: settings)
    let empty = OnlineMoments(dimension: dimension)
    draws = (empty, empty)
    gradients = (empty, empty)
    if mayBeDense {
      let rows = min(settings.warmup, 2048)
      drawRows.reserveCapacity(rows * dimension)
      gradientRows.reserveCapacity(rows * dimension)
    }
  }

  /// Whether a chain with these settings may end up with a dense metric.
  static func mayBeDense(dimension: Int, settings: SamplerSettings) -> Bool {
    switch settings.metric {
    case .diagonal: false
    case .dense: dimension > 0
    case .auto:
      DensePayoff(dimension: dimension, gradientCost: settings.gradientCost).isConsidered
    }
  }

  /// Draws in the window that the metric is estimated from.
  var count: Int { draws.foreground.count }

  /// Takes in a draw and its gradient, `dimension` numbers each.
  mutating func add(draw: UnsafePointer<Double>, gradient: UnsafePointer<Double>) {
    draws.foreground.add(draw)
    draws.background.add(draw)
    gradients.foreground.add(gradient)
    gradients.background.add(gradient)
    if mayBeDense {
      drawRows.append(contentsOf: UnsafeBufferPointer(start: draw, count: dimension))
      gradientRows.append(contentsOf: UnsafeBufferPointer(start: gradient, count: dimension))
    }
  }

  /// The background window becomes the foreground and a new background begins; a background of
  /// fewer than 5 draws (a chain that hardly moves) is kept growing instead.
  mutating func switchWindows() {
    guard draws.background.count >= 5 else { return }
    swap(&draws.foreground, &draws.background)
    swap(&gradients.foreground, &gradients.background)
    draws.background.reset()
    gradients.background.reset()
    foregroundStart = backgroundStart
    backgroundStart = drawRows.count
  }

  /// Forgets everything: a window that does not overlap the one before it.
  mutating func startWindow() {
    draws.foreground.reset()
    gradients.foreground.reset()
    foregroundStart = drawRows.count
    backgroundStart = drawRows.count
  }

  // MARK: Diagonal metrics

  /// The first metric from one gradient: M⁻¹ = 1/|g|, within a factor 1000 of its median, and 1
  /// where a derivative is 0 or not finite.
  ///
  /// The start is often a deep tail whose gradient says little of the posterior, hence the bounds
  /// and that this metric serves the first ten draws only.
  static func initialVariances(gradient: UnsafePointer<Double>, dimension: Int) -> [Double] {
    let raw = (0..<dimension).map { 1 / abs(gradient[$0]) }
    let usable = raw.filter { $0 > 0 && $0.isFinite }.sorted()
    guard !usable.isEmpty else { return Array(repeating: 1, count: dimension) }
    let median = usable[usable.count / 2]
    return raw.map { $0 > 0 && $0.isFinite ? min(max($0, 1e-3 * median), 1e3 * median) : 1 }
  }

  /// Writes the square roots of √(var(draw)/var(gradient)) to `scale`; components without spread
  /// keep what they have.
  func writeFisherScale(to scale: UnsafeMutablePointer<Double>) {
    guard count >= 3 else { return }
    draws.foreground.squaredDeviations.withUnsafeBufferPointer { spread in
      gradients.foreground.squaredDeviations.withUnsafeBufferPointer { force in
        for i in 0..<dimension {
          let variance = sqrt(spread[i] / force[i])
          guard variance > 0, variance.isFinite else { continue }
          scale[i] = sqrt(min(max(variance, 1e-20), 1e20))
        }
      }
    }
  }

  /// Writes the square roots of Stan's regularised variances, n/(n+5)·v + 1e−3·5/(n+5).
  func writeVarianceScale(to scale: UnsafeMutablePointer<Double>) {
    let n = Double(count)
    guard count >= 2 else { return }
    for i in 0..<dimension {
      let variance = n / (n + 5) * draws.foreground.variance(i) + 1e-3 * 5 / (n + 5)
      if variance > 0, variance.isFinite { scale[i] = sqrt(variance) }
    }
  }

  // MARK: Dense metrics

  /// What a look at the dense metric led to.
  enum DenseDecision {
    /// No estimate was due or none came out: keep the metric as it is.
    case unchanged
    /// The diagonal metric is the better one.
    case diagonal
    /// The triangular W of the dense metric, and by what share to lessen the distance of the target
    /// acceptance from 1.
    case dense([Double], caution: Double)
  }

  /// Counts the steps of an iteration towards the budget of dense estimates.
  mutating func count(leapfrogs: Int) {
    let work = Double(leapfrogs) * gain * payoff.diagonalStepCost
    recentWork += (work - recentWork) / 8
  }

  /// The first draw that dense estimates use. A Fisher estimate is exact for a normal posterior
  /// however old the draws are, and needs more of them than dimensions; so it reaches back over the
  /// foreground to 2n draws, but not to the first twenty, which may come from a far tail.
  private func denseStart(usesGradients: Bool) -> Int {
    guard usesGradients else { return foregroundStart }
    let enough = drawRows.count - 2 * dimension * dimension
    return min(foregroundStart, max(20 * dimension, enough))
  }

  /// Whether a dense estimate is due in this iteration and, for `auto`, within its budget.
  ///
  /// - Parameter isLast: no later estimate can follow.
  func isDenseDue(iteration: Int, isLast: Bool, usesGradients: Bool) -> Bool {
    guard mayBeDense, count >= 10, iteration >= nextEstimate || isLast else { return false }
    let rows = (drawRows.count - denseStart(usesGradients: usesGradients)) / dimension
    // From fewer draws than dimensions an estimate says little of the directions between them.
    let isInformed = rows >= min(dimension, warmup / 4) + 10
    guard choice == .auto else { return isInformed || isLast }
    let budget = DensePayoff.budgetShare * recentWork * 2 * Double(warmup)
    return isInformed && spent + payoff.estimateCost(rows: rows) <= budget
  }

  /// Estimates the dense metric and decides whether it is worth its price.
  ///
  /// The next estimate is due after a third more iterations where the dense metric won, else after
  /// twice as many.
  ///
  /// - Parameters:
  ///   - scale: W of the diagonal metric.
  ///   - usesGradients: the Fisher metric rather than Stan's.
  mutating func considerDense(
    iteration: Int, scale: [Double], usesGradients: Bool
  ) -> DenseDecision {
    let start = denseStart(usesGradients: usesGradients)
    let rows = (drawRows.count - start) / dimension
    spent += payoff.estimateCost(rows: rows)
    nextEstimate = 2 * iteration
    let (draws, gradients) = (drawRows[start...], gradientRows[start...])
    let estimate =
      usesGradients
      ? DenseEstimate(draws: draws, gradients: gradients, scale: scale)
      : DenseEstimate(stanFrom: draws, gradients: gradients, dimension: dimension)
    guard let estimate else { return .unchanged }
    var caution = 0.0
    if choice == .auto {
      func pays(_ nonlinearity: Double) -> Bool {
        payoff.pays(
          gain: estimate.gain, nonlinearity: nonlinearity, rows: rows,
          usesGradients: usesGradients)
      }
      let nonlinearity = pays(0) ? estimate.nonlinearity() : 1
      guard pays(nonlinearity) else {
        gain = 1
        return .diagonal
      }
      caution = payoff.caution(nonlinearity: nonlinearity)
    }
    gain = max(1, estimate.gain)
    nextEstimate = iteration + max(10, iteration / 3)
    return .dense(estimate.triangle, caution: caution)
  }
}
