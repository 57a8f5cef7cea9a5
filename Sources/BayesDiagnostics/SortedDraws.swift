// Draws in ascending order, with where each one came from.

/// A reusable radix sort of Doubles that carries positions.
///
/// Eight stable passes over the bytes of an order-preserving bit pattern; a pass in which all
/// draws share the byte is skipped. For 4 000 draws this is several times faster than a
/// comparison sort, which would be the most expensive part of a summary.
struct SortedDraws {
  /// The draws, ascending; -0 counts as 0.
  private(set) var values: [Double]
  /// `positions[k]` is where `values[k]` stood; ties keep their order.
  private(set) var positions: [Int32]

  private var keys: [UInt64]
  private var otherKeys: [UInt64]
  private var otherPositions: [Int32]

  init(count: Int) {
    values = Array(repeating: 0, count: count)
    positions = Array(repeating: 0, count: count)
    keys = Array(repeating: 0, count: count)
    otherKeys = keys
    otherPositions = positions
  }

  /// Sorts `draws`, as many as announced and all of them finite.
  mutating func sort(_ draws: [Double]) {
    let count = values.count
    precondition(draws.count == count)
    var histograms = Array(repeating: Int32(0), count: 8 * 256)
    for i in 0..<count {
      let key = Self.key(draws[i])
      keys[i] = key
      positions[i] = Int32(truncatingIfNeeded: i)
      for byte in 0..<8 { histograms[byte << 8 | Self.digit(key, byte)] += 1 }
    }
    for byte in 0..<8 {
      guard count > 0, histograms[byte << 8 | Self.digit(keys[0], byte)] < count else { continue }
      var start: Int32 = 0
      for bin in byte << 8..<(byte + 1) << 8 {
        (histograms[bin], start) = (start, start + histograms[bin])
      }
      for i in 0..<count {
        let bin = byte << 8 | Self.digit(keys[i], byte)
        let target = Int(histograms[bin])
        histograms[bin] += 1
        otherKeys[target] = keys[i]
        otherPositions[target] = positions[i]
      }
      swap(&keys, &otherKeys)
      swap(&positions, &otherPositions)
    }
    for i in 0..<count { values[i] = Self.value(keys[i]) }
  }

  /// The type-7 quantile: linear between the order statistics around 1 + (S − 1)p.
  ///
  /// An index that is whole up to rounding is whole, and equal neighbours are not interpolated:
  /// `x <= quantile` must count a draw that is the quantile.
  func quantile(_ p: Double) -> Double {
    let index = Double(values.count - 1) * p
    let tolerance = 4 * index.ulp
    let lower = Int((index + tolerance).rounded(.down))
    let fraction = index - Double(lower)
    let low = values[lower]
    guard fraction > tolerance, lower + 1 < values.count, values[lower + 1] != low else {
      return low
    }
    return (1 - fraction) * low + fraction * values[lower + 1]
  }

  /// Bit patterns in the order of the numbers: negative ones reversed, below the positive ones.
  private static func key(_ x: Double) -> UInt64 {
    let bits = (x + 0).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }

  private static func value(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
  }

  private static func digit(_ key: UInt64, _ byte: Int) -> Int {
    Int(truncatingIfNeeded: key >> UInt64(8 * byte) & 255)
  }
}
