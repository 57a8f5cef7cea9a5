// CUPED: what was known of the units before the test explains part of their variance; that part is taken out.

import Glibc

/// Values with the part that a covariate explains taken out.
///
/// ```
/// adjusted = value − slope · (covariate − mean of the covariate)
/// slope = Σ cov(value, covariate)/Σ var(covariate), within variants
/// ```
///
/// Deviations from a variant's mean are then stretched by √(d/(d − 1)), d the units less the variants: the slope is
/// estimated, and their variance is that of a regression's residuals.
///
/// The covariate must not be affected by the test: something from before it. The expectation of every variant's mean stays,
/// the variance falls by the squared correlation within variants.
///
/// Reference: Deng, Xu, Kohavi, Walker 2013, "Improving the sensitivity of online controlled experiments by utilizing
/// pre-experiment data", WSDM'13, doi 10.1145/2433396.2433413.
public struct CovariateAdjustment: Sendable, Equatable {
  /// The adjusted values.
  public let adjusted: [Double]
  /// The slope; 0 for a constant covariate.
  public let slope: Double
  /// The part of the variance within variants that is gone, from 0 to 1.
  public let varianceReduction: Double
  /// The mean of the covariate in each variant: they should differ by chance alone.
  public let covariateMeans: [Double]

  /// Adjusts values.
  ///
  /// - Precondition: equally many values, covariates and groups; groups from 0 to `groupCount − 1`.
  public init(values: [Double], covariate: [Double], groups: [Int], groupCount: Int) {
    precondition(
      values.count == covariate.count && values.count == groups.count, "a covariate for each value")
    var counts = [Double](repeating: 0, count: groupCount)
    var xMeans = counts
    var yMeans = counts
    for (row, group) in groups.enumerated() {
      counts[group] += 1
      xMeans[group] += (covariate[row] - xMeans[group]) / counts[group]
      yMeans[group] += (values[row] - yMeans[group]) / counts[group]
    }
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (row, group) in groups.enumerated() {
      let (dx, dy) = (covariate[row] - xMeans[group], values[row] - yMeans[group])
      xx += dx * dx
      xy += dx * dy
      yy += dy * dy
    }
    let slope = xx > 0 ? xy / xx : 0
    let all = zip(xMeans, counts).reduce(0) { $0 + $1.0 * $1.1 } / Double(max(1, values.count))
    // The slope took a degree of freedom from the deviations within variants: they are stretched by what
    // their variance, taken without it, would be too small.
    let degrees = Double(values.count - groupCount)
    let stretch = xx > 0 && degrees > 1 ? (degrees / (degrees - 1)).squareRoot() : 1
    adjusted = values.indices.map { row in
      let group = groups[row]
      let plain = values[row] - slope * (covariate[row] - all)
      if stretch == 1 { return plain }
      let center = yMeans[group] - slope * (xMeans[group] - all)
      return center + stretch * (plain - center)
    }
    self.slope = slope
    varianceReduction = xx > 0 && yy > 0 ? min(1, xy * xy / (xx * yy)) : 0
    covariateMeans = xMeans
  }
}
