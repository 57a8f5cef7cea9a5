// Histogram binnings of all sizes, averaged by what the labels say of each.

import BayesNumerics
import Glibc

/// Bayesian binning into quantiles (BBQ): an average over binnings of equal mass, weighted by their evidence.
///
/// Every number of bins B from max(1, N^⅓/10) to min(N, 10 N^⅓) is one model, all equally probable beforehand. With prior Beta(α_b,
/// β_b) for the frequency of bin b, α_b = (2/B)·p_b and β_b = (2/B)·(1 − p_b) around the middle p_b of its interval,
///
/// ```
/// evidence = Π_b B(α_b + m_b, β_b + n_b − m_b)/B(α_b, β_b)
/// ```
///
/// for m_b labels 1 among its n_b rows, and the probability in the bin is (α_b + m_b)/(2/B + n_b). The average of
/// such step functions is one itself; it need not rise. Equal scores are never divided: a cut among them is left out,
/// and binnings that become the same are counted once. Models whose weight is below 10⁻¹² of the largest are left out.
///
/// Reference: Naeini, Cooper, Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning",
/// AAAI, section 3 (equivalent sample size 2, C = 10).
public struct BayesianBinning: BinaryCalibrationMap, Equatable {
  /// A binning and how much it counts.
  public struct Model: Sendable, Equatable {
    /// The number of bins.
    public let bins: Int
    /// Its posterior probability.
    public let weight: Double
  }

  /// The binnings that are averaged, by their number of bins.
  public let models: [Model]
  /// The averaged map.
  public let steps: StepFunction
  /// The log of the mean evidence of all binnings.
  public let logEvidence: Double

  /// `Bayesian binning`.
  public var name: String { "Bayesian binning" }

  /// Weighs the binnings.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class.
  /// - Complexity: O(N log N).
  public init(fittedTo predictions: BinaryPredictions) throws {
    try predictions.requireFit(finiteLogits: false)
    let scores = SortedScores(predictions)
    let binnings = scores.binnings()
    let evidences = binnings.map { scores.logEvidence($0) }
    let total = logSumExp(evidences)
    let least = evidences.max()! + Glibc.log(1e-12)
    let kept = binnings.indices.filter { evidences[$0] >= least }
    let keptTotal = logSumExp(kept.map { evidences[$0] })
    models = kept.map {
      Model(bins: binnings[$0].count, weight: exp(evidences[$0] - keptTotal))
    }
    logEvidence = total - Glibc.log(Double(binnings.count))
    steps = StepFunction(
      averaging: zip(kept, models).map { (scores.steps(binnings[$0]), $1.weight) })
  }

  /// The value of the averaged map at the probability that belongs to a logit.
  public func probability(atLogit logit: Double) -> Double { steps.value(at: logistic(logit)) }

  /// The same rows with calibrated probabilities, looked up by probability.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    let calibrated = predictions.probabilities.map { steps.value(at: $0) }
    return BinaryPredictions(
      unchecked: predictions.labels, logits: calibrated.map { logit($0) },
      probabilities: calibrated)
  }
}

/// Probabilities in order with the labels before each.
private struct SortedScores {
  let probabilities: [Double]
  /// The number of labels 1 among the first k rows, for k = 0…N.
  let ones: [Int]

  var count: Int { probabilities.count }

  init(_ predictions: BinaryPredictions) {
    let order = sortedOrder(predictions.probabilities)
    probabilities = order.map { predictions.probabilities[$0] }
    var ones = [0]
    ones.reserveCapacity(order.count + 1)
    for row in order { ones.append(ones[ones.count - 1] + predictions.labels[row]) }
    self.ones = ones
  }

  /// The ends of the bins of every model, each the rank after a bin's last row.
  func binnings() -> [[Int]] {
    // By products, which are exact where roots are not.
    let n = Double(count)
    var fewest = 1
    while Double(1000 * (fewest + 1) * (fewest + 1) * (fewest + 1)) <= n { fewest += 1 }
    var most = 1
    while most < count, Double(most * most * most) < 1000 * n { most += 1 }
    var found = Set<[Int]>()
    return (fewest...most).compactMap { bins in
      let binning = Binning.equalMass(bins)
      let ends = (0..<bins).map { binning.equalMassEnd($0, of: count) }.filter {
        $0 == count || probabilities[$0 - 1] < probabilities[$0]
      }
      return found.insert(ends).inserted ? ends : nil
    }
  }

  /// The end of a bin's interval: halfway between neighbours.
  private func edge(_ end: Int) -> Double {
    if end == 0 { return 0 }
    if end == count { return 1 }
    let (below, above) = (probabilities[end - 1], probabilities[end])
    // Between numbers without one between them the lower is the edge: it belongs to the bin below.
    return Swift.min(below + 0.5 * (above - below), above.nextDown)
  }

  /// Prior and counts of each bin.
  private func bins(_ ends: [Int]) -> [(alpha: Double, beta: Double, ones: Double, zeros: Double)] {
    let strength = 2 / Double(ends.count)
    var start = 0
    return ends.map { end in
      defer { start = end }
      // Intervals that end within rounding of 0 or 1 still have a prior.
      let middle = Swift.min(1 - 1e-16, Swift.max(1e-16, 0.5 * (edge(start) + edge(end))))
      let events = Double(ones[end] - ones[start])
      return (
        strength * middle, strength * (1 - middle), events, Double(end - start) - events
      )
    }
  }

  func logEvidence(_ ends: [Int]) -> Double {
    bins(ends).reduce(0) {
      $0 + logBeta($1.alpha + $1.ones, $1.beta + $1.zeros) - logBeta($1.alpha, $1.beta)
    }
  }

  func steps(_ ends: [Int]) -> StepFunction {
    StepFunction(
      edges: ends.dropLast().map(edge),
      values: bins(ends).map { ($0.alpha + $0.ones) / ($0.alpha + $0.beta + $0.ones + $0.zeros) })
  }
}
