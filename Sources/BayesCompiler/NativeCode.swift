// A loaded kernel: its functions and the data tables they read.

internal import BayesNumerics

/// The C functions of a kernel with their context.
///
/// `@unchecked Sendable`: everything is written once here and only read afterwards; the functions
/// keep their state in the scratch memory that each caller passes.
final class NativeCode: @unchecked Sendable {
  typealias Function =
    @convention(c) (
      UnsafePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>,
      UnsafeRawPointer
    ) -> Double

  let valueAndGradient: Function
  let outputs: Function
  /// The C text's `struct context`: tables of double arrays, integer arrays and OpenBLAS's functions.
  let context: UnsafeRawPointer
  let workCount: Int

  private let library: NativeLibrary
  private let memory: [UnsafeMutableRawPointer]

  init(_ library: NativeLibrary, _ source: KernelSource) throws {
    valueAndGradient = try library.symbol("bayes_value_gradient", as: Function.self)
    outputs = try library.symbol("bayes_outputs", as: Function.self)
    workCount = source.workCount
    self.library = library
    // One thread: the same bits in every run, and chains are parallel already.
    if source.usesBLAS { setBLASThreads(1) }
    let doubles = source.doubles.map(Self.copy)
    let integers = source.integers.map(Self.copy)
    let tables = [Self.copy(doubles), Self.copy(integers), Self.copy(blasAddresses())]
    let context = Self.copy(tables)
    memory = doubles + integers + tables + [context]
    self.context = UnsafeRawPointer(context)
  }

  deinit { for block in memory { block.deallocate() } }

  private static func copy<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafeMutableRawPointer
  {
    let bytes = max(values.count, 1) * MemoryLayout<Element>.stride
    let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    values.withUnsafeBytes { source in
      if let base = source.baseAddress { block.copyMemory(from: base, byteCount: source.count) }
    }
    return block
  }
}
