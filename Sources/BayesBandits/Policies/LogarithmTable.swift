// Logarithms of round numbers, computed once.

internal import Glibc

/// `ln t` of the rounds that every replicate goes through again.
///
/// Confidence bounds take the logarithm of the round's number in every round; of UCB1's time that was a sixth.
/// The table gives the bits that `log` gives.
struct LogarithmTable: Sendable {
  /// The table that all policies share. It is never freed.
  static let shared = LogarithmTable()

  /// 128 KiB: as many rounds as simulations usually have.
  private static let count = 16_384
  nonisolated(unsafe) private let values: UnsafePointer<Double>

  private init() {
    let values = UnsafeMutablePointer<Double>.allocate(capacity: Self.count)
    for round in 0..<Self.count {
      (values + round).initialize(to: log(Double(max(1, round))))
    }
    self.values = UnsafePointer(values)
  }

  /// The logarithm of the rounds played; 0 where less than one is remembered.
  ///
  /// - Parameter plays: not negative; a fraction where rewards are discounted.
  @inline(__always)
  func callAsFunction(_ plays: Double) -> Double {
    guard plays < Double(Self.count) else { return log(plays) }
    let round = Int(plays)
    return Double(round) == plays ? values[round] : log(max(1, plays))
  }
}
