// Where the frequency of a bin would lie if its forecasts were right.

import BayesNumerics

extension ReliabilityTable.Bin {
  /// The frequencies that are likely in this bin if every event comes with the probability given to it.
  ///
  /// From and to the quantiles of a binomial distribution with the bin's mean forecast, which is a little wider than the
  /// exact law: forecasts that differ within the bin make the number of events vary less.
  ///
  /// Reference: Bröcker, Smith 2007, "Increasing the reliability of reliability diagrams", doi 10.1175/WAF993.1.
  ///
  /// - Precondition: `probability` lies between 0 and 1.
  public func consistencyBand(_ probability: Double = 0.95) -> ClosedRange<Double> {
    precondition(probability > 0 && probability < 1, "a probability between 0 and 1")
    let tail = 0.5 * (1 - probability)
    let (low, high) = (binomialQuantile(tail), binomialQuantile(1 - tail))
    return Double(low) / Double(count)...Double(high) / Double(count)
  }

  /// The smallest number of events k with P(K ≤ k) at least `p`.
  private func binomialQuantile(_ p: Double) -> Int {
    if meanForecast <= 0 { return 0 }
    if meanForecast >= 1 { return count }
    var (low, high) = (-1, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      // P(K ≤ k) = I(1 − q; n − k, k + 1).
      let below = betaCDF(1 - meanForecast, Double(count - middle), Double(middle + 1))
      if below >= p { high = middle } else { low = middle }
    }
    return high
  }
}
