// The metric that a chain ended up with, as its reader sees it.

/// The inverse metric M⁻¹ of a chain: an estimate of the posterior covariance, unconstrained scale.
public enum Metric: Sendable, Equatable {
  /// The diagonal of M⁻¹, `dimension` variances.
  case diagonal([Double])
  /// M⁻¹, row-major, `dimension`² numbers.
  case dense([Double])

  /// The diagonal of M⁻¹.
  public var diagonal: [Double] {
    switch self {
    case .diagonal(let values): return values
    case .dense(let values):
      var dimension = 0
      while dimension * dimension < values.count { dimension += 1 }
      return (0..<dimension).map { values[$0 * dimension + $0] }
    }
  }

  /// Whether M⁻¹ has entries off the diagonal.
  public var isDense: Bool {
    if case .dense = self { true } else { false }
  }
}
