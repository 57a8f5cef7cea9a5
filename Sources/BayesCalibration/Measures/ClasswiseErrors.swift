// Classwise calibration errors beside what a perfectly calibrated model would show, and with bootstrap intervals.

import BayesCore
import BayesNumerics

extension MulticlassPredictions {
  /// The mean over classes of the expected calibration error of P(y = c), in several kinds of bins.
  ///
  /// In bins of equal width it is the static calibration error, in bins of equal mass the adaptive one. Labels of a perfect
  /// model are drawn row by row from the probabilities given, once for all classes, whose errors depend on one another.
  /// In resamples the bins stay.
  ///
  /// Reference: Nixon et al. 2019, "Measuring calibration in deep learning", CVPR workshops (SCE and ACE).
  ///
  /// - Complexity: rows times classes for each replicate. Above 10⁹ in all there are fewer replicates, but 40.
  func assessClasswiseErrors(
    _ binnings: [Binning], _ replication: Replication
  ) throws -> [AssessedErrors.Assessment] {
    let affordable = 1_000_000_000 / Swift.max(1, count * classCount)
    let replication = try Replication(
      replicates: Swift.min(replication.replicates, Swift.max(40, affordable)),
      seed: replication.seed, threads: replication.threads)
    let tables = binnings.map { ClasswiseTable(self, $0) }
    let seed = replication.seed
    let values = try replication.run { range in
      var work = ClasswiseTable.Work(tables)
      return range.map { replicate in
        var null = RandomStream(seed: seed, chain: 2, purpose: .simulation, iteration: replicate)
        var rows = RandomStream(seed: seed, chain: 2, purpose: .bootstrap, iteration: replicate)
        return work.perfectErrors(&null) + work.resampledErrors(&rows)
      }
    }
    return try binnings.enumerated().map { k, binning in
      let value = try classwiseExpectedError(binning)
      let perfect = values.map { $0[k] }
      return AssessedErrors.Assessment(
        name: "classwise ECE over \(binning.name)", value: value, perfect: Band(perfect),
        pValue: monteCarloPValue(value, among: perfect),
        bootstrap: Band(values.map { $0[binnings.count + k] }), replicates: perfect.count)
    }
  }
}

/// The bins of every class, as rows have them.
private struct ClasswiseTable: Sendable {
  let labels: [Int]
  let probabilities: [Double]
  let classes: Int
  /// Of row i and class c, in place i·K + c: the place of the class's bin among those of all classes.
  let places: [Int32]
  /// The sum of forecasts in every bin of every class.
  let forecasts: [Double]

  init(_ predictions: MulticlassPredictions, _ binning: Binning) {
    let (n, k) = (predictions.count, predictions.classCount)
    labels = predictions.labels
    probabilities = predictions.probabilities.values
    classes = k
    var places = [Int32](repeating: 0, count: n * k)
    var forecasts = [Double](repeating: 0, count: k * binning.count)
    for c in 0..<k {
      let indices = binning.indices((0..<n).map { predictions.probabilities[$0, c] })
      for row in 0..<n {
        let place = c * binning.count + Int(indices[row])
        places[row * k + c] = Int32(place)
        forecasts[place] += predictions.probabilities[row, c]
      }
    }
    self.places = places
    self.forecasts = forecasts
  }

  /// Tables with the memory that replicates share.
  struct Work {
    private let tables: [ClasswiseTable]
    /// Of each table, forecasts less events in every bin.
    private var gaps: [[Double]]

    init(_ tables: [ClasswiseTable]) {
      self.tables = tables
      gaps = tables.map(\.forecasts)
    }

    private var errors: [Double] {
      zip(tables, gaps).map { table, gaps in
        gaps.reduce(0) { $0 + abs($1) } / Double(table.labels.count * table.classes)
      }
    }

    /// The errors of labels drawn with the probabilities given.
    mutating func perfectErrors(_ stream: inout RandomStream) -> [Double] {
      for t in tables.indices { gaps[t] = tables[t].forecasts }
      let (table, k) = (tables[0], tables[0].classes)
      for row in table.labels.indices {
        var left = stream.uniform()
        var drawn = 0
        while drawn < k - 1 {
          left -= table.probabilities[row * k + drawn]
          if left < 0 { break }
          drawn += 1
        }
        for t in tables.indices { gaps[t][Int(tables[t].places[row * k + drawn])] -= 1 }
      }
      return errors
    }

    /// The errors of rows drawn with replacement.
    mutating func resampledErrors(_ stream: inout RandomStream) -> [Double] {
      for t in tables.indices { gaps[t] = Array(repeating: 0, count: gaps[t].count) }
      let (table, k) = (tables[0], tables[0].classes)
      let n = table.labels.count
      for _ in 0..<n {
        let row = Int(stream.uniform() * Double(n))
        for t in tables.indices {
          let places = tables[t].places
          for c in 0..<k {
            gaps[t][Int(places[row * k + c])] += table.probabilities[row * k + c]
          }
          gaps[t][Int(places[row * k + table.labels[row]])] -= 1
        }
      }
      return errors
    }
  }
}
