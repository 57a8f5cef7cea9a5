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
  /// The log density, its gradient (one vector) and the outputs (one vector) in `graph`.
  public let roots: (value: NodeID, gradient: NodeID, outputs: NodeID)
  /// What the compiler did beyond the plain graph, one line each, for the output.
  public let rewrites: [String]
  /// The number of scalars that `outputs` yields.
  public let outputCount: Int
  /// A deterministic estimate of one gradient's cost in nanoseconds, from operation counts.
  public let estimatedCost: Double

  private let code: NativeCode?

  /// Differentiates, simplifies, renders and compiles.
  ///
  /// - Parameters:
  ///   - logDensity: a scalar node of `graph`.
  ///   - outputs: nodes recorded per draw, flattened one after another.
  ///
  /// Where the C text cannot be compiled or loaded (no compiler, no cache folder), the interpreter
  /// runs and `backend` says why. A kernel with large linear algebra sets OpenBLAS to one thread in this
  /// process, so that the same position gives the same bits.
  public init(
    graph: Graph, dimension: Int, logDensity: NodeID, outputs: [NodeID],
    settings: KernelSettings = KernelSettings()
  ) throws {
    let builder = GraphBuilder(graph)
    let plain = Tensor(builder: builder, id: logDensity)
    let rewrite: CheckedRewrite? =
      settings.usesStatistics
      ? CheckedRewrite(
        of: plain, dimension: dimension, rules: StatisticsPass.rules.map(\.name)
      ) { leftOut in
        let pass = StatisticsPass(builder: builder, leavingOut: leftOut)
        return (pass.rewrite(plain), pass.summary)
      } : nil
    let root = rewrite?.root ?? plain
    let gradient = builder.assembledGradient(of: root, dimension: dimension)
    let recorded = outputs.map { Tensor(builder: builder, id: $0) }
    let output = recorded.isEmpty ? builder.constant(0) : builder.concatenate(recorded)
    self.dimension = dimension
    self.graph = builder.graph
    rewrites = rewrite?.summary ?? []
    outputCount = recorded.reduce(0) { $0 + $1.shape.count }
    roots = (root.id, gradient.id, output.id)
    estimatedCost = CostEstimate.nanoseconds(builder.graph, roots: [root.id, gradient.id])
    let rendered = KernelSource(
      builder.graph, value: root.id, gradient: gradient.id, outputs: output.id)
    source = rendered.text
    guard settings.isNative else {
      backend = .interpreter(reason: "asked for")
      code = nil
      return
    }
    do {
      let (library, isCached) = try NativeBuild.library(
        for: rendered.text, cacheFolder: settings.cacheFolder)
      code = try NativeCode(library, rendered)
      backend = .native(isCached: isCached)
    } catch let error as CompilationError {
      code = nil
      backend = .interpreter(reason: error.description)
    }
  }

  public func makeEvaluator() throws -> any LogDensityEvaluator { makeKernelEvaluator() }

  /// A fresh evaluator, for one thread at a time.
  public func makeKernelEvaluator() -> KernelEvaluator { KernelEvaluator(self, code) }
}
