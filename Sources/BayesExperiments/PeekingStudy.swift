// What looking at a test while it runs does to its errors: a simulator.

import BayesCore
import BayesNumerics
import Glibc

/// A way to decide at a look whether to stop with a winner.
public enum StoppingRule: Sendable, Equatable {
  /// A two-sided z test at level α at every look.
  case zTest
  /// A two-sided z test at level α at the last look only.
  case fixed
  /// A posterior probability of a difference above 0 of at least `threshold`, or at most one minus it, at any look.
  case posterior(threshold: Double)
  /// The mixture sequential probability ratio test, effects ~ N(0, τ²).
  case mixture(effectVariance: Double)
  /// The confidence sequence that is sharpest at a planned number of units.
  case confidenceSequence(plannedUnits: Double)

  /// The name as the command line has it.
  public var name: String {
    switch self {
    case .zTest: "z"
    case .fixed: "fixed"
    case .posterior(let threshold): "posterior:\(short(threshold))"
    case .mixture(let variance): "msprt:\(short(variance))"
    case .confidenceSequence(let units): "cs:\(short(units))"
    }
  }
}

/// A simulation of two-armed tests that are looked at several times.
public struct PeekingStudy: Sendable, Equatable {
  /// What the units give.
  public enum Outcome: Sendable, Equatable {
    /// Normal values of a known standard deviation.
    case normal(sd: Double)
    /// Successes, with this rate in the control.
    case binomial(rate: Double)
  }

  /// Where the looks are.
  public enum Spacing: String, Sendable, CaseIterable {
    /// Equal numbers of units between looks.
    case equal
    /// Equal ratios of numbers of units, from a hundredth of all on.
    case log
  }

  /// What the units give.
  public var outcome: Outcome
  /// Treatment minus control; 0 for false positives.
  public var effect: Double = 0
  /// Units in each variant at the last look.
  public var units: Int = 10_000
  /// Numbers of looks to simulate.
  public var looks: [Int] = [1, 2, 5, 10, 20, 50, 100]
  /// Where they are.
  public var spacing = Spacing.equal
  /// The rules to compare, on the same data.
  public var rules: [StoppingRule]
  /// The level of tests and sequences.
  public var alpha = 0.05
  /// Simulated tests.
  public var replicates = 10_000
  /// Key of all random numbers.
  public var seed: UInt64 = 1
  /// Threads; the result does not depend on them.
  public var threads = availableProcessors()

  /// A study of rules.
  public init(_ outcome: Outcome, rules: [StoppingRule]) {
    self.outcome = outcome
    self.rules = rules
  }

  /// How often a rule stopped with a winner.
  public struct Rate: Sendable, Equatable {
    /// The rule.
    public let rule: StoppingRule
    /// The number of looks.
    public let looks: Int
    /// How many of the simulated tests stopped with a winner.
    public let stopped: Int
    /// The simulated tests.
    public let replicates: Int
    /// The units in each variant when the test ended, on average over all tests.
    public let meanUnits: Double
    /// The share of tests that stopped with a winner.
    public var share: Double { Double(stopped) / Double(replicates) }
    /// Its Monte Carlo standard error, √(p(1−p)/replicates).
    public var standardError: Double { (share * (1 - share) / Double(replicates)).squareRoot() }
  }

  /// Simulates, a row for each number of looks and rule.
  ///
  /// - Throws: `ExperimentError.invalidSetting`.
  public func run() throws -> [Rate] {
    try check()
    return try looks.enumerated().flatMap { index, count in
      let sizes = sizes(count)
      let tests = try rules.map { try PreparedRule($0, self) }
      let chunk = 200
      let chunks = (replicates + chunk - 1) / chunk
      let parts = try parallelMap(count: chunks, threads: threads) { part in
        let range = (part * chunk)..<min(replicates, (part + 1) * chunk)
        return tally(sizes, tests, chain: index, range)
      }
      return rules.indices.map { k in
        let units = parts.reduce(0) { $0 + $1[k].units }
        return Rate(
          rule: rules[k], looks: count, stopped: parts.reduce(0) { $0 + $1[k].stopped },
          replicates: replicates, meanUnits: Double(units) / Double(replicates))
      }
    }
  }

  private func check() throws {
    func fail(_ problem: String) -> ExperimentError { .invalidSetting(problem) }
    switch outcome {
    case .normal(let sd):
      guard sd > 0, sd.isFinite else { throw fail("the standard deviation must be positive") }
    case .binomial(let rate):
      guard rate > 0, rate < 1, rate + effect > 0, rate + effect < 1 else {
        throw fail("the rates of both variants lie between 0 and 1")
      }
    }
    guard effect.isFinite else { throw fail("the effect must be a finite number") }
    guard alpha > 0, alpha < 1 else { throw fail("alpha lies between 0 and 1") }
    guard replicates >= 1, replicates <= 100_000_000 else {
      throw fail("replicates must be from 1 to 100000000")
    }
    guard units >= 1, units <= 1_000_000_000 else { throw fail("units must be from 1 to 1e9") }
    guard !looks.isEmpty, looks.allSatisfy({ $0 >= 1 && $0 <= units }) else {
      throw fail("each number of looks must be at least 1 and at most the number of units")
    }
    guard looks.allSatisfy({ $0 <= 1_000_000 }) else {
      throw fail("each number of looks must be at most 1000000")
    }
    guard !rules.isEmpty else { throw fail("there is no rule to simulate") }
    for rule in rules {
      if case .posterior(let threshold) = rule, !(threshold > 0.5 && threshold < 1) {
        throw fail("the threshold of a posterior probability lies between 0.5 and 1")
      }
    }
  }

  /// Units in each variant at each of the looks, increasing.
  public func sizes(_ count: Int) -> [Int] {
    (1...count).map { look in
      switch spacing {
      case .equal: return Int((Double(units) * Double(look) / Double(count)).rounded())
      case .log:
        guard count > 1 else { return units }
        let share = pow(0.01, 1 - Double(look - 1) / Double(count - 1))
        return max(look, Int((Double(units) * share).rounded()))
      }
    }
  }

  private func tally(
    _ sizes: [Int], _ tests: [PreparedRule], chain: Int, _ range: Range<Int>
  ) -> [(stopped: Int, units: Int)] {
    var results = [(stopped: Int, units: Int)](repeating: (0, 0), count: tests.count)
    var isOpen = [Bool](repeating: true, count: tests.count)
    for replicate in range {
      var stream = RandomStream(
        seed: seed, chain: chain, purpose: .simulation, iteration: replicate)
      for k in tests.indices { isOpen[k] = true }
      var state = SimulatedTest()
      var open = tests.count
      for (look, size) in sizes.enumerated() where open > 0 {
        state.grow(to: size, outcome, effect, using: &stream)
        for k in tests.indices where isOpen[k] {
          let isLast = look == sizes.count - 1
          let isStopped = tests[k].stops(state, outcome, isLast: isLast)
          guard isStopped || isLast else { continue }
          results[k].units += size
          if isStopped { results[k].stopped += 1 }
          isOpen[k] = false
          open -= 1
        }
      }
    }
    return results
  }
}

/// A test while it runs: units in each variant, and what they gave.
struct SimulatedTest {
  var size = 0
  /// Sum of the control's outcomes; of a normal outcome only the difference of the sums is kept.
  var control = 0.0
  var treatment = 0.0

  mutating func grow(
    to newSize: Int, _ outcome: PeekingStudy.Outcome, _ effect: Double,
    using stream: inout RandomStream
  ) {
    let added = newSize - size
    size = newSize
    guard added > 0 else { return }
    switch outcome {
    case .normal(let sd):
      let n = Double(added)
      treatment += n * effect + sd * (2 * n).squareRoot() * stream.normal()
    case .binomial(let rate):
      control += stream.binomial(trials: added, probability: rate)
      treatment += stream.binomial(trials: added, probability: rate + effect)
    }
  }

  var difference: Double { (treatment - control) / Double(size) }
}

/// A rule with its constants.
struct PreparedRule: Sendable {
  let rule: StoppingRule
  let critical: Double
  let test: SequentialTest?
  let logLevel: Double

  init(_ rule: StoppingRule, _ study: PeekingStudy) throws {
    self.rule = rule
    logLevel = -log(study.alpha)
    switch rule {
    case .zTest, .fixed:
      critical = -normalQuantile(0.5 * study.alpha)
      test = nil
    case .posterior(let threshold):
      critical = normalQuantile(threshold)
      test = nil
    case .mixture(let variance):
      critical = 0
      test = try SequentialTest(alpha: study.alpha, mixture: .effect(variance: variance))
    case .confidenceSequence(let units):
      critical = 0
      test = try SequentialTest(alpha: study.alpha, mixture: .plannedUnits(units))
    }
  }

  func stops(_ state: SimulatedTest, _ outcome: PeekingStudy.Outcome, isLast: Bool) -> Bool {
    if case .fixed = rule, !isLast { return false }
    let n = Double(state.size)
    let (a, b) = (state.control, state.treatment)
    let variance: Double
    switch (outcome, rule) {
    case (.normal(let sd), _): variance = 2 * sd * sd / n
    case (.binomial, .posterior(let threshold)):
      let p = probabilityExceeds(1 + a, 1 + n - a, by: 1 + b, 1 + n - b)
      return p >= threshold || p <= 1 - threshold
    case (.binomial, .zTest), (.binomial, .fixed):
      let rate = (a + b) / (2 * n)
      variance = 2 * rate * (1 - rate) / n
      if variance == 0 { return false }
    case (.binomial, _):
      let (p, q) = ((a + 0.5) / (n + 1), (b + 0.5) / (n + 1))
      variance = (p * (1 - p) + q * (1 - q)) / n
    }
    if let test {
      return test.logLikelihoodRatio(difference: state.difference, variance: variance, units: n)
        >= logLevel
    }
    return abs(state.difference) >= critical * variance.squareRoot()
  }
}
