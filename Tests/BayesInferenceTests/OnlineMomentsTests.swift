// Running moments against two passes over the data.

import BayesNumerics
import Testing

@Suite("Online moments")
struct OnlineMomentsTests {
  private static let rows: [[Double]] = (0..<37).map { k in
    var random = RandomStream(seed: 8, chain: 0, purpose: .test, iteration: k)
    let x = random.uniform()
    return [1e9 + x, x * x - random.uniform(), -3 * x]
  }

  private static func twoPass(_ rows: [[Double]]) -> (mean: [Double], covariance: [Double]) {
    let n = Double(rows.count)
    let mean = (0..<3).map { i in rows.reduce(0) { $0 + $1[i] } / n }
    var covariance: [Double] = []
    for i in 0..<3 {
      for j in 0..<3 {
        let sum = rows.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[j] - mean[j]) }
        covariance.append(sum / (n - 1))
      }
    }
    return (mean, covariance)
  }

  @Test(
    "Moments and covariances, added or merged, are those of two passes", arguments: [0, 1, 10, 37])
  func moments(split: Int) {
    let exact = Self.twoPass(Self.rows)
    var moments = (OnlineMoments(dimension: 3), OnlineMoments(dimension: 3))
    var covariances = (OnlineCovariance(dimension: 3), OnlineCovariance(dimension: 3))
    for row in Self.rows[..<split] {
      moments.0.add(row)
      covariances.0.add(row)
    }
    for row in Self.rows[split...] {
      moments.1.add(row)
      covariances.1.add(row)
    }
    moments.0.merge(moments.1)
    covariances.0.merge(covariances.1)
    #expect(moments.0.count == 37 && covariances.0.count == 37)
    for i in 0..<3 {
      #expect(abs(moments.0.mean[i] - exact.mean[i]) <= 1e-12 * abs(exact.mean[i]))
      #expect(abs(covariances.0.mean[i] - exact.mean[i]) <= 1e-12 * abs(exact.mean[i]))
      #expect(abs(moments.0.variance(i) / exact.covariance[4 * i] - 1) < 1e-6)
      for j in 0..<3 {
        let difference = covariances.0.covariance[3 * i + j] - exact.covariance[3 * i + j]
        #expect(abs(difference) < 1e-6)
      }
    }
  }

  @Test("Below two vectors there is no variance; a reset forgets")
  func few() {
    var moments = OnlineMoments(dimension: 1)
    #expect(moments.variance(0).isNaN)
    moments.add([3])
    #expect(moments.variances.allSatisfy(\.isNaN) && moments.mean == [3])
    moments.add([5])
    #expect(moments.variances == [2])
    moments.reset()
    #expect(moments == OnlineMoments(dimension: 1))
  }
}
