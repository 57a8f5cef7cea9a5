// A traced model as something that runs: log density, gradient and recorded outputs.

public import BayesCore
public import BayesGraph

/// How a kernel is to be built.
public struct KernelSettings: Sendable {
  /// Whether to compile native code; otherwise the interpreter runs.
  public var isNative = true
  /// Whether likelihoods may be replaced by sufficient statistics.
  public var usesStatistics = true
  /// Where compiled kernels are kept; the user's cache folder when `nil`.
  public var cacheFolder: String?
  public init() {}
}

/// A compiled log density with its recorded outputs.
public struct Kernel: LogDensity {
  /// What runs.
  public enum Backend: Sendable, Equatable {
    /// Native code; whether it came from the cache.
    case native(isCached: Bool)
    /// The interpreter, and why.
    case interpreter(reason: String)
  }

  public let dimension: Int
  public let backend: Backend
  /// The rendered C text.
  public let source: String
  /// The graph that was lowered, value and gradient included.
  public let graph: Graph
  /// What the compiler did beyond the plain graph, one line each, for the output.
  public let rewrites: [String]
  /// The number of scalars that `outputs` yields.
  public let outputCount: Int
  /// A deterministic estimate of one gradient's cost in nanoseconds, from operation counts.
  public let estimatedCost: Double

  /// - Parameters:
  ///   - logDensity: a scalar node of `graph`.
  ///   - outputs: nodes recorded per draw, flattened one after another.
  public init(
    graph: Graph, dimension: Int, logDensity: NodeID, outputs: [NodeID],
    settings: KernelSettings = KernelSettings()
  ) throws {
    fatalError()
  }

  public func makeEvaluator() throws -> any LogDensityEvaluator { try makeKernelEvaluator() }
  public func makeKernelEvaluator() throws -> KernelEvaluator { fatalError() }
}

/// One thread's evaluator of a kernel.
public final class KernelEvaluator: LogDensityEvaluator {
  public func logDensity(
    at position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>
  ) throws -> Double { fatalError() }

  /// Writes the outputs' values at a position; room for `outputCount`.
  public func outputs(
    at position: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) throws { fatalError() }
}
