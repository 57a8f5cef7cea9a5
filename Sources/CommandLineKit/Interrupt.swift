// Ctrl-C: the first asks to stop, the second stops at once.

internal import Glibc
internal import Synchronization

/// The state of Ctrl-C, kept for the whole process because signals are.
public enum Interrupt {
  /// Ctrl-C so far. Signal handlers may touch lock-free atomics only.
  private static let count = Atomic<Int>(0)

  /// Whether Ctrl-C was pressed: finish the draw at hand, keep what there is, and end with 130.
  public static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// From now on the first Ctrl-C sets `isRequested` and the second ends the process with 130.
  public static func install() {
    count.store(0, ordering: .relaxed)  // Also initialises it, before a handler can need it.
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      if Interrupt.count.add(1, ordering: .relaxed).oldValue > 0 {
        _exit(ExitCode.interrupted.rawValue)
      }
    }
    sigemptyset(&action.sa_mask)
    action.sa_flags = Int32(SA_RESTART)
    sigaction(SIGINT, &action, nil)
    // A parent may have started this process with the signal blocked; the mask outlives exec.
    var interrupt = sigset_t()
    sigemptyset(&interrupt)
    sigaddset(&interrupt, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
  }

  /// Gives Ctrl-C its default meaning back.
  public static func uninstall() { signal(SIGINT, SIG_DFL) }
}
