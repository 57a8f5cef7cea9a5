// What the user's code may ask for while its body runs.

import Synchronization

/// The state of a trace that symbolic values see through a task-local value.
final class TracingContext: Sendable {
  @TaskLocal static var current: TracingContext?

  struct AxisValue: Sendable {
    let name: String
    let size: Int
    let labels: [String]?
  }

  /// The axes whose sizes are known.
  let axes: [Key: AxisValue]
  private let terms = Mutex<[Term]>([])

  init(axes: [Key: AxisValue]) { self.axes = axes }

  /// Keeps a term alive until the trace ends.
  func keep(_ term: Term) { terms.withLock { $0.append(term) } }

  deinit {
    // Newest first: then a term is released after all that use it, and a long chain of terms is not
    // released by as deep a recursion.
    terms.withLock { terms in
      while terms.popLast() != nil {}
    }
  }
}
