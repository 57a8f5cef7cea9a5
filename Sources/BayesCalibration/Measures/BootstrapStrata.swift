// Bootstrap replicates of sums over many rows, without drawing the rows one by one.

import BayesNumerics

/// Rows in an order in which neighbours are alike, in strata of a few hundred.
///
/// A resample's numbers of draws from the strata are multinomial and its events among them binomial, both drawn from their exact
/// laws. The sum of a column over the draws of a stratum with one outcome is then that of so many independent draws from its
/// rows; for hundreds of draws from values that lie close together it is taken as normal with its exact mean and variance. Strata of
/// fewer than 64 rows, those that the caller wants divided, and all where there are at most 16 384 rows are drawn row by row. In
/// rows sorted by their probability the sums within strata carry a small part of the variance, so that what normality
/// changes is far below what thousands of replicates can show.
///
/// Reference: Efron 1979, "Bootstrap methods: another look at the jackknife", doi 10.1214/aos/1176344552.
struct BootstrapStrata: Sendable {
  private struct Stratum {
    let rows: Range<Int>
    let events: Int
    /// Mean and standard deviation of each column for no event and for an event, column after column.
    let moments: [(mean: (Double, Double), deviation: (Double, Double))]
  }

  /// What a resample has in a stratum.
  enum Part {
    /// Copies of a row of the order, the first of them at a rank in the resample.
    case row(Int, copies: Int, rank: Int)
    /// Draws of a stratum that begins at a row of the order, the first of them at a rank in the resample.
    case stratum(start: Int, draws: Int, events: Int, rank: Int)
  }

  private let strata: [Stratum]
  private let rows: Int
  private let columnCount: Int
  private static let size = 512
  private static let fewest = 64
  private static let exactRows = 16_384

  /// Strata of rows that are in order already.
  ///
  /// - Parameters:
  ///   - columns: what is summed, each a value per row.
  ///   - ends: ranks that no stratum crosses, increasing; the last is the number of rows.
  init(outcomes: [Bool], columns: [[Double]], ends: [Int]) {
    rows = outcomes.count
    columnCount = columns.count
    var strata: [Stratum] = []
    var start = 0
    for end in ends {
      while start < end {
        let next = end - start < 2 * Self.size ? end : start + Self.size
        strata.append(Self.stratum(start..<next, outcomes, columns))
        start = next
      }
    }
    self.strata = strata
  }

  private static func stratum(
    _ rows: Range<Int>, _ outcomes: [Bool], _ columns: [[Double]]
  ) -> Stratum {
    let events = rows.count { outcomes[$0] }
    let moments = columns.map { column in
      func moments(_ outcome: Bool, _ count: Int) -> (mean: Double, deviation: Double) {
        guard count > 0 else { return (0, 0) }
        var (sum, squares) = (0.0, 0.0)
        for i in rows where outcomes[i] == outcome { sum += column[i] }
        let mean = sum / Double(count)
        for i in rows where outcomes[i] == outcome {
          squares += (column[i] - mean) * (column[i] - mean)
        }
        return (mean, (squares / Double(count)).squareRoot())
      }
      let (no, yes) = (moments(false, rows.count - events), moments(true, events))
      return (mean: (no.mean, yes.mean), deviation: (no.deviation, yes.deviation))
    }
    return Stratum(rows: rows, events: events, moments: moments)
  }

  /// Draws one resample, stratum after stratum.
  ///
  /// - Parameters:
  ///   - isDivided: whether draws with some ranks in the resample are wanted row by row.
  ///   - visit: takes a part, and for a stratum the sums of its columns.
  func resample(
    _ stream: inout RandomStream, isDivided: (Range<Int>) -> Bool = { _ in false },
    visit: (Part, [Double]) -> Void
  ) {
    var sums = [Double](repeating: 0, count: columnCount)
    var (left, remaining) = (rows, rows)
    var copies = [Int](repeating: 0, count: 2 * Self.size)
    for stratum in strata {
      let count = stratum.rows.count
      let draws =
        count == remaining
        ? left
        : Int(
          stream.binomial(trials: left, probability: Double(count) / Double(remaining)))
      var rank = rows - left
      left -= draws
      remaining -= count
      if draws == 0 { continue }
      if rows <= Self.exactRows || count < Self.fewest || isDivided(rank..<rank + draws) {
        for i in 0..<count { copies[i] = 0 }
        for _ in 0..<draws {
          copies[Int(stream.next().multipliedFullWidth(by: UInt64(count)).high)] += 1
        }
        for i in 0..<count where copies[i] > 0 {
          visit(.row(stratum.rows.lowerBound + i, copies: copies[i], rank: rank), sums)
          rank += copies[i]
        }
        continue
      }
      let events =
        stratum.events == 0 || stratum.events == count
        ? (stratum.events == 0 ? 0 : draws)
        : Int(
          stream.binomial(
            trials: draws, probability: Double(stratum.events) / Double(count)))
      let (yes, no) = (Double(events), Double(draws - events))
      for j in 0..<columnCount {
        let (mean, deviation) = stratum.moments[j]
        let variance = no * deviation.0 * deviation.0 + yes * deviation.1 * deviation.1
        sums[j] = no * mean.0 + yes * mean.1 + variance.squareRoot() * stream.normal()
      }
      visit(
        .stratum(start: stratum.rows.lowerBound, draws: draws, events: events, rank: rank), sums)
    }
  }
}
