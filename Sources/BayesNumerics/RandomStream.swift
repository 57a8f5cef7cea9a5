// Counter-based random streams: a draw depends on (seed, chain, purpose, iteration) and nothing else.

/// What a random stream is used for; streams with different purposes never overlap.
public enum RandomPurpose: UInt16, Sendable, CaseIterable {
  case initialPosition = 1
  case momentum = 2
  case trajectory = 3
  case stepSizeSearch = 4
  case predictive = 5
  case prior = 6
  case optimisation = 7
  case test = 8
  case restart = 9
  case simulation = 10
  case bootstrap = 11
  case labels = 12
}

/// A Philox4x32-10 stream keyed by seed and addressed by (chain, purpose, iteration).
///
/// The 128-bit counter holds the block number (32 bits), the iteration (32), the chain (32) and the
/// purpose (16, in the high half of the last word); the 64-bit key is the seed. Two streams that
/// differ in any of these read disjoint counters, so they never overlap, and no stream depends on
/// how many draws another one took.
///
/// A stream holds 2³² blocks of 128 bits; after that it would repeat, far beyond any use here.
///
/// Reference: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
/// SC'11, doi 10.1145/2063384.2063405.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private var key: SIMD2<UInt32>
  private var counter: SIMD4<UInt32>
  /// The second half of the current block, when `hasPending` says that it is still to be read.
  private var pending: UInt64 = 0
  private(set) var hasPending = false

  /// The stream for one purpose of one iteration of one chain.
  public init(seed: UInt64, chain: Int, purpose: RandomPurpose, iteration: Int) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    counter = SIMD4(
      0, UInt32(truncatingIfNeeded: iteration), UInt32(truncatingIfNeeded: chain),
      UInt32(purpose.rawValue) << 16)
  }

  /// One application of the ten-round Philox4x32 bijection.
  public static func philox4x32(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>
  ) -> SIMD4<UInt32> {
    var (x0, x1, x2, x3) = (counter.x, counter.y, counter.z, counter.w)
    var (k0, k1) = (key.x, key.y)
    for _ in 0..<10 {
      let p0 = UInt64(0xD251_1F53) &* UInt64(x0)
      let p1 = UInt64(0xCD9E_8D57) &* UInt64(x2)
      x0 = UInt32(truncatingIfNeeded: p1 >> 32) ^ x1 ^ k0
      x1 = UInt32(truncatingIfNeeded: p1)
      x2 = UInt32(truncatingIfNeeded: p0 >> 32) ^ x3 ^ k1
      x3 = UInt32(truncatingIfNeeded: p0)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(x0, x1, x2, x3)
  }

  /// Writes the next eight words, which stay in the stream until `skip` takes them; `peeked` finds
  /// them, since they are stored as they come, the first halves of four blocks before the second.
  ///
  /// - Precondition: the second half of a block is not pending.
  @inline(__always)
  func peek(into words: UnsafeMutablePointer<SIMD2<UInt64>>) {
    var a = PhiloxPair(counter: counter, block: 0)
    var b = PhiloxPair(counter: counter, block: 2)
    var k0 = SIMD2<UInt64>(repeating: UInt64(key.x))
    var k1 = SIMD2<UInt64>(repeating: UInt64(key.y))
    for _ in 0..<10 {
      a.mix(k0, k1)
      b.mix(k0, k1)
      k0 &+= SIMD2(repeating: 0x9E37_79B9)
      k1 &+= SIMD2(repeating: 0xBB67_AE85)
    }
    (words[0], words[1], words[2], words[3]) = (a.first, b.first, a.second, b.second)
  }

  /// Takes the next twelve words at once (first halves of blocks, then second ones); a pending one is passed over.
  ///
  /// Three independent pairs of blocks fill the processor's pipelines where one or two would wait for products.
  @inline(__always)
  mutating func takeTwelve(into words: UnsafeMutablePointer<SIMD2<UInt64>>) {
    var a = PhiloxPair(counter: counter, block: 0)
    var b = PhiloxPair(counter: counter, block: 2)
    var c = PhiloxPair(counter: counter, block: 4)
    var k0 = SIMD2<UInt64>(repeating: UInt64(key.x))
    var k1 = SIMD2<UInt64>(repeating: UInt64(key.y))
    for _ in 0..<10 {
      a.mix(k0, k1)
      b.mix(k0, k1)
      c.mix(k0, k1)
      k0 &+= SIMD2(repeating: 0x9E37_79B9)
      k1 &+= SIMD2(repeating: 0xBB67_AE85)
    }
    (words[0], words[1], words[2]) = (a.first, b.first, c.first)
    (words[3], words[4], words[5]) = (a.second, b.second, c.second)
    counter.x &+= 6
    hasPending = false
  }

  /// Word `k` of the eight that `peek` wrote.
  @inline(__always)
  static func peeked(_ k: Int, of words: UnsafeMutablePointer<SIMD2<UInt64>>) -> UInt64 {
    UnsafeMutableRawPointer(words).load(
      fromByteOffset: ((k & 1) &<< 5) | ((k &>> 1) &<< 3), as: UInt64.self)
  }

  /// Takes the first `count` of the eight words that `peek` wrote.
  @inline(__always)
  mutating func skip(_ count: Int, of words: UnsafeMutablePointer<SIMD2<UInt64>>) {
    counter.x &+= UInt32(truncatingIfNeeded: (count &+ 1) &>> 1)
    hasPending = count & 1 == 1
    if hasPending { pending = Self.peeked(count, of: words) }
  }

  /// The next 64 uniformly distributed bits.
  public mutating func next() -> UInt64 {
    if hasPending {
      hasPending = false
      return pending
    }
    let block = Self.philox4x32(counter: counter, key: key)
    counter.x &+= 1
    pending = UInt64(block.z) | UInt64(block.w) << 32
    hasPending = true
    return UInt64(block.x) | UInt64(block.y) << 32
  }

  /// A uniform draw from the open interval (0, 1), on the grid (k + ½)·2⁻⁵².
  public mutating func uniform() -> Double {
    (Double(next() >> 12) + 0.5) * 0x1p-52
  }
}

/// Two Philox4x32 blocks with consecutive numbers in vector lanes.
///
/// A word of 32 bits lies in the low half of a lane of 64, whose high half is arbitrary between
/// rounds: the products, the only operations that carry, do not look at it.
private struct PhiloxPair {
  typealias Lanes = SIMD2<UInt64>
  private static var low: Lanes { Lanes(repeating: 0xFFFF_FFFF) }
  var x0, x1, x2, x3: Lanes

  @inline(__always)
  init(counter: SIMD4<UInt32>, block: UInt64) {
    x0 = Lanes(repeating: UInt64(counter.x)) &+ Lanes(block, block + 1)
    x1 = Lanes(repeating: UInt64(counter.y))
    x2 = Lanes(repeating: UInt64(counter.z))
    x3 = Lanes(repeating: UInt64(counter.w))
  }

  /// One round.
  @inline(__always)
  mutating func mix(_ k0: Lanes, _ k1: Lanes) {
    let p0 = (x0 & Self.low) &* Lanes(repeating: 0xD251_1F53)
    let p1 = (x2 & Self.low) &* Lanes(repeating: 0xCD9E_8D57)
    x0 = (p1 &>> 32) ^ (x1 ^ k0)
    x1 = p1
    x2 = (p0 &>> 32) ^ (x3 ^ k1)
    x3 = p0
  }

  /// The first 64 bits of both blocks.
  @inline(__always) var first: Lanes { (x0 & Self.low) | (x1 &<< 32) }
  /// The last 64 bits of both blocks.
  @inline(__always) var second: Lanes { (x2 & Self.low) | (x3 &<< 32) }
}
