// Whether somebody is looking, and how wide the window is.

internal import Glibc

/// Questions about the terminal.
public enum Terminal {
  /// Whether the stream is shown on a terminal.
  public static func isInteractive(_ stream: StandardStream) -> Bool {
    isatty(stream.rawValue) == 1
  }

  /// The columns of the terminal that shows the stream, or `nil` where none does.
  public static func width(of stream: StandardStream) -> Int? {
    guard isInteractive(stream) else { return nil }
    var size = winsize()
    guard ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
