// Rows dealt into folds, each with its share of every label.

import BayesNumerics

/// The fold of every row, from 0.
///
/// Rows are shuffled within each label and dealt out label after label, so that two folds differ by one row at most,
/// altogether and of each label.
func stratifiedFolds(labels: [Int], classes: Int, folds: Int, seed: UInt64) -> [Int] {
  var members = [[Int]](repeating: [], count: classes)
  for (row, label) in labels.enumerated() { members[label].append(row) }
  var result = [Int](repeating: 0, count: labels.count)
  var dealt = 0
  for label in 0..<classes {
    // Chain 1: the simulations have chain 0.
    var stream = RandomStream(seed: seed, chain: 1, purpose: .simulation, iteration: label)
    for i in stride(from: members[label].count - 1, to: 0, by: -1) {
      members[label].swapAt(i, Int(stream.next().multipliedFullWidth(by: UInt64(i + 1)).high))
    }
    for row in members[label] {
      result[row] = dealt % folds
      dealt += 1
    }
  }
  return result
}
