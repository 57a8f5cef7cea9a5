// Rearranges the positions of one axis in an array, in every dimension that runs over it.

import BayesCore

/// Rearranges part of `values`, a row-major array of `dimensions`: along each dimension over `axis`,
/// position k becomes what position `order[k]` was. A transition matrix has both its rows and its columns
/// rearranged.
func permute(
  _ values: inout [Double], in range: Range<Int>, _ dimensions: [Dimension], axis: String,
  _ order: [Int]
) {
  var inner = range.count
  for dimension in dimensions {
    let block = inner
    inner = dimension.size == 0 ? 0 : inner / dimension.size
    guard dimension.name == axis, inner > 0 else { continue }
    let source = Array(values[range])
    for start in stride(from: 0, to: range.count, by: block) {
      for (position, old) in order.enumerated() {
        let (from, to) = (start + old * inner, range.lowerBound + start + position * inner)
        for k in 0..<inner { values[to + k] = source[from + k] }
      }
    }
  }
}
