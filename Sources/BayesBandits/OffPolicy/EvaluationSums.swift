// The second reading of a log: contributions of rows, and the estimates made from them.

import BayesNumerics
import Glibc

/// Mean, variance and range of a stream of numbers (Welford's recursion).
struct RunningMoments {
  private(set) var count = 0.0
  private(set) var mean = 0.0
  private(set) var squares = 0.0
  private(set) var smallest = Double.infinity
  private(set) var largest = -Double.infinity

  mutating func add(_ x: Double) {
    count += 1
    let change = x - mean
    mean += change / count
    squares += change * (x - mean)
    smallest = min(smallest, x)
    largest = max(largest, x)
  }

  var variance: Double { count > 1 ? squares / (count - 1) : 0 }
  var standardError: Double { count > 0 ? (variance / count).squareRoot() : 0 }
  var range: Double { count > 0 ? largest - smallest : 0 }
}

/// What the second reading adds up.
struct EvaluationSums {
  let settings: OffPolicySettings
  let target: ResolvedPolicy
  let survey: LogSurvey
  /// Rows read, training rows included.
  private(set) var seen = 0
  private(set) var rewards = RunningMoments()
  private(set) var weights = RunningMoments()
  private(set) var weighted = RunningMoments()
  private(set) var direct = RunningMoments()
  private(set) var robust = RunningMoments()
  private(set) var switched = RunningMoments()
  private(set) var replayed = RunningMoments()
  /// Σ w², Σ w² r and Σ w² r².
  private(set) var squares = (one: 0.0, reward: 0.0, rewards: 0.0)
  /// Σ w and Σ w² of weights at most τ.
  private(set) var kept = (weight: 0.0, square: 0.0)
  /// Rows of weights above τ, and by arm the sum of these weights.
  private(set) var aboveSwitch = 0
  private(set) var switchedMass: [Double]
  private(set) var largest = (weight: -1.0, line: 0, propensity: 1.0)
  private(set) var tail = WeightTail()
  private(set) var blocks = BlockSums()
  /// Rows evaluated, by fold.
  private var foldCounts: [Double]
  /// Σ π(a) over rows, by arm, where the rows say it.
  private var rowMass: [Double]
  private var stream: RandomStream

  init(_ settings: OffPolicySettings, _ target: ResolvedPolicy, _ survey: LogSurvey) {
    self.settings = settings
    self.target = target
    self.survey = survey
    foldCounts = target.estimates.map { _ in 0 }
    rowMass = target.estimates[0].map { _ in 0 }
    switchedMass = rowMass
    stream = RandomStream(seed: settings.seed, chain: 0, purpose: .simulation, iteration: 0)
  }

  mutating func add(_ row: borrowing LoggedChoice) throws {
    let index = seen
    seen += 1
    if settings.isTraining(row: index) { return }
    let fold = index % target.estimates.count
    guard row.arm < target.estimates[fold].count else { throw OffPolicyError.changed }
    let weight = target.probability(row, fold: fold) / row.propensity
    var sums = RowSums(rows: 1, weight: weight, weightedReward: weight * row.reward)
    rewards.add(row.reward)
    weights.add(weight)
    weighted.add(sums.weightedReward)
    squares.one += weight * weight
    squares.reward += weight * weight * row.reward
    squares.rewards += weight * weight * row.reward * row.reward
    tail.add(weight)
    if weight > largest.weight { largest = (weight, row.line, row.propensity) }
    if stream.uniform() * target.largestWeight < weight { replayed.add(row.reward) }
    if target.hasAllArms {
      let expected = target.directValue(row, fold: fold)
      let residual = weight * (row.reward - target.estimates[fold][row.arm])
      let isKept = weight <= settings.switchThreshold
      sums.doublyRobust = expected + residual
      sums.switched = expected + (isKept ? residual : 0)
      direct.add(expected)
      robust.add(sums.doublyRobust)
      switched.add(sums.switched)
      if isKept {
        kept.weight += weight
        kept.square += weight * weight
      } else {
        aboveSwitch += 1
        switchedMass[row.arm] += weight
      }
      addMass(row, fold)
    }
    blocks.add(sums)
  }

  private mutating func addMass(_ row: borrowing LoggedChoice, _ fold: Int) {
    foldCounts[fold] += 1
    for (arm, probability) in row.targets.enumerated() { rowMass[arm] += probability }
  }

  /// Σ π(a) over the rows, by arm.
  var policyMass: [Double] {
    guard let probabilities = target.probabilities else { return rowMass }
    return rowMass.indices.map { arm in
      zip(foldCounts, probabilities).reduce(0) { $0 + $1.0 * $1.1[arm] }
    }
  }
}
