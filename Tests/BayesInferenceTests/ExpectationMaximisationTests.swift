// Expectation maximisation: known optima, the paths to them, and how faulty problems end.

import BayesNumerics
import Glibc
import Synchronization
import Testing

@testable import BayesInference

private let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  .dropLast().joined(separator: "/")
private let mixtureFile = "\(folder)/../../../shared/fixtures/mixtures/gmm2d.csv"

/// False where the shared fixtures are absent, which continuous integration does not allow.
private let hasMixtureFile: Bool = {
  if access(mixtureFile, R_OK) == 0 || getenv("CI").map({ String(cString: $0) }) == "true" {
    return true
  }
  print("skipped: there is no \(mixtureFile)")
  return false
}()

private func numbers(in path: String) throws -> [Double] {
  let file = try #require(fopen(path, "r"), "\(path) cannot be read")
  defer { fclose(file) }
  var text = ""
  var buffer = [UInt8](repeating: 0, count: 4096)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
    text += String(decoding: buffer[..<count], as: UTF8.self)
  }
  return text.split(separator: "\n").dropFirst()
    .flatMap { $0.split(separator: ",").compactMap { Double($0) } }
}

private func settings(
  restarts: Int = 1, accelerates: Bool = true, maxIterations: Int = 1000, threads: Int = 1
) -> EMSettings {
  var settings = EMSettings()
  settings.restarts = restarts
  settings.accelerates = accelerates
  settings.maxIterations = maxIterations
  settings.threads = threads
  return settings
}

private func isNonDecreasing(_ path: [Double]) -> Bool {
  zip(path, path.dropFirst()).allSatisfy { $0 <= $1 }
}

private func stream(_ seed: UInt64) -> RandomStream {
  RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
}

private let poisson: PoissonMixture = {
  var stream = stream(3)
  let counts = (0..<2000).map { _ in stream.poisson(mean: stream.uniform() < 0.3 ? 5 : 2.5) }
  return PoissonMixture(counts: counts, components: 2, seed: 1)
}()

@Suite("Expectation maximisation")
struct ExpectationMaximisationTests {
  @Test(
    "Two bivariate normals: the optimum of the reference from every seed",
    .enabled(if: hasMixtureFile, "no shared fixtures"), arguments: [true, false])
  func gaussianMixture(accelerates: Bool) throws {
    let rows = try numbers(in: mixtureFile)
    #expect(rows.count == 2000)
    let expected: [Double] = [
      0.418192, 0.581808, -0.054819, -0.006008, 3.072281, 2.956280,
      0.940928, 0.429641, 0.429641, 0.911988, 0.969251, -0.286940, -0.286940, 0.791748,
    ]
    for seed in 0..<20 as Range<UInt64> {
      let run = try expectationMaximisation(
        GaussianMixture(rows: rows, columns: 2, components: 2, seed: seed),
        settings: settings(accelerates: accelerates))
      let best = try #require(run.bestRestart)
      #expect(best.isConverged)
      #expect(abs(best.objective + 3290.886814) < 1e-6, "seed \(seed): \(best.objective)")
      #expect(isNonDecreasing(best.path) && best.path.last == best.objective)
      var x = best.x
      if x[0] > x[1] {
        x.swapAt(0, 1)
        for i in 2..<4 { x.swapAt(i, i + 2) }
        for i in 6..<10 { x.swapAt(i, i + 4) }
      }
      for (found, value) in zip(x, expected) {
        #expect(abs(found - value) < 1e-4, "seed \(seed)")
      }
    }
  }

  @Test("A hidden chain takes Baum and Welch's path", arguments: [true, false])
  func hiddenChain(accelerates: Bool) throws {
    var settings = settings(accelerates: accelerates, maxIterations: 201)
    if accelerates {
      let end = try expectationMaximisation(HiddenChain.example, settings: settings).restarts[0]
      #expect(end.isConverged && end.iterations < 150)
      #expect(abs(end.objective + 31.670938552326) < 1e-7)
      return
    }
    (settings.tolerance, settings.accuracy) = (0, 0)
    let path = try expectationMaximisation(HiddenChain.example, settings: settings).restarts[0].path
    let expected: [(Int, Double)] = [
      (0, -33.385890859718), (1, -32.415862489083), (2, -32.319400491334), (5, -32.254230784430),
      (10, -32.207776795775), (50, -31.673443707399), (200, -31.670938552326),
    ]
    for (updates, value) in expected {
      // A path that has come to rest before is as long as it needs to be.
      let found = path[min(updates, path.count - 1)]
      #expect(abs(found - value) < 1e-11, "after \(updates) updates: \(found)")
    }
  }

  @Test("Extrapolation takes a third of the steps to the same optimum, from every start")
  func acceleration() throws {
    let plain = try expectationMaximisation(
      poisson, settings: settings(restarts: 3, accelerates: false))
    let fast = try expectationMaximisation(poisson, settings: settings(restarts: 3))
    for (plain, fast) in zip(plain.restarts, fast.restarts) {
      #expect(plain.isConverged && fast.isConverged)
      #expect(plain.extrapolations == 0 && fast.extrapolations > 0)
      #expect(abs(plain.objective - fast.objective) < 1e-7)
      #expect(isNonDecreasing(plain.path) && isNonDecreasing(fast.path))
      for (a, b) in zip(plain.x.sorted(), fast.x.sorted()) { #expect(abs(a - b) < 1e-3) }
    }
    let steps = [plain, fast].map { $0.restarts.reduce(0) { $0 + $1.iterations } }
    #expect(steps[1] * 3 < steps[0], "\(steps)")
    #expect(fast.reachedBest == 3 && plain.reachedBest == 3)
  }

  @Test("Paths never fall, with outliers and duplicates", arguments: [true, false])
  func monotone(accelerates: Bool) throws {
    for seed in 0..<100 as Range<UInt64> {
      var numbers = stream(seed)
      let count = 30 + Int(numbers.uniform() * 120)
      let components = 2 + Int(seed % 3)
      let rows = (0..<count).map { row in
        var value = numbers.normal() + (numbers.uniform() < 0.5 ? 3 : 0)
        if numbers.uniform() < 0.05 { value *= 1000 * numbers.normal() }
        return seed % 2 == 0 ? value : (value * 2).rounded() / 2
      }
      let run = try expectationMaximisation(
        GaussianMixture(rows: rows, columns: 1, components: components, seed: seed),
        settings: settings(accelerates: accelerates, maxIterations: 60))
      #expect(run.falls.isEmpty && run.failed == 0, "seed \(seed): \(run.restarts[0].outcome)")
      #expect(isNonDecreasing(run.restarts[0].path), "seed \(seed)")
    }
  }

  @Test("Restarts do not depend on threads or on how many there are")
  func threads() throws {
    let one = try expectationMaximisation(poisson, settings: settings(restarts: 7))
    let three = try expectationMaximisation(poisson, settings: settings(restarts: 7, threads: 3))
    let few = try expectationMaximisation(poisson, settings: settings(restarts: 3, threads: 2))
    #expect(one.restarts == three.restarts && one.best == three.best)
    #expect(few.restarts == Array(one.restarts.prefix(3)))
    #expect(one.restarts.map(\.index) == Array(0..<7))
  }

  @Test("A cancelled run keeps the restarts that have ended")
  func cancellation() throws {
    let polls = Counter()
    let progress = EMProgress()
    let run = try expectationMaximisation(
      poisson, settings: settings(restarts: 5), progress: progress
    ) { polls.next() > 100 }
    #expect(run.isInterrupted && run.restarts.count < 5)
    #expect(run.restarts[0].isConverged && run.restarts.last?.outcome == .interrupted)
    #expect(run.best != nil && run.bestRestart?.isConverged == true)
    let snapshot = progress.snapshot()
    #expect(snapshot.iterations == run.restarts.reduce(0) { $0 + $1.iterations })
    #expect(snapshot.finished == run.restarts.count && snapshot.converged == run.converged)
    #expect(snapshot.best == run.bestRestart?.objective)
    let none = try expectationMaximisation(poisson, settings: settings()) { true }
    #expect(none.isInterrupted && none.restarts.isEmpty && none.best == nil)
  }
}

/// Counts how often it was asked.
private final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

@Suite("Convergence and faults of expectation maximisation")
struct EMFaultTests {
  @Test("Slow linear convergence is not mistaken for an optimum", arguments: [0.5, 0.9, 0.999])
  func slow(rate: Double) throws {
    let problem = ScriptedProblem(starts: [[1, 1]]) { x in
      EMStep(objective: -1000 - x[0] * x[0] - x[1] * x[1], next: [rate * x[0], 0.1 * x[1]])
    }
    for accelerates in [true, false] {
      let run = try expectationMaximisation(
        problem, settings: settings(accelerates: accelerates, maxIterations: 100_000))
      #expect(run.restarts[0].isConverged)
      #expect(-1000 - run.restarts[0].objective < 2e-8)
      if accelerates { #expect(run.restarts[0].iterations < 100) }
    }
  }

  @Test("With the relative test alone a path ends sooner")
  func relativeTest() throws {
    var settings = settings(accelerates: false)
    let strict = try expectationMaximisation(poisson, settings: settings).restarts[0]
    settings.accuracy = .infinity
    let loose = try expectationMaximisation(poisson, settings: settings).restarts[0]
    #expect(loose.isConverged && loose.iterations < strict.iterations)
    #expect(strict.objective - loose.objective < 2e-8 * abs(strict.objective))
  }

  @Test("Without coordinates all steps are plain")
  func edge() throws {
    var problem = ScriptedProblem(starts: [[1]]) { x in
      EMStep(objective: -x[0] * x[0], next: [0.9 * x[0]])
    }
    problem.hasCoordinates = false
    let accelerated = try expectationMaximisation(problem, settings: settings())
    let plain = try expectationMaximisation(problem, settings: settings(accelerates: false))
    #expect(accelerated.restarts == plain.restarts)
  }

  @Test("A step that lowers the objective is reported and not chosen", arguments: [true, false])
  func fall(accelerates: Bool) throws {
    let problem = ScriptedProblem(starts: [[1]]) { x in
      EMStep(objective: x[0] < 3.5 ? x[0] : -x[0], next: [x[0] + 1])
    }
    let run = try expectationMaximisation(problem, settings: settings(accelerates: accelerates))
    let end = run.restarts[0]
    #expect(end.outcome == .fell(EMFall(iteration: end.iterations, from: 3, to: -4)))
    #expect(end.path == [1, 2, 3] && end.x == [3] && end.objective == 3)
    #expect(run.best == nil && run.falls.count == 1 && run.falls.first?.restart == 0)
  }

  @Test("Degenerate restarts are set aside and counted", arguments: [true, false])
  func degenerate(accelerates: Bool) throws {
    // Positive starts go to 1; negative ones to 0, where the objective has no bound.
    let problem = ScriptedProblem(starts: [[5], [-1], [2]]) { x in
      x[0] > 0
        ? EMStep(objective: -(x[0] - 1) * (x[0] - 1), next: [1 + (x[0] - 1) / 2])
        : EMStep(
          objective: 100 - log(-x[0]), next: [x[0] / 2],
          degeneracy: x[0] > -0.01 ? "component 1 has no variance left" : nil)
    }
    let run = try expectationMaximisation(
      problem, settings: settings(restarts: 6, accelerates: accelerates))
    #expect(run.singular == 2 && run.converged == 4 && run.reachedBest == 4)
    #expect(try #require(run.bestRestart).objective > -1e-7)
    #expect(run.restarts[1].outcome == .singular(reason: "component 1 has no variance left"))
  }

  @Test("A component on equal rows is degenerate, and then there is no best restart")
  func equalRows() throws {
    var numbers = stream(4)
    let rows = [Double](repeating: 0, count: 30) + (0..<30).map { _ in 10 + numbers.normal() }
    let run = try expectationMaximisation(
      GaussianMixture(rows: rows, columns: 1, components: 2, seed: 1),
      settings: settings(restarts: 4))
    #expect(run.singular == 4 && run.best == nil && run.bestRestart == nil)
    #expect(run.reachedBest == 0)
  }

  @Test(
    "Objectives and points that are no numbers end a restart with a reason",
    arguments: [
      (Double.nan, 1, EMOutcome.failed(reason: "the objective is not a number")),
      (-.infinity, 1, .failed(reason: "the data are impossible at the start")),
      (.infinity, 1, .singular(reason: "the objective is infinite")),
      (1, .nan, .failed(reason: "a step leads to parameters that are not finite")),
    ])
  func notNumbers(_ objective: Double, _ next: Double, _ outcome: EMOutcome) throws {
    let problem = ScriptedProblem(starts: [[1]]) { _ in EMStep(objective: objective, next: [next]) }
    let run = try expectationMaximisation(problem, settings: settings())
    #expect(run.restarts[0].outcome == outcome)
    #expect(run.best == nil)
  }

  @Test("Where none has converged the highest of the others is best, and more steps are advised")
  func iterationLimit() throws {
    let short = try expectationMaximisation(
      poisson, settings: settings(restarts: 3, maxIterations: 4))
    let best = try #require(short.bestRestart)
    #expect(best.outcome == .iterationLimit && best.iterations == 4)
    #expect(best.objective == short.restarts.map(\.objective).max())
    #expect(short.reachedBest == 0 && short.unconvergedAboveBest == 0)
    // A start at rest, and one that climbs higher for ever.
    let problem = ScriptedProblem(starts: [[0], [1]], hasCoordinates: false) { x in
      EMStep(objective: x[0], next: [x[0] == 0 ? 0 : x[0] + 1])
    }
    let run = try expectationMaximisation(
      problem, settings: settings(restarts: 2, maxIterations: 50))
    #expect(run.best == 0 && run.unconvergedAboveBest == 1)
  }

  @Test("The first restart's error is thrown, whatever the threads", arguments: [1, 3])
  func errors(threads: Int) {
    struct Fault: Error, Equatable { let restart: Double }
    let problem = ScriptedProblem(starts: (0..<9).map { [Double($0)] }) { x in
      if x[0] >= 4 { throw Fault(restart: x[0]) }
      return EMStep(objective: 0, next: x)
    }
    #expect(throws: Fault(restart: 4)) {
      try expectationMaximisation(problem, settings: settings(restarts: 9, threads: threads))
    }
  }

  @Test("Settings out of range are named", arguments: ["restarts", "max-iterations", "threads"])
  func integers(_ name: String) {
    var settings = EMSettings()
    switch name {
    case "restarts": settings.restarts = 0
    case "max-iterations": settings.maxIterations = 0
    default: settings.threads = 0
    }
    #expect {
      try expectationMaximisation(poisson, settings: settings)
    } throws: { error in
      "\(error)".hasPrefix("\(name) is 0; expected a whole number from 1 to")
    }
  }

  @Test("A tolerance that is no number is named", arguments: [Double.nan, -1, 2])
  func tolerance(_ value: Double) {
    var settings = EMSettings()
    settings.tolerance = value
    #expect(
      throws: EMError.invalidSetting(
        name: "tolerance", value: "\(value)", expected: "a number from 0.0 to 1.0")
    ) { try expectationMaximisation(poisson, settings: settings) }
  }
}
