// The square root W of the inverse metric, M⁻¹ = W Wᵀ, and its products.

import Glibc

/// A diagonal or lower triangular W in a chain's memory.
///
/// A triangular W is stored twice, by rows of L and by rows of Lᵀ, in groups of four rows so that
/// one product yields four results: group b of L has the column blocks 0...b, group b of Lᵀ the
/// column blocks b..<blocks, and within a group and column block the four rows follow each other.
struct Whitening {
  let dimension: Int
  let blocks: Int
  /// The diagonal of a diagonal W.
  let scale: Blocks
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
      let start = lower + 2 * group * (group + 1) + i % 4
      return (0...i).map { (start + 4 * ($0 / 4)).scalars[$0 % 4] }
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
      for column in 0...group {
        for row in 4 * group..<4 * group + 4 {
          for k in 0..<4 { l.scalars[k] = entry(row, 4 * column + k) }
          l += 1
        }
      }
      for column in group..<blocks {
        for row in 4 * group..<4 * group + 4 {
          for k in 0..<4 { u.scalars[k] = entry(4 * column + k, row) }
          u += 1
        }
      }
    }
  }

  /// `result = position + step · W r` for a triangular W.
  @inline(__always)
  func move(from position: Blocks, along r: Blocks, by step: Block, into result: Blocks) {
    guard var row = lower else { return }
    for group in 0..<blocks {
      let product = Self.fourRows(row, r, count: group + 1)
      row += 4 * (group + 1)
      result[group] = position[group] + step * product
    }
  }

  /// `result = Wᵀ g` for a triangular W.
  @inline(__always)
  func applyTransposed(_ g: Blocks, into result: Blocks) {
    guard var row = upper else { return }
    for group in 0..<blocks {
      result[group] = Self.fourRows(row, g + group, count: blocks - group)
      row += 4 * (blocks - group)
    }
  }

  /// The products of four interleaved rows with one vector.
  @inline(__always)
  private static func fourRows(_ rows: Blocks, _ x: Blocks, count: Int) -> Block {
    var a = Block.zero
    var b = Block.zero
    var c = Block.zero
    var d = Block.zero
    var row = rows
    for i in 0..<count {
      let value = x[i]
      a += row[0] * value
      b += row[1] * value
      c += row[2] * value
      d += row[3] * value
      row += 4
    }
    return Block(a.sum(), b.sum(), c.sum(), d.sum())
  }
}
