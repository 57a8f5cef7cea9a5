// Normal and exponential variates by the ziggurat method.

import Glibc

/// A density cut into 256 layers of equal area, the lowest of which holds the tail.
///
/// `edge[i]` is the right end of layer `i` and `height[i]` the density there; `edge[1]` is where the
/// tail begins and `edge[0]` the width of a rectangle with the area of the lowest layer. Both are
/// made once, never freed and never changed, so that any thread may read them.
private struct Ziggurat: @unchecked Sendable {
  let edge: UnsafePointer<Double>
  let height: UnsafePointer<Double>

  /// Builds the layers from the tail's beginning and the area of a layer.
  init(
    tail: Double, area: Double, density: (Double) -> Double, inverse: (Double) -> Double
  ) {
    var edge = [area / density(tail), tail]
    for i in 1..<255 {
      edge.append(inverse(density(edge[i]) + area / edge[i]))
    }
    edge.append(0)
    self.edge = Self.permanent(edge)
    height = Self.permanent(edge.map(density))
  }

  private static func permanent(_ values: [Double]) -> UnsafePointer<Double> {
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: values.count)
    memory.initialize(from: values, count: values.count)
    return UnsafePointer(memory)
  }

  /// The layer that a word's lowest 8 bits choose and the position that its highest 52 do.
  @inline(__always)
  func place(_ bits: UInt64) -> (layer: Int, x: Double) {
    let layer = Int(truncatingIfNeeded: bits & 0xFF)
    let position = Double(Int64(truncatingIfNeeded: bits >> 12)) + 0.5
    return (layer, position * 0x1p-52 * edge[layer])
  }
}

/// `x` with the sign that bit 8 of a word chooses, without a branch that no processor could foretell.
@inline(__always)
private func signed(_ x: Double, by bits: UInt64) -> Double {
  Double(bitPattern: x.bitPattern ^ (bits & 0x100) << 55)
}

/// Where the tail of 256 normal layers begins (Marsaglia and Tsang 2000, section 2).
private let normalTail = 3.654_152_885_361_008_8

private let normalZiggurat = Ziggurat(
  tail: normalTail,
  area: normalTail * exp(-0.5 * normalTail * normalTail)
    + (Double.pi / 2).squareRoot() * erfc(normalTail * 0.5.squareRoot()),
  density: { exp(-0.5 * $0 * $0) },
  inverse: { (-2 * log($0)).squareRoot() })

/// Where the tail of 256 exponential layers begins (Marsaglia and Tsang 2000, section 2).
private let exponentialTail = 7.697_117_470_131_049_7

private let exponentialZiggurat = Ziggurat(
  tail: exponentialTail,
  area: (exponentialTail + 1) * exp(-exponentialTail),
  density: { exp(-$0) },
  inverse: { -log($0) })

extension RandomStream {
  /// A standard normal draw.
  ///
  /// One 64-bit word gives layer (8 bits), sign (1 bit) and position (52 bits), from disjoint bits:
  /// Marsaglia and Tsang's own code took layer and position from the same bits, which Doornik showed
  /// to spoil the variates. 98.8 % of draws need that word alone. The draw is never 0.
  ///
  /// References: Marsaglia, Tsang 2000, "The ziggurat method for generating random variables",
  /// J. Stat. Software 5(8), doi 10.18637/jss.v005.i08; Doornik 2005, "An improved ziggurat method
  /// to generate normal random samples"; the tail by Marsaglia 1964, "Generating a variable from
  /// the tail of the normal distribution", Technometrics 6(1), doi 10.1080/00401706.1964.10490150.
  public mutating func normal() -> Double { normal(from: next()) }

  /// A standard normal draw from a word, and from further ones where that one does not settle it.
  mutating func normal(from word: UInt64) -> Double {
    var bits = word
    while true {
      let (layer, x) = normalZiggurat.place(bits)
      if x < normalZiggurat.edge[layer + 1] || acceptsNormal(x, layer: layer) {
        return signed(x, by: bits)
      }
      if layer == 0 { return signed(normalBeyondTail(), by: bits) }
      bits = next()
    }
  }

  /// The normal draw that a word settles by itself, as 98.8 % of words do; else `nil`.
  @inline(__always)
  static func quickNormal(_ bits: UInt64, _ edges: UnsafePointer<Double>) -> Double? {
    let layer = Int(truncatingIfNeeded: bits & 0xFF)
    let position = Double(Int64(truncatingIfNeeded: bits >> 12)) + 0.5
    let x = position * 0x1p-52 * edges[layer]
    return x < edges[layer &+ 1] ? signed(x, by: bits) : nil
  }

  /// The right ends of the normal ziggurat's layers.
  static var normalEdges: UnsafePointer<Double> { normalZiggurat.edge }

  /// Whether a point of a layer that may lie outside the density lies under it.
  private mutating func acceptsNormal(_ x: Double, layer: Int) -> Bool {
    guard layer > 0 else { return false }
    let (low, high) = (normalZiggurat.height[layer], normalZiggurat.height[layer + 1])
    return low + uniform() * (high - low) < exp(-0.5 * x * x)
  }

  /// A normal draw conditional on exceeding the last layer's edge.
  private mutating func normalBeyondTail() -> Double {
    while true {
      let x = exponential() / normalTail
      if 2 * exponential() > x * x { return normalTail + x }
    }
  }

  /// An exponential draw of mean 1, always positive.
  ///
  /// A ziggurat as for `normal()`; beyond its tail the exponential starts again, having no memory.
  public mutating func exponential() -> Double {
    var start = 0.0
    while true {
      let (layer, x) = exponentialZiggurat.place(next())
      if x < exponentialZiggurat.edge[layer + 1] { return start + x }
      if layer == 0 {
        start += exponentialTail
        continue
      }
      let low = exponentialZiggurat.height[layer]
      let high = exponentialZiggurat.height[layer + 1]
      if low + uniform() * (high - low) < exp(-x) { return start + x }
    }
  }

  /// Fills a buffer with independent standard normal draws, those that `normal()` would give.
  ///
  /// Words come eight at a time; the 1.2 % of draws that one word does not settle go through `normal()`.
  public mutating func fillNormals(_ buffer: UnsafeMutableBufferPointer<Double>) {
    guard let start = buffer.baseAddress else { return }
    withUnsafeTemporaryAllocation(of: SIMD2<UInt64>.self, capacity: 4) { words in
      guard let words = words.baseAddress else { return }
      fill(start, count: buffer.count, words: words, layers: normalZiggurat)
    }
  }

  /// `fillNormals` with room for eight words.
  @inline(__always)
  private mutating func fill(
    _ target: UnsafeMutablePointer<Double>, count: Int,
    words: UnsafeMutablePointer<SIMD2<UInt64>>, layers: Ziggurat
  ) {
    var i = 0
    while i < count {
      if !hasPending, count &- i > 2 {
        peek(into: words)
        let wanted = Swift.min(8, count &- i)
        var taken = 0
        while taken < wanted {
          let bits = Self.peeked(taken, of: words)
          let (layer, x) = layers.place(bits)
          guard x < layers.edge[layer &+ 1] else { break }
          target[i &+ taken] = signed(x, by: bits)
          taken &+= 1
        }
        skip(taken, of: words)
        i &+= taken
        if taken == wanted { continue }
      }
      target[i] = normal()
      i &+= 1
    }
  }
}
