// Many gamma draws at once, from constants that are kept between draws.

import Glibc

/// What Marsaglia and Tsang's method needs to know of a shape.
///
/// Making it costs a root and a division, more than a draw from it.
public struct GammaShape: Sendable, Equatable {
  /// The shape.
  public let shape: Double
  let d, c: Double

  /// The constants of a shape, positive and finite; a draw for any other is NaN.
  @inline(__always)
  public init(_ shape: Double) {
    self.shape = shape
    // Below 1 the draw is that of shape + 1, times a power of a uniform.
    d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
    c = 1 / (9 * d).squareRoot()
  }
}

extension RandomStream {
  /// Writes a gamma draw of rate 1 for each shape; the law is that of `gamma(shape:rate:)`, the draws are others.
  ///
  /// The normals come in bulk. Of the uniform that accepts or rejects, six bits are drawn first,
  /// ten shapes sharing a word: they settle nearly nine of ten draws, and the others
  /// take the remaining bits from a word of their own.
  ///
  /// Reference: Marsaglia, Tsang 2000, "A simple method for generating gamma variables", ACM TOMS
  /// 26(3), doi 10.1145/358407.358414.
  public mutating func fillGammas(
    _ shapes: UnsafeBufferPointer<GammaShape>, into target: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(shapes.count == target.count, "one shape per draw")
    fillNormals(target)
    var word: UInt64 = 0
    var left = 0
    for i in 0..<target.count {
      if left == 0 {
        word = next()
        left = 10
      }
      let first = Double(Int64(truncatingIfNeeded: word & 63))
      word &>>= 6
      left &-= 1
      let shape = shapes[i]
      let x = target[i]
      let root = 1 + shape.c * x
      let x2 = x * x
      if (first + 1) * (1.0 / 64) <= 1 - 0.0331 * x2 * x2, root > 0, shape.shape >= 1 {
        target[i] = shape.d * (root * root * root)
      } else {
        target[i] = gamma(shape, x: x, firstBits: first)
      }
    }
  }

  /// The draw where six bits did not settle it.
  private mutating func gamma(_ shape: GammaShape, x: Double, firstBits: Double) -> Double {
    guard shape.shape > 0, shape.shape.isFinite else { return .nan }
    var x = x
    var u = (firstBits + uniform()) * (1.0 / 64)
    while true {
      let root = 1 + shape.c * x
      if root > 0 {
        let v = root * root * root
        if log(u) < 0.5 * x * x + shape.d * (1 - v + log(v)) {
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

  /// Fills a buffer with the draws that `uniform()` would give, four blocks of words at a time.
  public mutating func fillUniforms(_ buffer: UnsafeMutableBufferPointer<Double>) {
    withUnsafeTemporaryAllocation(of: SIMD2<UInt64>.self, capacity: 4) { words in
      guard let words = words.baseAddress, let target = buffer.baseAddress else { return }
      var i = 0
      while i < buffer.count {
        guard !hasPending, buffer.count &- i > 2 else {
          target[i] = uniform()
          i &+= 1
          continue
        }
        peek(into: words)
        let taken = Swift.min(8, buffer.count &- i)
        for k in 0..<taken {
          target[i &+ k] = (Double(Int64(Self.peeked(k, of: words) >> 12)) + 0.5) * 0x1p-52
        }
        skip(taken, of: words)
        i &+= taken
      }
    }
  }
}
