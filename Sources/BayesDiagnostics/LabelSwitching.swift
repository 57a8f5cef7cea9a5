// Finds vectors whose elements changed places between chains.

import BayesCore

/// The variables whose chains disagree, but agree once each chain's elements are put in order.
///
/// The components of a mixture may be numbered differently in each chain: each chain then found
/// the same posterior, and only the names differ. For the chain means of each element the test
/// compares the variance between chains before and after sorting them within each chain: the sorted
/// ones must have lost 95 % of it and lie within a third of the within-chain spread. Sorting
/// chains that disagree for other reasons loses 30 % (two elements) to 80 % (ten).
func permutedVariables(_ draws: Draws, _ quantities: [QuantitySummary]) -> [String] {
  guard draws.chainCount > 1, draws.drawCount >= 4 else { return [] }
  var first = 0
  var names: [String] = []
  for variable in draws.variables {
    let columns = first..<first + variable.count
    first = columns.upperBound
    guard variable.dimensions.count == 1, (2...64).contains(variable.count),
      quantities[columns].allSatisfy({ $0.rHat.number != nil }),
      quantities[columns].contains(where: { ($0.rHat.number ?? 0) > 1.1 })
    else { continue }
    if isPermuted(columns.map { moments(draws.column($0)) }) { names.append(variable.name) }
  }
  return names
}

/// Chain means and the mean within-chain variance of one element.
private typealias Moments = (means: [Double], variance: Double)

private func moments(_ chains: [[Double]]) -> Moments {
  let means = chains.map { $0.reduce(0, +) / Double($0.count) }
  let variances = zip(chains, means).map { chain, mean in
    chain.reduce(0) { $0 + square($1 - mean) } / Double(chain.count - 1)
  }
  return (means, variances.reduce(0, +) / Double(chains.count))
}

private func isPermuted(_ elements: [Moments]) -> Bool {
  let chains = elements[0].means.indices
  let sorted = chains.map { chain in elements.map(\.means[chain]).sorted() }
  let before = elements.reduce(0) { $0 + variance($1.means) }
  let after = elements.indices.reduce(0) { sum, k in sum + variance(sorted.map { $0[k] }) }
  let within = elements.reduce(0) { $0 + $1.variance }
  return after < 0.05 * before && after < within / 9
}

private func variance(_ values: [Double]) -> Double {
  let mean = values.reduce(0, +) / Double(values.count)
  return values.reduce(0) { $0 + square($1 - mean) } / Double(values.count - 1)
}
