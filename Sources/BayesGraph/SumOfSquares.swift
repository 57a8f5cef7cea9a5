// Σ (linear form)² from a QR factor and, with one grouping, from group means.

internal import BayesNumerics

extension LinearForm {
  /// Σ over rows of the form squared, as an expression whose size does not grow with the rows, or
  /// `nil` where that would not pay.
  ///
  /// Without lookups: with X all columns, w all coefficients and −c the constant, the sum is
  /// ‖−c − X w‖² = ‖R (w − ŵ)‖² + RSS for the least-squares solution ŵ. This centred form keeps full
  /// relative accuracy where the expanded quadratic cancels.
  ///
  /// With lookups by one index and no multiplier, rows are centred within their groups:
  /// Σ_i = ‖R_within (w − ŵ)‖² + RSS_within + Σ_j n_j (mean form of group j + source_j)².
  func sumOfSquares(_ builder: GraphBuilder) -> Tensor? {
    let columns = terms.map(\.column) + blocks.flatMap(\.columns)
    let width = columns.count
    guard !lookups.isEmpty else {
      guard rows > width, 2 * rows > width * width || rows > 256 else { return nil }
      return withinSum(columns, constant, kept: Array(0..<width), builder)
    }
    let index = lookups[0].index
    let groupCount = lookups[0].source.shape.count
    guard lookups.allSatisfy({ $0.index == index && $0.multiplier == nil }),
      2 * rows > 3 * groupCount + width * width
    else { return nil }
    let groups = Grouping(builder.graph.indexArrays[index].map(Int.init), count: groupCount)
    let centred = columns.map(groups.centred)
    let kept = (0..<width).filter { k in
      norm(centred[k]) > 1e-12 * norm(columns[k])
    }
    let within = withinSum(centred, groups.centred(constant), kept: kept, builder)
    var means = builder.data(groups.means(constant), shape: .vector(groupCount))
    for term in terms {
      means =
        means + term.coefficient
        * builder.data(groups.means(term.column), shape: .vector(groupCount))
    }
    for block in blocks {
      let values = block.columns.map(groups.means)
      let design = builder.data(
        (0..<groupCount).flatMap { j in values.map { $0[j] } },
        shape: .matrix(groupCount, values.count))
      means = means + design.times(vector: block.vector.reshaped(.vector(values.count)))
    }
    for lookup in lookups { means = means + lookup.source.reshaped(.vector(groupCount)) }
    // Groups without rows take no part: 0 times an effect that overflowed would be NaN.
    let used = groups.sizes.indices.filter { groups.sizes[$0] > 0 }
    let present = used.count == groupCount ? means : means.gathered(used)
    let weights = builder.data(used.map { groups.sizes[$0] }, shape: .vector(used.count))
    return within + (weights * present.squared).sum
  }

  /// ‖response − X w‖² over the kept columns, with response = −constant.
  private func withinSum(
    _ columns: [[Double]], _ constant: [Double], kept: [Int], _ builder: GraphBuilder
  ) -> Tensor {
    let response = constant.map { -$0 }
    guard !kept.isEmpty else { return builder.constant(response.reduce(0) { $0 + $1 * $1 }) }
    let factor = leastSquaresFactor(design: kept.map { columns[$0] }, response: response)
    let all = builder.concatenate(terms.map(\.coefficient) + blocks.map(\.vector))
    let weights = kept.count == columns.count ? all : all.gathered(kept)
    let centre = builder.data(factor.coefficients, shape: .vector(kept.count))
    if kept.count == 1 {
      let scale = builder.constant(factor.R.values[0])
      return (scale * (weights.element(0) - factor.coefficients[0])).squared
        + factor.residualSumOfSquares
    }
    let r = builder.data(
      factor.R.values, shape: .matrix(factor.R.rows, factor.R.columns))
    return r.times(vector: weights - centre).squared.sum + factor.residualSumOfSquares
  }

  private func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

/// Rows by group.
struct Grouping {
  let indices: [Int]
  /// Rows per group, as numbers.
  let sizes: [Double]

  init(_ indices: [Int], count: Int) {
    self.indices = indices
    var sizes = [Double](repeating: 0, count: count)
    for j in indices { sizes[j] += 1 }
    self.sizes = sizes
  }

  /// The mean of each group; 0 for an empty one.
  func means(_ column: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: sizes.count)
    for (i, j) in indices.enumerated() { sums[j] += column[i] }
    return zip(sums, sizes).map { $1 == 0 ? 0 : $0 / $1 }
  }

  /// Each row less its group's mean.
  func centred(_ column: [Double]) -> [Double] {
    let means = means(column)
    return zip(column, indices).map { $0 - means[$1] }
  }
}
