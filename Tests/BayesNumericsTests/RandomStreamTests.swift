import Testing

@testable import BayesNumerics

@Suite struct RandomStreamTests {
  /// Counter, key and result of philox4x32-10 in Random123's kat_vectors, version 1.14.
  static let knownAnswers: [(SIMD4<UInt32>, SIMD2<UInt32>, SIMD4<UInt32>)] = [
    (
      SIMD4(repeating: 0), SIMD2(repeating: 0),
      SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4(repeating: 0xffff_ffff), SIMD2(repeating: 0xffff_ffff),
      SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), SIMD2(0xa409_3822, 0x299f_31d0),
      SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ]

  @Test("Philox gives Random123's known answers", arguments: knownAnswers)
  func knownAnswer(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>) {
    #expect(RandomStream.philox4x32(counter: counter, key: key) == expected)
  }

  @Test("The words of a stream are the blocks of its counters, low half first")
  func wordsFollowCounters() {
    var stream = RandomStream(
      seed: 0x1234_5678_9abc_def0, chain: 3, purpose: .momentum, iteration: 7)
    for block in 0..<9 {
      let words = RandomStream.philox4x32(
        counter: SIMD4(UInt32(block), 7, 3, UInt32(RandomPurpose.momentum.rawValue) << 16),
        key: SIMD2(0x9abc_def0, 0x1234_5678))
      #expect(stream.next() == UInt64(words.x) | UInt64(words.y) << 32)
      #expect(stream.next() == UInt64(words.z) | UInt64(words.w) << 32)
    }
  }

  @Test("Streams that differ in seed, chain, purpose or iteration share no word")
  func streamsDoNotOverlap() {
    var seen: Set<UInt64> = []
    var streams = 0
    for seed: UInt64 in [0, 1, 1 << 32, .max] {
      for chain in 0..<4 {
        for purpose in RandomPurpose.allCases {
          for iteration in 0..<4 {
            var stream = RandomStream(
              seed: seed, chain: chain, purpose: purpose, iteration: iteration)
            for _ in 0..<16 { seen.insert(stream.next()) }
            streams += 1
          }
        }
      }
    }
    #expect(seen.count == 16 * streams)
  }

  @Test("A copy of a stream continues alike")
  func copies() {
    var stream = RandomStream(seed: 1, chain: 0, purpose: .test, iteration: 0)
    _ = stream.next()
    var copy = stream
    let words = (0..<9).map { _ in stream.next() }
    let again = (0..<9).map { _ in copy.next() }
    #expect(words == again)
    #expect(stream.normal() == copy.normal())
  }

  @Test("Uniform draws lie inside the open interval, in every sixteenth of it alike")
  func uniform() {
    var stream = RandomStream(seed: 2, chain: 0, purpose: .test, iteration: 0)
    var counts = [Int](repeating: 0, count: 16)
    for _ in 0..<160_000 {
      let u = stream.uniform()
      #expect(u > 0 && u < 1)
      counts[Int(u * 16)] += 1
    }
    let chiSquared = counts.reduce(0.0) {
      $0 + (Double($1) - 10_000) * (Double($1) - 10_000) / 10_000
    }
    #expect(gammaCDF(chiSquared / 2, shape: 7.5, rate: 1) < 1 - 1e-6)
  }

  @Test(
    "A buffer of normals holds what single draws give, and leaves the stream where they do",
    arguments: [0, 1, 2, 3, 7, 8, 9, 64, 5000], [0, 1, 2])
  func fillsAsSingleDraws(count: Int, wordsBefore: Int) {
    var one = RandomStream(seed: 5, chain: 1, purpose: .test, iteration: 2)
    for _ in 0..<wordsBefore { _ = one.next() }
    var other = one
    let expected = (0..<count).map { _ in one.normal() }
    var filled = [Double](repeating: 0, count: count)
    filled.withUnsafeMutableBufferPointer { other.fillNormals($0) }
    #expect(filled == expected)
    #expect(other.next() == one.next())
    #expect(other.next() == one.next())
  }
}
