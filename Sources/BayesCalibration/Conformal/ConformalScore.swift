// How unlikely a class looks to a classifier: the scores of conformal prediction sets.

/// A conformal score of a class: small for the classes that belong into a prediction set first.
///
/// With the classes of a row ordered by decreasing probability (equal ones by their number), `o` the rank of
/// class y from 1, `ρ` the sum of the probabilities before it and u uniform on (0, 1):
///
/// ```
/// threshold     1 − p_y
/// adaptive      ρ + u·p_y
/// regularised   ρ + u·p_y + λ·max(0, o − k)
/// ```
///
/// `threshold` has the smallest sets on average, the other two have sets that grow with the difficulty of the
/// row; regularisation keeps the rare large sets small. Without randomisation u is 1: then sets are larger than
/// they need be.
///
/// Reference: Sadinle, Lei, Wasserman 2019, "Least ambiguous set-valued classifiers with bounded error levels", doi
/// 10.1080/01621459.2017.1395341; Romano, Sesia, Candès 2020, "Classification with valid and adaptive coverage",
/// NeurIPS; Angelopoulos, Bates, Malik, Jordan 2021, "Uncertainty sets for image classifiers using conformal
/// prediction", ICLR.
public enum ConformalScore: Sendable, Equatable {
  /// 1 − p_y (LAC).
  case threshold
  /// The probability at least as large as the class's own (APS).
  case adaptive(isRandomised: Bool = true)
  /// The adaptive score with a penalty λ, `weight`, for each rank beyond k, `freeRank` (RAPS).
  case regularised(weight: Double = 0.01, freeRank: Int = 5, isRandomised: Bool = true)

  /// The name, in words.
  public var name: String {
    switch self {
    case .threshold: "threshold (LAC)"
    case .adaptive(let isRandomised): "adaptive (APS\(isRandomised ? "" : ", not randomised"))"
    case .regularised(let weight, let freeRank, let isRandomised):
      "regularised (RAPS, λ = \(short(weight)) beyond rank \(freeRank)"
        + "\(isRandomised ? "" : ", not randomised"))"
    }
  }

  /// Whether random numbers are used.
  var isRandomised: Bool {
    switch self {
    case .threshold: false
    case .adaptive(let isRandomised), .regularised(_, _, let isRandomised): isRandomised
    }
  }

  /// Throws for a penalty that is negative or not finite, and for a negative rank.
  func check() throws {
    guard case .regularised(let weight, let freeRank, _) = self else { return }
    guard weight >= 0, weight.isFinite, freeRank >= 0 else {
      throw CalibrationError.invalidSetting(
        "RAPS needs a finite weight λ ≥ 0 and a rank k ≥ 0, found \(short(weight)) and \(freeRank)")
    }
  }

  /// Writes the scores of all classes of a row; `u` counts only where the score is randomised.
  ///
  /// Calibration and prediction both come here, so that equal rows have equal scores to the last bit.
  func write(
    _ p: ArraySlice<Double>, u: Double, order: inout [Int], to scores: inout [Double]
  ) {
    let (k, start) = (p.count, p.startIndex)
    if case .threshold = self {
      for j in 0..<k { scores[j] = 1 - p[start + j] }
      return
    }
    for j in 0..<k { order[j] = j }
    order.sort { p[start + $0] != p[start + $1] ? p[start + $0] > p[start + $1] : $0 < $1 }
    let share = isRandomised ? u : 1
    var before = 0.0
    for (rank, j) in order.enumerated() {
      scores[j] = before + share * p[start + j]
      before += p[start + j]
      if case .regularised(let weight, let freeRank, _) = self {
        scores[j] += weight * Double(Swift.max(0, rank + 1 - freeRank))
      }
    }
  }
}
