// The likelihood of a temperature: convex in its inverse, from gaps between logits.

import BayesNumerics
import Glibc

/// The negative log-likelihood of labels as a function of the inverse temperature β = 1/T.
///
/// With `d_ij` the logit of class j minus that of row i's label, for the K − 1 other classes,
///
/// ```
/// NLL(β) = Σ_i log(1 + Σ_j exp(β d_ij))
/// ```
///
/// a sum of log-sum-exps of linear functions, so convex in β (not in T). A binary classifier has one gap per row.
struct TemperatureLikelihood: Sendable {
  let rows: Int
  /// K − 1.
  let columns: Int
  let gaps: [Double]

  private init(rows: Int, columns: Int, gaps: [Double]) {
    self.rows = rows
    self.columns = columns
    self.gaps = gaps
  }

  init(_ predictions: BinaryPredictions) {
    rows = predictions.count
    columns = 1
    let (labels, logits) = (predictions.labels, predictions.logits)
    gaps = (0..<rows).map { labels[$0] == 1 ? -logits[$0] : logits[$0] }
  }

  init(_ predictions: MulticlassPredictions) {
    rows = predictions.count
    let classes = predictions.classCount
    columns = classes - 1
    var gaps: [Double] = []
    gaps.reserveCapacity(rows * columns)
    for row in 0..<rows {
      let label = predictions.labels[row]
      let own = predictions.logits.values[row * classes + label]
      for j in 0..<classes where j != label {
        gaps.append(predictions.logits.values[row * classes + j] - own)
      }
    }
    self.gaps = gaps
  }

  /// First and second derivative of NLL(β), one exponential per gap.
  func derivatives(_ beta: Double) -> (slope: Double, curvature: Double) {
    gaps.withUnsafeBufferPointer { d in
      var (slope, curvature) = (0.0, 0.0)
      if columns == 1 {
        for gap in d {
          let e = exp(-abs(beta * gap))
          let inverse = 1 / (1 + e)
          let larger = inverse * gap
          slope += gap > 0 ? larger : e * larger
          curvature += e * larger * larger
        }
        return (slope, curvature)
      }
      var start = 0
      while start < d.count {
        var largest = 0.0
        for j in start..<start + columns { largest = Swift.max(largest, d[j]) }
        var (total, first, second) = (exp(-beta * largest), 0.0, 0.0)
        for j in start..<start + columns {
          let weight = exp(beta * (d[j] - largest))
          total += weight
          first += weight * d[j]
          second += weight * d[j] * d[j]
        }
        let mean = first / total
        slope += mean
        curvature += Swift.max(0, second / total - mean * mean)
        start += columns
      }
      return (slope, curvature)
    }
  }

  /// NLL(β).
  func value(_ beta: Double) -> Double {
    gaps.withUnsafeBufferPointer { d in
      var sum = 0.0
      var start = 0
      while start < d.count {
        var largest = 0.0
        for j in start..<start + columns { largest = Swift.max(largest, d[j]) }
        var others = 0.0
        if columns == 1 {
          sum += beta * largest + log1p(exp(-abs(beta * d[start])))
        } else {
          for j in start..<start + columns { others += exp(beta * (d[j] - largest)) }
          sum += beta * largest + log(others + exp(-beta * largest))
        }
        start += columns
      }
      return sum
    }
  }

  /// The probability of every row's label at β, and its derivative by β.
  func labelProbabilities(_ beta: Double) -> (values: [Double], slopes: [Double]) {
    var values = [Double](repeating: 0, count: rows)
    var slopes = values
    gaps.withUnsafeBufferPointer { d in
      if columns == 1 {
        for row in 0..<rows {
          let e = exp(-abs(beta * d[row]))
          let inverse = 1 / (1 + e)
          values[row] = d[row] > 0 ? e * inverse : inverse
          slopes[row] = -d[row] * e * inverse * inverse
        }
        return
      }
      for row in 0..<rows {
        let own = d[row * columns..<(row + 1) * columns]
        // exp(−β·largest) is the label's own weight beside weights of 1 at most.
        let largest = own.reduce(0) { Swift.max($0, $1) }
        let label = exp(-beta * largest)
        var (total, first) = (label, 0.0)
        for gap in own {
          let weight = exp(beta * (gap - largest))
          total += weight
          first += weight * gap
        }
        values[row] = label / total
        slopes[row] = -values[row] * first / total
      }
    }
    return (values, slopes)
  }

  /// About as many of the rows, evenly spaced: their maximum is a good start.
  func sample(_ count: Int) -> TemperatureLikelihood {
    let stride = rows / count
    let rows = stride == 0 ? self.rows : self.rows / stride
    var gaps: [Double] = []
    gaps.reserveCapacity(rows * columns)
    for row in 0..<rows {
      let start = row * Swift.max(1, stride) * columns
      gaps.append(contentsOf: self.gaps[start..<start + columns])
    }
    return TemperatureLikelihood(rows: rows, columns: columns, gaps: gaps)
  }

  /// Whether NLL falls for ever as β grows: no gap is positive.
  var isSeparable: Bool { gaps.allSatisfy { $0 <= 0 } }

  /// The β of the maximum likelihood, by Newton's method inside a shrinking bracket.
  ///
  /// - Throws: `CalibrationError.constantScores`, `.antiInformative` where NLL rises from β = 0 on,
  ///   `.separable`.
  func maximumLikelihood(method: String) throws -> Double {
    if gaps.allSatisfy({ $0 == 0 }) { throw CalibrationError.constantScores }
    if isSeparable { throw CalibrationError.separable(method: method) }
    // The derivative at 0 without its factor 1/K.
    if gaps.reduce(0, +) >= 0 { throw CalibrationError.antiInformative(method: method) }
    var (low, high) = (0.0, Double.infinity)
    var beta = rows > 60_000 ? (try? sample(20_000).maximumLikelihood(method: method)) ?? 1 : 1
    var lastStep = Double.infinity
    for _ in 0..<400 {
      let (slope, curvature) = derivatives(beta)
      if slope == 0 { return beta }
      if slope < 0 { low = beta } else { high = beta }
      let newton = beta - slope / curvature
      var next = newton
      // Newton's step must stay in the bracket and halve from one to the next; else the bracket is cut.
      if !(newton > low && newton < high) || abs(newton - beta) > 0.5 * lastStep {
        if high == .infinity {
          next = 4 * beta
        } else {
          next = low == 0 ? beta / 4 : (low * high).squareRoot()
        }
      }
      let step = abs(next - beta)
      // The error after a Newton step is of the order of its square.
      if next == newton, step <= 1e-9 * beta { return next }
      if step <= beta.ulp { return next }
      lastStep = next == newton ? step : .infinity
      beta = next
    }
    throw CalibrationError.notConverged(method: method)
  }
}
