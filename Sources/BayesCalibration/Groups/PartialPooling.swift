// The posterior of the mean and the spread of groups on points, and each group's marginal from it.

import BayesCore
import BayesNumerics
import Glibc

/// The joint posterior of m and s, with the groups integrated out, on points at equal steps of m for each log s.
struct PartialPooling: Sendable {
  /// The points of one s.
  private struct Line: Sendable {
    let s: Double
    /// The first m.
    let start: Double
    let step: Double
    /// The log posterior of (m, log s), unnormalised.
    let values: [Double]
    /// Of each group, log Z at every m.
    let integrals: [[Double]]
    /// Of each group, the posterior means of u and u² at every m.
    let moments: [[(mean: Double, square: Double)]]
    /// log ∫ dm.
    let total: Double
    /// How many lines this one stands for.
    var share = 1.0
  }

  private let groups: [GroupLikelihood]
  private let lines: [Line]
  private let prior: HierarchicalTemperature.Prior
  /// The density of log s.
  let spreads: LogDensityTable
  /// The mean of s.
  let meanSpread: Double

  init(
    _ groups: [GroupLikelihood], _ prior: HierarchicalTemperature.Prior, threads: Int
  ) throws {
    // The posterior of log s has a relative width of about 1/√(2G), and for small s the slope of its prior, 1.
    let step = Swift.min(0.2, 0.5 / (2 * Double(groups.count)).squareRoot())
    let narrowest = groups.map(\.width).min() ?? 1
    let (low, high) = (log(0.01 * Swift.min(narrowest, prior.spread)), log(6 * prior.spread))
    /// Some lines at once, at equal steps from one on.
    func lines(_ first: Double, _ step: Double, _ count: Int) throws -> [Line?] {
      try parallelMap(count: count, threads: threads) {
        Self.line(exp(first + step * Double($0)), groups, prior)
      }
    }
    var best: (v: Double, total: Double)?
    for line in try lines(low, (high - low) / 24, 25).compactMap({ $0 }) {
      if line.total > best?.total ?? -.infinity { best = (log(line.s), line.total) }
    }
    guard let best else {
      throw CalibrationError.notConverged(method: "the posterior of the spread of groups")
    }
    var largest = best.total
    func walk(_ direction: Double) throws -> [Line] {
      var walked: [Line] = []
      while walked.count < 2000 {
        let first = best.v + direction * step * Double(walked.count + 1)
        for next in try lines(first, direction * step, 8) {
          guard let next else { return walked }
          walked.append(next)
          largest = Swift.max(largest, next.total)
          if next.total < largest - 18 || (direction < 0 && log(next.s) < low) { return walked }
        }
      }
      return walked
    }
    let below = try walk(-1).reversed()
    var all = below + (try lines(best.v, 0, 1)).compactMap { $0 } + (try walk(1))
    // Below a hundredth of every width the groups do not feel s: what is left falls like s, and goes to the last line.
    all[0].share = 1 / (1 - exp(-step))
    let densities = all.map { $0.total }
    self.groups = groups
    self.prior = prior
    let tail = (1...Int((18 / step).rounded(.up))).map { step * Double($0) }.reversed()
    spreads = LogDensityTable(
      nodes: tail.map { log(all[0].s) - $0 } + all.map { log($0.s) },
      logDensities: tail.map { densities[0] - $0 } + densities)
    let masses = all.map { $0.share * exp($0.total - largest) }
    meanSpread = zip(all, masses).reduce(0) { $0 + $1.0.s * $1.1 } / masses.reduce(0, +)
    // Values relative to the largest, and lines that weigh nothing left out.
    self.lines = all.filter { $0.total > largest - 25 }
  }

  /// All m of one s that count; `nil` where no m has a number.
  private static func line(
    _ s: Double, _ groups: [GroupLikelihood], _ prior: HierarchicalTemperature.Prior
  ) -> Line? {
    let common = prior.common
    // As if every likelihood were normal: good enough for a start and a step.
    var (precision, mean) = (1 / (common.scale * common.scale), 0.0)
    mean = precision * common.location
    for group in groups {
      let share = 1 / (s * s + group.width * group.width)
      precision += share
      mean += share * group.mode
    }
    let start = mean / precision
    let step = 0.4 / precision.squareRoot()
    typealias Point = (
      value: Double, integrals: [Double], moments: [(mean: Double, square: Double)]
    )
    let z = s / prior.spread
    // The density of log s: half-normal times s.
    let constant = log(s) - log(prior.spread) - 0.5 * z * z
    func point(_ m: Double) -> Point {
      let t = (m - common.location) / common.scale
      var value = constant - 0.5 * t * t - log(common.scale)
      var (integrals, moments) = ([Double](), [(mean: Double, square: Double)]())
      for group in groups {
        let integral = group.integral(m, s)
        integrals.append(log(integral.value))
        moments.append((integral.mean, integral.square))
        value += integrals[integrals.count - 1]
      }
      return (value, integrals, moments)
    }
    let first = point(start)
    guard first.value > -.infinity else { return nil }
    var largest = first.value
    func walk(_ direction: Double) -> [Point] {
      var points: [Point] = []
      while points.count < 400 {
        let next = point(start + direction * step * Double(points.count + 1))
        guard next.value > -.infinity else { break }
        points.append(next)
        largest = Swift.max(largest, next.value)
        if next.value < largest - 25 { break }
      }
      return points
    }
    let below = walk(-1)
    let points = below.reversed() + [first] + walk(1)
    let values = points.map(\.value)
    return Line(
      s: s, start: start - step * Double(below.count), step: step, values: values,
      integrals: groups.indices.map { g in points.map { $0.integrals[g] } },
      moments: groups.indices.map { g in points.map { $0.moments[g] } },
      total: logSumExp(values) + log(step))
  }

  /// The marginal posterior of a group's log T, or, without a group, that of a new one's.
  ///
  /// Given s, the density at u is the group's likelihood times ∫ N(u; m, s²) R(m) dm, with R the posterior of m without
  /// the group. Where s is the larger width the integral is a sum over the points of m; else R, smooth on that scale, is
  /// interpolated at points of the normal around u.
  func density(group: Int?) -> LogDensityTable {
    let offset = lines.map(\.total).max() ?? 0
    let remainders = lines.map { line in
      line.values.indices.map { k in
        line.values[k] - offset - (group.map { line.integrals[$0][k] } ?? 0)
      }
    }
    func logDensity(_ u: Double) -> Double {
      let own = group.map { groups[$0](u) } ?? 0
      guard own > -.infinity else { return -.infinity }
      var sum = 0.0
      for (line, remainder) in zip(lines, remainders) {
        sum += line.share * Self.smoothed(line, remainder, at: u, plus: own)
      }
      return log(sum)
    }
    let (mean, deviation) = moments(group, offset)
    return LogDensityTable(around: mean, step: 0.25 * deviation, logDensity)
  }

  /// exp(own) ∫ N(u; m, s²) exp(R(m)) dm.
  private static func smoothed(
    _ line: Line, _ remainder: [Double], at u: Double, plus own: Double
  ) -> Double {
    let (s, step) = (line.s, line.step)
    var sum = 0.0
    if s > 1.5 * step {
      for k in remainder.indices {
        let z = (u - line.start - step * Double(k)) / s
        if abs(z) < 9 { sum += exp(own + remainder[k] - 0.5 * z * z) }
      }
      return sum * step / (s * (2 * Double.pi).squareRoot())
    }
    for (z, weight) in normalRule {
      let place = (u + s * z - line.start) / step
      guard place >= 0, place <= Double(remainder.count - 1) else { continue }
      let k = Swift.min(Int(place), Swift.max(0, remainder.count - 2))
      sum += weight * exp(own + cubic(remainder, k, place - Double(k)))
    }
    return sum
  }

  /// The posterior mean and standard deviation of a group's log T.
  private func moments(_ group: Int?, _ offset: Double) -> (mean: Double, deviation: Double) {
    var (sum, first, second) = (0.0, 0.0, 0.0)
    for line in lines {
      for (k, value) in line.values.enumerated() {
        let mass = line.share * exp(value - offset) * line.step
        let m = line.start + line.step * Double(k)
        let (mean, square) = group.map { line.moments[$0][k] } ?? (m, m * m + line.s * line.s)
        sum += mass
        first += mass * mean
        second += mass * square
      }
    }
    let mean = first / sum
    return (mean, Swift.max(second / sum - mean * mean, 1e-18 * (1 + mean * mean)).squareRoot())
  }
}
