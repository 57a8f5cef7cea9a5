// The largest importance weights of a stream, and the shape of their tail.

import BayesDiagnostics
import Glibc

/// Keeps the largest weights of a stream: enough of them for the Pareto fit, however long it is.
///
/// The fit takes the T + 1 largest of n, T = ⌈min(0.2 n, 3 √n)⌉. What is kept suffices for 10⁹ rows;
/// of longer streams the fit takes a smaller tail. Memory: at most 2²⁰ numbers, 8 MiB.
struct WeightTail {
  private static let kept = 1 << 19
  private var largest: [Double] = []
  private(set) var count = 0
  /// Weights below it are no longer among those kept.
  private var floor = 0.0

  /// Adds a weight; 0 is no part of a tail.
  mutating func add(_ weight: Double) {
    count += 1
    guard weight > floor else { return }
    largest.append(weight)
    if largest.count == 2 * Self.kept { prune() }
  }

  private mutating func prune() {
    largest.sort(by: >)
    largest.removeLast(largest.count - Self.kept)
    floor = largest[Self.kept - 1]
  }

  /// The shape k of the generalised Pareto distribution fitted to the tail, or `nil` where the weights
  /// have none: too few of them, or fewer than five different ones.
  ///
  /// Reference: Vehtari, Simpson, Gelman, Yao, Gabry 2024, "Pareto smoothed importance sampling",
  /// Journal of Machine Learning Research 25(72).
  func shape() -> Double? {
    let tail = min(0.2 * Double(count), 3 * Double(count).squareRoot()).rounded(.up)
    guard largest.count > Int(tail), tail >= 5 else { return nil }
    let sorted = largest.sorted(by: >)
    guard Set(sorted[...Int(tail)]).count >= 5 else { return nil }
    // Of m weights with relative efficiency r the fit takes ⌈3 √(m/r)⌉: the tail's length again. Only
    // the tail and the next weight matter; what is below may be anything small.
    let taken = 5 * Int(tail) + 5
    var logs = sorted.prefix(taken).map { log($0) }
    while logs.count < taken { logs.append(logs[logs.count - 1]) }
    let ratio = (tail - 0.5) / 3
    let efficiency = Double(taken) / (ratio * ratio)
    let shape = SmoothedWeights(logRatios: logs, relativeEfficiency: efficiency).shape
    return shape.isFinite ? shape : nil
  }
}
