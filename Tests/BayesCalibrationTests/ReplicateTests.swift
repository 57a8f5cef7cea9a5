// Replicates without rows: the same laws as with them.

import BayesNumerics
import Testing

@testable import BayesCalibration

@Suite struct ReplicateTests {
  @Test("The number of events, by adding one event after the other", arguments: [1, 2, 7, 60, 900])
  func poissonBinomial(count: Int) {
    var stream = RandomStream(seed: 1, chain: 0, purpose: .test, iteration: count)
    let p = (0..<count).map { $0 == 3 ? 1 : $0 == 4 ? 0 : stream.uniform() * stream.uniform() }
    var law = [1.0]
    for x in p {
      law.append(0)
      for k in stride(from: law.count - 1, through: 0, by: -1) {
        law[k] = law[k] * (1 - x) + (k > 0 ? law[k - 1] * x : 0)
      }
    }
    let found = PoissonBinomial(p[...])
    var sum = 0.0
    for k in 0...count {
      sum += law[k]
      let index = k - found.least
      let value =
        index < 0 ? 0 : index < found.cumulative.count ? found.cumulative[index] : 1
      #expect(abs(value - sum) < 1e-13, "\(k)")
    }
  }

  @Test("Nothing, and certain events alone")
  func certain() {
    var stream = RandomStream(seed: 1, chain: 0, purpose: .test, iteration: 0)
    #expect(PoissonBinomial([]).draw(&stream) == 0)
    #expect(PoissonBinomial([1, 1, 0, 1]).draw(&stream) == 3)
    let many = PoissonBinomial([Double](repeating: 1, count: 70_000)[...])
    #expect(many.draw(&stream) == 70_000)
  }

  @Test("Sorting by digits is sorting", arguments: [1000, 2001, 9000])
  func sorting(count: Int) {
    var stream = RandomStream(seed: 2, chain: 0, purpose: .test, iteration: 0)
    var values = (0..<count).map { _ in (4 * stream.normal()).rounded() * 0.25 }
    values[7] = -0.0
    values[9] = .infinity
    values[11] = -.infinity
    values[13] = -Double.leastNonzeroMagnitude
    let expected = (0..<count).sorted {
      values[$0] != values[$1] ? values[$0] < values[$1] : $0 < $1
    }
    #expect(sortedOrder(values) == expected)
  }

  @Test("A resample draws as many rows as there are, and events and sums as rows would")
  func strata() throws {
    let n = 17_000
    let data = try calibrated(n, seed: 61)
    let order = sortedOrder(data.probabilities)
    let p = order.map { data.probabilities[$0] }
    let outcomes = order.map { data.labels[$0] == 1 }
    let strata = BootstrapStrata(outcomes: outcomes, columns: [p], ends: [40, 9000, n])
    // Draws, events, Σp, Σp of events' strata below the middle.
    var moments = [[Double]](repeating: [], count: 3)
    for replicate in 0..<400 {
      var stream = RandomStream(seed: 3, chain: 0, purpose: .test, iteration: replicate)
      var (draws, events, sum, lower) = (0, 0, 0.0, 0)
      func isDivided(_ ranks: Range<Int>) -> Bool { ranks.contains(5000) }
      strata.resample(&stream, isDivided: isDivided) { part, sums in
        switch part {
        case .row(let i, let copies, let rank):
          #expect(rank == draws)
          draws += copies
          events += outcomes[i] ? copies : 0
          sum += Double(copies) * p[i]
          if i < 9000 { lower += copies }
        case .stratum(let start, let count, let ones, let rank):
          #expect(rank == draws)
          draws += count
          events += ones
          sum += sums[0]
          if start < 9000 { lower += count }
        }
      }
      #expect(draws == n)
      moments[0].append(Double(events))
      moments[1].append(sum)
      moments[2].append(Double(lower))
    }
    let size = Double(n)
    let mean = p.reduce(0, +) / size
    let variance = p.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / size
    let rate = Double(outcomes.count { $0 }) / size
    let share = 9000 / size
    let wanted = [
      (size * rate, size * rate * (1 - rate)), (size * mean, size * variance),
      (9000, size * share * (1 - share)),
    ]
    for (values, law) in zip(moments, wanted) {
      let band = Band(values)
      #expect(abs(band.mean - law.0) < 5 * (law.1 / 400).squareRoot())
      #expect(abs(band.standardDeviation / law.1.squareRoot() - 1) < 5 / 800.0.squareRoot())
    }
  }

  @Test(
    "Strata and rows give one distribution of errors",
    arguments: [Binning.equalWidth(15), .equalMass(15)])
  func errors(binning: Binning) throws {
    // Above and below the number of rows from which strata are drawn.
    func spread(_ n: Int) throws -> (mean: Double, deviation: Double) {
      let data = try calibrated(n, seed: 62)
      let shifted = try BinaryPredictions(labels: data.labels, logits: data.logits.map { $0 + 0.5 })
      let errors = try AssessedErrors(
        shifted.positive, binning, Replication(replicates: 300, seed: 4))
      let bootstrap = errors.expected.bootstrap
      return (
        bootstrap.mean - errors.expected.value, bootstrap.standardDeviation * Double(n).squareRoot()
      )
    }
    let (rows, strata) = (try spread(16_384), try spread(17_500))
    // Where every bin is too high, the error is a mean of differences, and the spread one of those.
    #expect(abs(rows.mean) < 5e-4 && abs(strata.mean) < 5e-4)
    #expect(abs(rows.deviation / strata.deviation - 1) < 5 / 300.0.squareRoot())
  }

  @Test("Bands of scores: two classes as K = 2, and the mean's standard error")
  func scores() throws {
    for n in [300, 20_000] {
      let data = try calibrated(n, seed: 63)
      let classes = try MulticlassPredictions(
        labels: data.labels,
        logits: DenseMatrix(rows: n, columns: 2, values: data.logits.flatMap { [0, $0] }))
      let replication = try Replication(replicates: 400, seed: 8)
      let (a, b) = (try data.scoreBands(replication), try classes.scoreBands(replication))
      let losses = data.rowScores.map(\.loss)
      let wanted = MethodComparison.Estimate(losses)
      for band in [try #require(a.likelihood), try #require(b.likelihood)] {
        #expect(abs(band.mean - wanted.mean) < 5 * wanted.standardError / 20)
        #expect(abs(band.standardDeviation / wanted.standardError - 1) < 5 / 800.0.squareRoot())
      }
      // Over both classes Brier's score is twice that of one event.
      #expect(abs(b.brier.mean - 2 * a.brier.mean) < 0.5 * b.brier.standardDeviation)
    }
  }

  @Test("Strata do not depend on threads", arguments: [Binning.equalWidth(10), .equalMass(10)])
  func threads(binning: Binning) throws {
    let data = try calibrated(17_000, seed: 64)
    let results = try [1, 3].map {
      try AssessedErrors(
        data.positive, binning, Replication(replicates: 40, seed: 9, threads: $0))
    }
    #expect(results[0] == results[1])
  }
}
