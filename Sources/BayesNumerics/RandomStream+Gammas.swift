// Many gamma draws at once, from constants that are kept between draws.

import Glibc

/// What Marsaglia and Tsang's method needs to know of a shape.
///
/// Making it costs a root and two divisions, more than a draw from it.
public struct GammaShape: Sendable, Equatable {
  /// The shape.
  public let shape: Double
  @usableFromInline let d, c, squeeze: Double

  /// The constants of a shape, positive and finite; a draw for any other is NaN.
  @inlinable
  public init(_ shape: Double) {
    self.shape = shape
    // Below 1 the draw is that of shape + 1, times a power of a uniform.
    d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
    let square = 1 / (9 * d)
    c = square.squareRoot()
    // NaN for a shape that is not finite, so that no quick draw is made of it.
    squeeze = square * (1.0 / 6) + (shape - shape)
  }
}

extension RandomStream {
  /// Writes a gamma draw of rate 1 for each shape; the law is that of `gamma(shape:rate:)`, the draws are others.
  ///
  /// With x normal and v = (1 + cx)³, a draw d·v is accepted with probability `exp h`, where
  /// `h = x²/2 + d(1 − v + log v) = (1/9c²) Σ_{k≥4} 3(−1)^{k+1} (cx)ᵏ/k`. For |cx| ≤ ½ the series is at least
  /// `−c²x⁴/6`, so that a uniform below `1 − c²x⁴/6` accepts: tighter than the published `1 − 0.0331x⁴`, the more so
  /// the larger the shape. Of that uniform, six bits are drawn first, ten shapes sharing a word;
  /// they settle all but one in thirty draws of a shape of 10. Ten draws take twelve words, made together.
  ///
  /// Reference: Marsaglia, Tsang 2000, "A simple method for generating gamma variables", ACM TOMS
  /// 26(3), doi 10.1145/358407.358414.
  public mutating func fillGammas(
    _ shapes: UnsafeBufferPointer<GammaShape>, into target: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(shapes.count == target.count, "one shape per draw")
    guard let shapes = shapes.baseAddress, let draws = target.baseAddress else { return }
    let edges = Self.normalEdges
    withUnsafeTemporaryAllocation(of: SIMD2<UInt64>.self, capacity: 6) { buffer in
      guard let words = buffer.baseAddress else { return }
      var start = 0
      while start < target.count {
        takeTwelve(into: words)
        words.withMemoryRebound(to: UInt64.self, capacity: 12) { words in
          var bits = words[11]
          let end = Swift.min(start &+ 10, target.count)
          for i in start..<end {
            // The uniform lies in [k, k + 1)/64.
            let above = Double(Int64(truncatingIfNeeded: bits & 63)) + 1
            bits &>>= 6
            let word = words[i &- start]
            let shape = shapes[i]
            if let x = Self.quickNormal(word, edges) {
              let y = shape.c * x
              let root = 1 + y
              let x2 = x * x
              if above * (1.0 / 64) <= 1 - shape.squeeze * x2 * x2, abs(y) <= 0.5,
                shape.shape >= 1
              {
                draws[i] = shape.d * (root * root * root)
                continue
              }
            }
            draws[i] = gamma(shape, word: word, firstBits: above - 1)
          }
          start = end
        }
      }
    }
  }

  /// The draw where six bits did not settle it.
  private mutating func gamma(
    _ shape: GammaShape, word: UInt64, firstBits: Double
  ) -> Double {
    guard shape.shape > 0, shape.shape.isFinite else { return .nan }
    var x = normal(from: word)
    var u = (firstBits + uniform()) * (1.0 / 64)
    while true {
      let y = shape.c * x
      if y > -1 {
        let root = 1 + y
        let v = root * root * root
        let isInside = abs(y) <= 0.5 && u <= 1 - shape.squeeze * x * x * x * x
        if isInside || log(u) < 0.5 * x * x + shape.d * (1 - v + log(v)) {
          let draw = shape.d * v
          return shape.shape >= 1 ? draw : draw * exp(-exponential() / shape.shape)
        }
      }
      x = normal()
      u = uniform()
    }
  }

  /// Writes the odds x/(1−x) of beta draws, given the pairs of shapes (a, b) one after another.
  ///
  /// - Parameters:
  ///   - shapes: two for each draw.
  ///   - scratch: room for two numbers for each draw.
  public mutating func fillBetaOdds(
    _ shapes: UnsafeBufferPointer<GammaShape>, into target: UnsafeMutableBufferPointer<Double>,
    scratch: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(shapes.count == 2 * target.count, "two shapes per draw")
    fillGammas(shapes, into: scratch)
    for i in 0..<target.count {
      let (a, b) = (shapes[2 * i].shape, shapes[2 * i + 1].shape)
      // Draws of small shapes may both underflow; their logarithms do not.
      target[i] =
        Swift.min(a, b) >= 0.1
        ? scratch[2 * i] / scratch[2 * i + 1] : exp(logGamma(shape: a) - logGamma(shape: b))
    }
  }

  /// Fills a buffer with the draws that `uniform()` would give, six blocks of words at a time.
  public mutating func fillUniforms(_ buffer: UnsafeMutableBufferPointer<Double>) {
    withUnsafeTemporaryAllocation(of: SIMD2<UInt64>.self, capacity: 6) { words in
      guard let words = words.baseAddress, let target = buffer.baseAddress else { return }
      var i = 0
      while i < buffer.count {
        guard !hasPending, buffer.count &- i >= 12 else {
          target[i] = uniform()
          i &+= 1
          continue
        }
        takeTwelve(into: words)
        for block in 0..<6 {
          // First halves of all blocks come before their second halves.
          let (pair, lane) = (block &>> 1, block & 1)
          target[i &+ 2 &* block] = Self.uniform(words[pair][lane])
          target[i &+ 2 &* block &+ 1] = Self.uniform(words[3 &+ pair][lane])
        }
        i &+= 12
      }
    }
  }

  @inline(__always)
  private static func uniform(_ word: UInt64) -> Double {
    (Double(Int64(truncatingIfNeeded: word >> 12)) + 0.5) * 0x1p-52
  }
}
