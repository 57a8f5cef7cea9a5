// What the numbers of the groups say about criteria of fairness, in sentences.

import BayesNumerics

extension FairnessCriteria {
  /// Which criteria can hold together for these groups, in plain sentences, one per element.
  public var statement: [String] {
    var sentences = [rateSentence]
    if isPerfect {
      return sentences + [
        "The scores are 1 for all cases with the event and 0 for all others: every criterion holds."
      ]
    }
    guard ratesDiffer else {
      return sentences + [
        "These data do not tell whether the base rates differ. If they are equal, calibration within groups, equal mean scores "
          + "of cases with and without the event, and equal error rates can all hold together; if they differ, no scores but "
          + "perfect ones have all three."
      ]
    }
    sentences.append(
      "While base rates differ and scores are not perfect, scores calibrated within every group cannot also have, in all "
        + "groups, the same mean among cases with the event and the same among cases without (Kleinberg, Mullainathan, "
        + "Raghavan 2016).")
    let (low, high) = extremes
    if let rate = baseRate(impliedBy: high), let positives = rows[high].meanOfPositives,
      let negatives = rows[high].meanOfNegatives
    {
      sentences.append(
        "The mean scores of \(rows[high].name), \(share(positives)) with the event and \(share(negatives)) without, are those "
          + "of calibrated scores at a base rate of \(share(rate)) only; \(rows[low].name) has \(share(rows[low].baseRate.value ?? 0))."
      )
    }
    sentences.append(
      "Nor can decisions at one threshold have equal predictive values, false positive and false negative rates in all "
        + "groups (Chouldechova 2017).")
    if let needed = neededFalsePositives(low, asIn: high),
      let found = rows[low].falsePositives.value
    {
      sentences.append(
        "With the predictive value and the false negative rate of \(rows[high].name), \(rows[low].name) would need a false "
          + "positive rate of \(share(needed))\(needed > 1 ? ", which there is not" : ""); it has \(share(found))."
      )
    }
    sentences.append(
      "What can hold: calibration within groups, with error rates that differ; or equal error rates, by a threshold for "
        + "each group, with predictive values that differ. Which matters is a choice that no measurement makes."
    )
    return sentences
  }

  /// The groups with the smallest and the largest base rate, among those of 30 cases or more where there are two: the rates of
  /// smaller ones are mostly chance.
  private var extremes: (low: Int, high: Int) {
    let rates = rows.map { $0.baseRate.value ?? 0 }
    let large = rows.indices.filter { rows[$0].baseRate.count >= 30 }
    let groups = large.count >= 2 ? large : Array(rows.indices)
    var (low, high) = (groups[0], groups[0])
    for g in groups {
      if rates[g] < rates[low] { low = g }
      if rates[g] > rates[high] { high = g }
    }
    return (low, high)
  }

  private var rateSentence: String {
    let (low, high) = extremes
    let range =
      "Base rates go from \(share(rows[low].baseRate.value ?? 0)) (\(rows[low].name)) to "
      + "\(share(rows[high].baseRate.value ?? 0)) (\(rows[high].name))"
    let p =
      equalRatesPValue < 0.001 ? "less than 0.001" : formatted(equalRatesPValue, significant: 2)
    return ratesDiffer
      ? "\(range): they differ (probability of as much by chance: \(p))."
      : "\(range): no more than chance would have it (probability of as much: \(p))."
  }

  private func share(_ value: Double) -> String { "\(fixed(100 * value, decimals: 1)) %" }
}
