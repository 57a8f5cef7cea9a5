// Rank normalisation: draws to normal scores.

import BayesNumerics

/// The normal scores of the ranks 1…S.
///
/// ```
/// z(r) = Φ⁻¹((r − 3/8)/(S + 1/4))
/// ```
/// Reference: Blom 1958; Vehtari et al. 2021, section 3.2 (which prints S − 1/4; code and intent
/// have +). Tabulated once and shared by all quantities of a summary; only average ranks of ties
/// that fall between two whole ranks are computed on the spot.
struct NormalScores: Sendable {
  private let table: [Double]

  init(count: Int) {
    let half = (0..<(count + 1) / 2).map { Self.score(rank: Double($0 + 1), of: count) }
    // Φ⁻¹ is odd and the ranks are symmetric, so the upper half is the lower one mirrored.
    table = half + half.prefix(count / 2).reversed().map { -$0 }
  }

  var count: Int { table.count }

  /// The score of the average rank of the (0-based) sorted positions `first...last`.
  func score(first: Int, last: Int) -> Double {
    let sum = first + last
    return sum % 2 == 0
      ? table[sum / 2] : Self.score(rank: Double(sum) / 2 + 1, of: table.count)
  }

  private static func score(rank: Double, of count: Int) -> Double {
    normalQuantile((rank - 0.375) / (Double(count) + 0.25))
  }
}
