// Fixed-size scratch memory for the inner loops.

/// Numbers that one owner reads and writes without reference counts or uniqueness checks.
///
/// An `Array` property of a struct is checked for exclusive access and unique ownership at each
/// write, which costs several times the work of these loops. Indices are checked in debug builds.
struct Buffer<Element: BitwiseCopyable>: ~Copyable {
  private let base: UnsafeMutableBufferPointer<Element>

  init(repeating value: Element, count: Int) {
    base = .allocate(capacity: count)
    base.initialize(repeating: value)
  }

  deinit { base.deallocate() }

  var count: Int { base.count }
  var indices: Range<Int> { base.indices }

  subscript(index: Int) -> Element {
    @inline(__always) get { base[index] }
    @inline(__always) nonmutating set { base[index] = newValue }
  }

  /// All elements, valid while the buffer lives.
  @inline(__always)
  var elements: UnsafeMutableBufferPointer<Element> { base }
}
