// One thread's way to run a kernel.

public import BayesCore
internal import BayesGraph

/// One thread's evaluator of a kernel.
public final class KernelEvaluator: LogDensityEvaluator {
  private let kernel: Kernel
  /// The native code, kept as long as its functions may be called.
  private let code: NativeCode?
  /// The code's function and context by themselves: a small kernel runs for 50 ns, and to reach
  /// them through `code` would take 30 more for counting references.
  private let valueAndGradient: NativeCode.Function?
  private let context: UnsafeRawPointer
  private let work: UnsafeMutablePointer<Double>

  init(_ kernel: Kernel, _ code: NativeCode?) {
    self.kernel = kernel
    self.code = code
    valueAndGradient = code?.valueAndGradient
    let count = max(code?.workCount ?? 0, 8)
    // 64-byte alignment: one vector register never straddles two cache lines.
    work = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 64)
      .bindMemory(to: Double.self, capacity: count)
    work.initialize(repeating: 0, count: count)
    context = code?.context ?? UnsafeRawPointer(work)
  }

  deinit { work.deallocate() }

  public func logDensity(
    at position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>
  ) throws -> Double {
    // The code may go with its last evaluator, but not while it runs.
    if let valueAndGradient {
      return withExtendedLifetime(self) { valueAndGradient(position, gradient, work, context) }
    }
    let values = interpret([kernel.roots.value, kernel.roots.gradient], position)
    gradient.update(from: values[1], count: kernel.dimension)
    return values[0][0]
  }

  /// Writes the outputs' values at a position; room for `outputCount`.
  public func outputs(
    at position: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    guard kernel.outputCount > 0 else { return }
    if let code {
      withExtendedLifetime(self) { _ = code.outputs(position, values, work, context) }
    } else {
      values.update(from: interpret([kernel.roots.outputs], position)[0], count: kernel.outputCount)
    }
  }

  private func interpret(_ nodes: [NodeID], _ position: UnsafePointer<Double>) -> [[Double]] {
    Interpreter(kernel.graph).values(
      of: nodes, at: Array(UnsafeBufferPointer(start: position, count: kernel.dimension)))
  }
}
