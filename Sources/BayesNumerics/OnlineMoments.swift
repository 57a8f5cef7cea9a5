// Means, variances and covariances of a stream of vectors, without storing it.

/// Running mean and variance of each component of a stream of vectors.
///
/// Welford's update keeps the sum of squared deviations from the current mean, so nothing cancels
/// even where the variance is tiny beside the mean.
///
/// Reference: Welford 1962, Technometrics 4(3); merging: Chan, Golub, LeVeque 1983, The American
/// Statistician 37(3), doi 10.1080/00031305.1983.10483115.
public struct OnlineMoments: Sendable, Equatable {
  /// The length of the vectors.
  public let dimension: Int
  /// Vectors seen.
  public private(set) var count = 0
  /// The mean of each component; 0 before the first vector.
  public private(set) var mean: [Double]
  /// Σ(x − mean)² of each component.
  public private(set) var squaredDeviations: [Double]

  /// No vectors yet.
  public init(dimension: Int) {
    self.dimension = dimension
    mean = Array(repeating: 0, count: dimension)
    squaredDeviations = mean
  }

  /// Takes in one vector of `dimension` numbers; allocates nothing.
  public mutating func add(_ vector: UnsafePointer<Double>) {
    count += 1
    let weight = 1 / Double(count)
    let n = dimension
    mean.withUnsafeMutableBufferPointer { mean in
      squaredDeviations.withUnsafeMutableBufferPointer { squares in
        for i in 0..<n {
          let before = vector[i] - mean[i]
          mean[i] += before * weight
          squares[i] += before * (vector[i] - mean[i])
        }
      }
    }
  }

  /// Takes in all that `other` saw, as if its vectors had been added here.
  public mutating func merge(_ other: OnlineMoments) {
    precondition(other.dimension == dimension, "moments of equal dimension")
    guard other.count > 0 else { return }
    let total = Double(count + other.count)
    let share = Double(other.count) / total
    for i in 0..<dimension {
      let difference = other.mean[i] - mean[i]
      mean[i] += difference * share
      squaredDeviations[i] +=
        other.squaredDeviations[i] + difference * difference * Double(count) * share
    }
    count += other.count
  }

  /// The sample variance (denominator count − 1) of a component; NaN below two vectors.
  public func variance(_ component: Int) -> Double {
    count < 2 ? .nan : squaredDeviations[component] / Double(count - 1)
  }

  /// The sample variances of all components; NaN below two vectors.
  public var variances: [Double] { (0..<dimension).map(variance) }

  /// Forgets all vectors and keeps the memory.
  public mutating func reset() {
    count = 0
    for i in 0..<dimension {
      mean[i] = 0
      squaredDeviations[i] = 0
    }
  }
}

/// Running mean and covariance matrix of a stream of vectors.
///
/// The same update as `OnlineMoments` for all pairs: C += (x − mean before)(x − mean after)ᵀ.
public struct OnlineCovariance: Sendable, Equatable {
  /// The length of the vectors.
  public let dimension: Int
  /// Vectors seen.
  public private(set) var count = 0
  /// The mean of each component; 0 before the first vector.
  public private(set) var mean: [Double]
  /// Σ(x − mean)(y − mean) of all pairs, row-major; symmetric.
  private var coDeviations: [Double]
  private var before: [Double]

  /// No vectors yet.
  public init(dimension: Int) {
    self.dimension = dimension
    mean = Array(repeating: 0, count: dimension)
    before = mean
    coDeviations = Array(repeating: 0, count: dimension * dimension)
  }

  /// Takes in one vector of `dimension` numbers; dimension² operations, no allocation.
  public mutating func add(_ vector: UnsafePointer<Double>) {
    count += 1
    let weight = 1 / Double(count)
    for i in 0..<dimension {
      before[i] = vector[i] - mean[i]
      mean[i] += before[i] * weight
    }
    for i in 0..<dimension {
      let after = vector[i] - mean[i]
      for j in 0...i {
        // Symmetric because x − mean after is a multiple of x − mean before.
        let value = before[j] * after
        coDeviations[i * dimension + j] += value
        if i != j { coDeviations[j * dimension + i] += value }
      }
    }
  }

  /// Takes in all that `other` saw, as if its vectors had been added here.
  public mutating func merge(_ other: OnlineCovariance) {
    precondition(other.dimension == dimension, "moments of equal dimension")
    guard other.count > 0 else { return }
    let share = Double(other.count) / Double(count + other.count)
    for i in 0..<dimension { before[i] = other.mean[i] - mean[i] }
    for i in 0..<dimension {
      for j in 0..<dimension {
        coDeviations[i * dimension + j] +=
          other.coDeviations[i * dimension + j] + before[i] * before[j] * Double(count) * share
      }
    }
    for i in 0..<dimension { mean[i] += before[i] * share }
    count += other.count
  }

  /// The sample covariance (denominator count − 1), row-major; NaN below two vectors.
  public var covariance: [Double] {
    coDeviations.map { count < 2 ? .nan : $0 / Double(count - 1) }
  }
}
