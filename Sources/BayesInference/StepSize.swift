// Step size: the initial search and dual averaging.

import Glibc

/// Nesterov's dual averaging of log ε towards a target acceptance.
///
/// ```
/// s̄ ← (1 − 1/(t + t₀)) s̄ + (δ − a)/(t + t₀)
/// log ε = μ − s̄ √t / γ;  η = t^−κ;  log ε̄ ← (1 − η) log ε̄ + η log ε
/// ```
/// with γ = 0.05, κ = 0.75, t₀ = 10 and μ = log(10 ε₀).
///
/// Reference: Hoffman, Gelman 2014, JMLR 15, section 3.2.
struct DualAveraging: Equatable {
  /// The acceptance aimed at.
  var target: Double
  private(set) var mu: Double
  private var meanDeficit = 0.0
  private var logAverage = 0.0
  private(set) var count = 0
  /// The step size to try next.
  private(set) var stepSize: Double

  static let gamma = 0.05
  static let kappa = 0.75
  static let offset = 10.0

  /// - Parameter boldness: μ is log(boldness · ε₀); Hoffman and Gelman's value is 10.
  init(initial: Double, target: Double, boldness: Double = 10) {
    self.target = target
    stepSize = initial
    mu = log(boldness * initial)
    logAverage = log(initial)
  }

  /// Takes in the acceptance of one iteration; a value that is not finite counts as 0.
  mutating func update(acceptance: Double) {
    count += 1
    let t = Double(count)
    let a = acceptance.isFinite ? min(1, acceptance) : 0
    let weight = 1 / (t + Self.offset)
    meanDeficit = (1 - weight) * meanDeficit + weight * (target - a)
    let logStep = mu - meanDeficit * sqrt(t) / Self.gamma
    let eta = pow(t, -Self.kappa)
    logAverage = (1 - eta) * logAverage + eta * logStep
    stepSize = exp(logStep)
  }

  /// ε̄, the step size to use once the adaptation is over.
  var averaged: Double { exp(logAverage) }
}

/// Finds the step size at which the acceptance of a single step crosses 0.8 by doubling or halving.
///
/// - Parameter acceptance: the one-step acceptance min(1, eᵈ) of a step size with a fresh momentum;
///   the second argument is the number of the try. 0 for a step that was not finite.
/// - Returns: the last step size tried, after at most 100 tries.
func searchStepSize(
  from initial: Double, acceptance: (Double, Int) throws -> Double
) rethrows -> Double {
  var stepSize = initial
  let grows = try acceptance(stepSize, 0) > 0.8
  for attempt in 1...100 {
    let next = grows ? stepSize * 2 : stepSize / 2
    guard next.isFinite, next > 1e-300, next < 1e7 else { break }
    stepSize = next
    if try (acceptance(stepSize, attempt) > 0.8) != grows { break }
  }
  return stepSize
}
