// Sums of outer products of rows.

import BayesNumerics
import Testing

@Suite struct GramMatrixTests {
  @Test("Blocks of rows add up to the lower triangle of RᵀR", arguments: [1, 3, 17])
  func blocks(columns: Int) {
    var stream = RandomStream(seed: 8, chain: 0, purpose: .test, iteration: columns)
    let rows = (0..<10 * columns).map { _ in stream.normal() }
    var found = [Double](repeating: 1, count: columns * columns)
    addGram(ofRows: rows, count: 7, columns: columns, factor: -0.5, to: &found)
    addGram(
      ofRows: Array(rows[(7 * columns)...]), count: 3, columns: columns, factor: -0.5, to: &found)
    addGram(ofRows: rows, count: 0, columns: columns, to: &found)
    for i in 0..<columns {
      for j in 0..<columns {
        let sum = (0..<10).reduce(0) { $0 + rows[$1 * columns + i] * rows[$1 * columns + j] }
        let expected = j <= i ? 1 - 0.5 * sum : 1
        #expect(abs(found[i * columns + j] - expected) < 1e-13)
      }
    }
  }
}
