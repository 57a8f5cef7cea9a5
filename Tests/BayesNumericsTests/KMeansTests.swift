// k-means: seeds, iterations, and tables that have too little in them.

import Testing

@testable import BayesNumerics

private func stream(_ seed: UInt64) -> RandomStream {
  RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
}

/// Rows around the corners of a square, 10 apart, with spread 1.
private func corners(perCorner: Int, seed: UInt64) -> [Double] {
  var stream = stream(seed)
  var rows: [Double] = []
  for row in 0..<4 * perCorner {
    rows.append(Double(row % 2) * 10 + stream.normal())
    rows.append(Double(row / 2 % 2) * 10 + stream.normal())
  }
  return rows
}

/// The sum of squared distances of rows from their centres.
private func inertia(_ rows: [Double], _ columns: Int, _ result: (labels: [Int], centres: [Double]))
  -> Double
{
  result.labels.indices.reduce(0) { sum, row in
    (0..<columns).reduce(sum) { sum, column in
      let d = rows[row * columns + column] - result.centres[result.labels[row] * columns + column]
      return sum + d * d
    }
  }
}

@Suite("k-means")
struct KMeansTests {
  @Test("Separated groups are found from every seed", arguments: 0..<20 as Range<UInt64>)
  func groups(_ seed: UInt64) {
    let rows = corners(perCorner: 50, seed: 1)
    var stream = stream(seed)
    let result = kMeans(rows, columns: 2, clusters: 4, iterations: 100, using: &stream)
    for row in 0..<200 { #expect(result.labels[row] == result.labels[row % 4]) }
    #expect(Set(result.labels).count == 4)
    for cluster in 0..<4 {
      let own = (0..<200).filter { result.labels[$0] == cluster }
      for column in 0..<2 {
        let mean = own.map { rows[$0 * 2 + column] }.reduce(0, +) / Double(own.count)
        #expect(abs(result.centres[cluster * 2 + column] - mean) < 1e-12)
      }
    }
  }

  @Test(
    "Labels are the nearest centres, and iterations never spread the groups",
    arguments: [1, 2, 5, 9], [1, 3, 17])
  func nearest(_ columns: Int, _ clusters: Int) {
    var numbers = stream(UInt64(columns))
    let rows = (0..<300 * columns).map { _ in numbers.studentT(degrees: 2) }
    var previous = Double.infinity
    for iterations in 0..<12 {
      var stream = stream(7)
      let result = kMeans(
        rows, columns: columns, clusters: clusters, iterations: iterations, using: &stream)
      let spread = inertia(rows, columns, result)
      #expect(spread <= previous * (1 + 1e-12))
      previous = spread
      for row in 0..<300 {
        let squares = (0..<clusters).map { cluster in
          (0..<columns).reduce(0.0) { sum, column in
            let d = rows[row * columns + column] - result.centres[cluster * columns + column]
            return sum + d * d
          }
        }
        #expect(result.labels[row] == squares.firstIndex(of: squares.min()!))
      }
    }
  }

  @Test("Without iterations the centres are distinct rows")
  func seeds() {
    let rows = corners(perCorner: 20, seed: 3)
    var stream = stream(4)
    let result = kMeans(rows, columns: 2, clusters: 7, iterations: 0, using: &stream)
    let table = (0..<80).map { [rows[2 * $0], rows[2 * $0 + 1]] }
    let centres = (0..<7).map { [result.centres[2 * $0], result.centres[2 * $0 + 1]] }
    #expect(Set(centres).count == 7)
    for centre in centres { #expect(table.contains(centre)) }
  }

  @Test("The sum of squares of a hard line of points is the known optimum")
  func line() {
    // 0…9 in two groups: five and five, 2·(4 + 1 + 0 + 1 + 4) = 20.
    let rows = (0..<10).map(Double.init)
    let best = (0..<10 as Range<UInt64>).map { seed in
      var stream = stream(seed)
      return inertia(
        rows, 1, kMeans(rows, columns: 1, clusters: 2, iterations: 50, using: &stream))
    }.min()
    #expect(best == 20)
  }

  @Test(
    "Tables with few distinct rows give finite centres and labels in range",
    arguments: [
      ([], 2), ([1, 2], 2), ([1, 1, 1, 1, 1, 1], 1), ([5, 0, 5, 1, 5, 2, 5, 3], 2),
      ([0, 0, 0, 0, 0, 1e-300], 1), ([3, 3, 3, 7], 1),
    ] as [([Double], Int)],
    [1, 2, 3, 8])
  func fewRows(_ table: ([Double], Int), _ clusters: Int) {
    let (rows, columns) = table
    var stream = stream(11)
    let result = kMeans(rows, columns: columns, clusters: clusters, iterations: 20, using: &stream)
    #expect(result.labels.count == rows.count / columns)
    #expect(result.centres.count == clusters * columns)
    for value in result.centres { #expect(value.isFinite) }
    for label in result.labels { #expect(label >= 0 && label < clusters) }
    // As many groups as there are distinct rows to fill them, and then no distance is left.
    let distinct = Set(
      (0..<rows.count / columns).map { Array(rows[$0 * columns..<($0 + 1) * columns]) })
    if distinct.count <= clusters { #expect(inertia(rows, columns, result) < 1e-300) }
  }

  @Test("A centre without rows takes the farthest row")
  func emptyCentre() {
    // Whatever the seeds, every cluster has a row in the end: there are enough distinct ones.
    for seed in 0..<50 as Range<UInt64> {
      var numbers = stream(seed)
      let rows = (0..<24).map { _ in (numbers.uniform() * 6).rounded() }
      var stream = stream(seed)
      let clusters = Set(rows).count
      let result = kMeans(rows, columns: 1, clusters: clusters, iterations: 50, using: &stream)
      #expect(Set(result.labels).count == clusters)
    }
  }

  @Test("The same stream gives the same groups")
  func determinism() {
    let rows = corners(perCorner: 30, seed: 5)
    let results = (0..<2).map { _ in
      var stream = stream(6)
      return kMeans(rows, columns: 2, clusters: 6, iterations: 3, using: &stream)
    }
    #expect(results[0].labels == results[1].labels)
    #expect(results[0].centres == results[1].centres)
  }
}
