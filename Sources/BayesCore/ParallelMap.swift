// Independent work on several threads, results by position.

internal import Glibc
internal import Synchronization

/// Runs `body` for 0..<count on up to `threads` threads and returns the results by index.
///
/// Which thread runs which index never shows in the result. Blocks until all are done; the calling
/// thread takes part. The first error by index is thrown after all work has ended.
public func parallelMap<Result: Sendable>(
  count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
  let state = WorkQueue<Result>(count: count, body: body)
  var handles: [pthread_t] = []
  for _ in 1..<max(1, min(threads, count)) {
    var handle = pthread_t()
    let context = Unmanaged.passRetained(state as AnyWorkQueue).toOpaque()
    let status = pthread_create(
      &handle, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<AnyWorkQueue>.fromOpaque(context).takeRetainedValue().drain()
        return nil
      }, context)
    if status == 0 {
      handles.append(handle)
    } else {  // No more threads to be had: the ones that run do the work.
      Unmanaged<AnyWorkQueue>.fromOpaque(context).release()
    }
  }
  state.drain()
  for handle in handles { pthread_join(handle, nil) }
  return try state.results.withLock { try $0.map { try $0!.get() } }
}

/// The processors this process may run on.
public func availableProcessors() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

private class AnyWorkQueue {
  func drain() {}
}

private final class WorkQueue<Result: Sendable>: AnyWorkQueue {
  let count: Int
  let body: @Sendable (Int) throws -> Result
  let next = Atomic<Int>(0)
  let results: Mutex<[Swift.Result<Result, any Error>?]>

  init(count: Int, body: @escaping @Sendable (Int) throws -> Result) {
    self.count = count
    self.body = body
    results = Mutex(Array(repeating: nil, count: count))
  }

  override func drain() {
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let result = Swift.Result { try body(index) }
      results.withLock { $0[index] = result }
    }
  }
}
