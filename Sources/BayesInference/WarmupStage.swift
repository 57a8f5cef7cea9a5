// Warmup as data: the list of stages that a chain goes through.

/// One stretch of warmup iterations and what is learnt in it.
public struct WarmupStage: Sendable, Equatable, CustomStringConvertible {
  /// What a stage learns.
  public enum Kind: String, Sendable {
    /// The step size alone.
    case stepSize
    /// The step size, and at the end of the stage a metric from the variance of its draws.
    case variance
    /// The step size, and at every draw a metric from draws and gradients of this stage and the
    /// one before.
    case fisher
  }

  /// What the stage learns.
  public let kind: Kind
  /// The iterations of the stage, from 0.
  public let iterations: Range<Int>
  /// The deepest tree allowed in this stage if less than the setting: early trajectories run on a
  /// metric that will soon be replaced.
  public let maxTreeDepth: Int?

  /// A stage by its parts.
  public init(kind: Kind, iterations: Range<Int>, maxTreeDepth: Int? = nil) {
    self.kind = kind
    self.iterations = iterations
    self.maxTreeDepth = maxTreeDepth
  }

  public var description: String {
    let what =
      switch kind {
      case .stepSize: "step size"
      case .variance: "step size, metric from variances"
      case .fisher: "step size, metric from draws and gradients"
      }
    let limit = maxTreeDepth.map { ", depth at most \($0)" } ?? ""
    return "\(iterations.lowerBound)..<\(iterations.upperBound): \(what)\(limit)"
  }

  /// The stages of `warmup` iterations.
  public static func schedule(_ schedule: WarmupSchedule, warmup: Int) -> [WarmupStage] {
    guard warmup > 0 else { return [] }
    guard warmup >= 20 else { return [WarmupStage(kind: .stepSize, iterations: 0..<warmup)] }
    switch schedule {
    case .stan: return stan(warmup)
    case .fisher: return fisher(warmup)
    }
  }

  /// Stan's schedule: 75 iterations of step size only, metric windows of 25, 50, 100, … (the last
  /// one stretched), 50 of step size only; 15 %, 75 % and 10 % below 150 iterations.
  ///
  /// Reference: Stan reference manual 2.39, section "Automatic parameter tuning".
  private static func stan(_ warmup: Int) -> [WarmupStage] {
    let isShort = warmup < 150
    let initial = isShort ? Int(0.15 * Double(warmup)) : 75
    let final = isShort ? Int(0.1 * Double(warmup)) : 50
    let end = warmup - final
    var stages = [WarmupStage(kind: .stepSize, iterations: 0..<initial)]
    var start = initial
    var size = isShort ? end - initial : 25
    while start < end {
      // A window is stretched to the end where the next one, twice its size, would not fit.
      let stop = start + size + 2 * size > end ? end : start + size
      stages.append(WarmupStage(kind: .variance, iterations: start..<stop))
      start = stop
      size *= 2
    }
    stages.append(WarmupStage(kind: .stepSize, iterations: end..<warmup))
    return stages
  }

  /// The Fisher schedule: windows of 10 draws for the first 30 %, then of 80, growing 1.5× (the
  /// last one stretched), and 15 % of step size only.
  ///
  /// Reference: Seyboldt, Carlson, Carpenter 2026, arXiv 2603.18845.
  private static func fisher(_ warmup: Int) -> [WarmupStage] {
    let early = max(10, 3 * warmup / 10)
    let end = warmup - 15 * warmup / 100
    var stages: [WarmupStage] = []
    var start = 0
    while start < early {
      let stop = early - start < 20 ? early : start + 10
      let depth = start < 20 ? 6 : 8
      stages.append(
        WarmupStage(kind: .fisher, iterations: start..<stop, maxTreeDepth: depth))
      start = stop
    }
    var size = 80
    while start < end {
      let next = size * 3 / 2
      let stop = start + size + next > end ? end : start + size
      stages.append(WarmupStage(kind: .fisher, iterations: start..<stop))
      start = stop
      size = next
    }
    stages.append(WarmupStage(kind: .stepSize, iterations: end..<warmup))
    return stages
  }
}
