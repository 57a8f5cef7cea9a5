// One restart: plain steps, extrapolations, and how they end.

/// A point of a path with its step.
struct EMPoint {
  let x: [Double]
  let objective: Double
  /// Where the step from `x` leads.
  let next: [Double]
}

/// The path of one restart.
struct EMPath {
  private let worker: any EMWorker
  private let settings: EMSettings
  private let progress: EMProgress?
  private let isCancelled: () -> Bool

  private var steps = 0
  private var objectives: [Double] = []
  /// The accepted point of the highest objective.
  private var highest: (x: [Double], objective: Double)?
  private var extrapolations = 0
  private var rejections = 0
  private var doubt: String?

  init(
    worker: any EMWorker, settings: EMSettings, progress: EMProgress?,
    isCancelled: @escaping () -> Bool
  ) {
    self.worker = worker
    self.settings = settings
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// Runs from a start to the end.
  mutating func run(index: Int, from start: [Double]) throws -> EMRestart {
    let outcome: EMOutcome
    do {
      outcome = try follow(from: start)
    } catch let end as Ending {
      outcome = end.outcome
    }
    return EMRestart(
      index: index, x: highest?.x ?? start, objective: highest?.objective ?? -.infinity,
      path: objectives, iterations: steps, extrapolations: extrapolations, rejections: rejections,
      outcome: outcome, doubt: doubt)
  }

  /// Steps until one of the endings is thrown or the path has converged.
  private mutating func follow(from start: [Double]) throws -> EMOutcome {
    var convergence = EMConvergence(settings: settings)
    var extrapolation = EMExtrapolation()
    var mayExtrapolate = settings.accelerates
    var before = try plainStep(from: start)
    while true {
      let after = try plainStep(from: before.next)
      if convergence.hasConverged(from: before, to: after) {
        doubt = worker.degeneracy(ofConverged: after.x)
        return .converged
      }
      if mayExtrapolate, !convergence.isConfirming,
        let x = proposed(from: before, after, by: &extrapolation)
      {
        let point = try extrapolated(to: x, above: after.objective)
        extrapolation.note(isAccepted: point != nil)
        if let point { convergence.noteExtrapolation(to: point.objective) }
        // After a rejection two plain steps are made before the next attempt.
        mayExtrapolate = point != nil
        before = point ?? after
      } else {
        mayExtrapolate = settings.accelerates
        before = after
      }
    }
  }

  /// An extrapolated point, where there are coordinates in which to extrapolate and it pays.
  private func proposed(
    from before: EMPoint, _ after: EMPoint, by extrapolation: inout EMExtrapolation
  ) -> [Double]? {
    guard let u0 = worker.unconstrained(before.x), let u1 = worker.unconstrained(after.x),
      let u2 = worker.unconstrained(after.next),
      let u = extrapolation.propose(u0, u1, u2)
    else { return nil }
    let x = worker.constrained(u)
    precondition(x.count == before.x.count, "coordinates stand for as many parameters")
    return x.allSatisfy(\.isFinite) ? x : nil
  }

  /// Evaluates an extrapolated point and, if it is not as good as the plain one, where its step leads;
  /// `nil` where neither is. The step mends what the extrapolation has magnified of the fast parts of
  /// the error, which are often all that was wrong.
  private mutating func extrapolated(to x: [Double], above objective: Double) throws -> EMPoint? {
    var x = x
    for _ in 0..<2 {
      let step = try evaluate(x)
      guard step.objective.isFinite, step.degeneracy == nil, step.next.allSatisfy(\.isFinite)
      else { break }
      if step.objective >= objective {
        extrapolations += 1
        let point = EMPoint(x: x, objective: step.objective, next: step.next)
        record(point)
        return point
      }
      x = step.next
    }
    rejections += 1
    return nil
  }

  /// Evaluates a point that a plain step led to, or the start.
  private mutating func plainStep(from x: [Double]) throws -> EMPoint {
    let step = try evaluate(x)
    let value = step.objective
    if let reason = step.degeneracy { throw Ending(.singular(reason: reason)) }
    if value == .infinity { throw Ending(.singular(reason: "the objective is infinite")) }
    if value.isNaN { throw Ending(.failed(reason: "the objective is not a number")) }
    if let highest {
      if value < highest.objective - Self.largestRounding(of: highest.objective) {
        throw Ending(.fell(EMFall(iteration: steps, from: highest.objective, to: value)))
      }
    } else if value == -.infinity {
      throw Ending(.failed(reason: "the data are impossible at the start"))
    }
    let point = EMPoint(x: x, objective: value, next: step.next)
    record(point)
    guard step.next.allSatisfy(\.isFinite) else {
      throw Ending(.failed(reason: "a step leads to parameters that are not finite"))
    }
    return point
  }

  /// Keeps a point unless rounding has lowered its objective.
  private mutating func record(_ point: EMPoint) {
    if let highest, point.objective < highest.objective { return }
    highest = (point.x, point.objective)
    objectives.append(point.objective)
  }

  private mutating func evaluate(_ x: [Double]) throws -> EMStep {
    if isCancelled() { throw Ending(.interrupted) }
    if steps >= settings.maxIterations { throw Ending(.iterationLimit) }
    let step = try worker.step(x)
    precondition(step.next.count == x.count, "a step keeps the number of parameters")
    steps += 1
    progress?.countStep()
    return step
  }

  /// What rounding may lower an objective by: sums over many rows and quadratic forms of matrices near the
  /// edge of what is not degenerate lose six of sixteen digits, hardly more; a wrong M-step loses more.
  private static func largestRounding(of objective: Double) -> Double {
    1e-9 * max(1, abs(objective))
  }
}

/// The end of a path, thrown from where it shows.
private struct Ending: Error {
  let outcome: EMOutcome
  init(_ outcome: EMOutcome) { self.outcome = outcome }
}
