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
  private var block = SIMD4<UInt32>()
  private var used = 4
  private var spareNormal = Double.nan

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
    var x = counter
    var k = key
    for round in 0..<10 {
      if round > 0 {
        k.x &+= 0x9E37_79B9
        k.y &+= 0xBB67_AE85
      }
      let p0 = UInt64(0xD251_1F53) &* UInt64(x.x)
      let p1 = UInt64(0xCD9E_8D57) &* UInt64(x.z)
      x = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ x.y ^ k.x,
        UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ x.w ^ k.y,
        UInt32(truncatingIfNeeded: p0))
    }
    return x
  }

  /// The next 64 uniformly distributed bits.
  public mutating func next() -> UInt64 {
    if used >= 4 {
      block = Self.philox4x32(counter: counter, key: key)
      counter.x &+= 1
      used = 0
    }
    let bits = UInt64(block[used]) | UInt64(block[used + 1]) << 32
    used += 2
    return bits
  }

  /// A uniform draw from the open interval (0, 1), on the grid (k + ½)·2⁻⁵².
  public mutating func uniform() -> Double {
    (Double(next() >> 12) + 0.5) * 0x1p-52
  }
}
