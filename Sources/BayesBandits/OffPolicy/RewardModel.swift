// What each arm is expected to pay: the model inside direct and doubly robust estimates.

/// A shrunken mean reward for each arm, cross-fitted where asked.
///
/// ```
/// q(a) = (s_a + α) / (n_a + β)
/// ```
/// with the arm's rows n_a and their rewards s_a: for rewards of 0 and 1 the posterior mean under
/// Beta(α, β − α). Without an α of its own, α is β times the mean reward of all arms. With folds, q for a row comes from the rows of other folds, so that no row's reward
/// is in its own prediction.
struct RewardModel {
  /// α, or `nil` for β times the mean reward, and β.
  let prior: (reward: Double?, count: Double)
  /// The folds; 1 where all rows make one model.
  let folds: Int
  /// By fold, then arm.
  private var counts: [[Double]]
  private var sums: [[Double]]
  private var squares: [[Double]]
  private(set) var isBinary = true

  init(prior: (reward: Double?, count: Double), folds: Int) {
    self.prior = prior
    self.folds = max(1, folds)
    let empty = [[Double]](repeating: [], count: self.folds)
    (counts, sums, squares) = (empty, empty, empty)
  }

  mutating func add(arm: Int, reward: Double, fold: Int) {
    while counts[fold].count <= arm {
      counts[fold].append(0)
      sums[fold].append(0)
      squares[fold].append(0)
    }
    counts[fold][arm] += 1
    sums[fold][arm] += reward
    squares[fold][arm] += reward * reward
    if reward != 0 && reward != 1 { isBinary = false }
  }

  /// The estimates for the rows of a fold.
  func estimates(fold: Int, arms: Int) -> [Double] {
    let others = (0..<folds).filter { folds == 1 || $0 != fold }
    let reward = priorReward(folds: others)
    return (0..<arms).map { arm in
      var (count, sum) = (prior.count, reward)
      for other in others {
        count += value(counts[other], arm)
        sum += value(sums[other], arm)
      }
      return count > 0 ? sum / count : 0
    }
  }

  /// α: the given one, or β times the mean reward of some folds.
  private func priorReward(folds: [Int]) -> Double {
    if let reward = prior.reward { return reward }
    let rows = folds.reduce(0.0) { $0 + counts[$1].reduce(0, +) }
    let rewards = folds.reduce(0.0) { $0 + sums[$1].reduce(0, +) }
    return rows > 0 ? prior.count * rewards / rows : 0
  }

  /// The variance of each arm's estimate from all rows: the posterior's for rewards of 0 and 1, else
  /// the sampling variance of the shrunken mean, with the arms' common variance.
  func variances(arms: Int) -> [Double] {
    let count = (0..<arms).map { arm in counts.reduce(0) { $0 + value($1, arm) } }
    let sum = (0..<arms).map { arm in sums.reduce(0) { $0 + value($1, arm) } }
    let square = (0..<arms).map { arm in squares.reduce(0) { $0 + value($1, arm) } }
    let reward = priorReward(folds: Array(0..<folds))
    if isBinary, prior.count > reward, reward > 0 {
      return (0..<arms).map { arm in
        let (n, a) = (count[arm] + prior.count, sum[arm] + reward)
        return a * (n - a) / (n * n * (n + 1))
      }
    }
    let seen = (0..<arms).filter { count[$0] > 0 }
    let within = seen.reduce(0.0) { total, arm in
      total + max(0, square[arm] - sum[arm] * sum[arm] / count[arm])
    }
    let freedom = count.reduce(0, +) - Double(seen.count)
    let variance = freedom > 0 ? within / freedom : 0
    return (0..<arms).map { arm in
      let n = count[arm] + prior.count
      return n > 0 ? count[arm] * variance / (n * n) : 0
    }
  }

  /// Rows of an arm that the model was made from.
  func count(arm: Int) -> Double { counts.reduce(0) { $0 + value($1, arm) } }

  private func value(_ values: [Double], _ arm: Int) -> Double {
    arm < values.count ? values[arm] : 0
  }
}
