// The square root W of the inverse metric, M⁻¹ = W Wᵀ, and its products.

import Glibc

/// A diagonal or lower triangular W in a chain's memory.
///
/// A triangular W is stored twice, as L and as Lᵀ, in groups of four rows so that one pass over a
/// vector yields four results: group b of L has the columns 0..<4b + 4, group b of Lᵀ the columns
/// from 4b on, and within a group the four rows' entries of a column are one block.
struct Whitening {
  let dimension: Int
  let blocks: Int
  /// The diagonal of a diagonal W.
  let scale: Blocks
  /// L and Lᵀ of a triangular W, `triangleBlocks` each; `nil` where it must stay diagonal.
  let lower: Blocks?
  let upper: Blocks?
  let denseFlag: UnsafeMutablePointer<Bool>

  /// Room, in blocks, for one triangle.
  static func triangleBlocks(_ blocks: Int) -> Int { 4 * blocks * (blocks + 1) / 2 }

  @inline(__always) var isDense: Bool { denseFlag.pointee }

  /// Makes W diagonal with the given entries.
  func setDiagonal(_ values: [Double]) {
    precondition(values.count == dimension)
    denseFlag.pointee = false
    for i in 0..<dimension { scale.scalars[i] = values[i] }
  }

  /// The inverse metric M⁻¹ = W Wᵀ.
  var metric: Metric {
    guard isDense, let lower else {
      return .diagonal((0..<dimension).map { scale.scalars[$0] * scale.scalars[$0] })
    }
    func row(_ i: Int) -> [Double] {
      let group = i / 4
      let start = lower + 2 * group * (group + 1)
      return (0...i).map { start[$0][i % 4] }
    }
    let rows = (0..<dimension).map(row)
    var values: [Double] = []
    for i in 0..<dimension {
      for j in 0..<dimension {
        values.append((0...min(i, j)).reduce(0) { $0 + rows[i][$1] * rows[j][$1] })
      }
    }
    return .dense(values)
  }

  /// Makes W the lower triangle of a row-major matrix.
  ///
  /// - Precondition: the memory was made for a dense metric.
  func setTriangle(_ values: [Double]) {
    precondition(values.count == dimension * dimension)
    guard let lower, let upper else { preconditionFailure("no room for a dense metric") }
    denseFlag.pointee = true
    func entry(_ i: Int, _ j: Int) -> Double {
      i < dimension && j <= i ? values[i * dimension + j] : 0
    }
    var l = lower
    var u = upper
    for group in 0..<blocks {
      for column in 0..<4 * group + 4 {
        for k in 0..<4 { l.scalars[k] = entry(4 * group + k, column) }
        l += 1
      }
      for column in 4 * group..<4 * blocks {
        for k in 0..<4 { u.scalars[k] = entry(column, 4 * group + k) }
        u += 1
      }
    }
  }

  /// `result = position + step · W r` for a triangular W.
  @inline(__always)
  func move(from position: Blocks, along r: Blocks, by step: Block, into result: Blocks) {
    guard var columns = lower else { return }
    for group in 0..<blocks {
      let product = Self.fourRows(columns, r, count: group + 1)
      columns += 4 * (group + 1)
      result[group] = position[group] + step * product
    }
  }

  /// `result = Wᵀ g` for a triangular W.
  @inline(__always)
  func applyTransposed(_ g: Blocks, into result: Blocks) {
    guard var columns = upper else { return }
    for group in 0..<blocks {
      result[group] = Self.fourRows(columns, g + group, count: blocks - group)
      columns += 4 * (blocks - group)
    }
  }

  /// The products of four rows with one vector; each block of `columns` holds four rows' entries of
  /// one column, so that the lanes of the sums already are the result.
  @inline(__always)
  private static func fourRows(_ columns: Blocks, _ x: Blocks, count: Int) -> Block {
    var a = Block.zero
    var b = Block.zero
    var c = Block.zero
    var d = Block.zero
    var column = columns
    for i in 0..<count {
      let value = x[i]
      a += column[0] * value[0]
      b += column[1] * value[1]
      c += column[2] * value[2]
      d += column[3] * value[3]
      column += 4
    }
    return (a + b) + (c + d)
  }
}
