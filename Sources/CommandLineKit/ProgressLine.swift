// One line that says how far all chains are.

/// How far one chain is.
public struct ChainProgress: Sendable, Equatable {
  /// Iterations done, warmup included.
  public var iterations: Int
  /// Iterations to do, warmup included.
  public var total: Int
  /// Warmup's share of the total.
  public var warmup: Int
  /// Divergent transitions after warmup.
  public var divergences: Int

  /// How far one chain is.
  public init(iterations: Int, total: Int, warmup: Int, divergences: Int = 0) {
    self.iterations = iterations
    self.total = total
    self.warmup = warmup
    self.divergences = divergences
  }
}

/// The text of the progress line, for example
/// `sampling  [#########.....]  62 %  4 chains: 70 58 61 60 %  1240 draws/s  2 divergences  0:03 left`.
///
/// Time left is that of the slowest chain at its own speed so far.
///
/// - Parameters:
///   - seconds: the time since the first iteration.
///   - width: the columns there are; parts of least use are left out until the line fits.
public func progressLine(_ chains: [ChainProgress], seconds: Double, width: Int = 80) -> String {
  let done = chains.reduce(0) { $0 + $1.iterations }
  let total = max(1, chains.reduce(0) { $0 + $1.total })
  let divergences = chains.reduce(0) { $0 + $1.divergences }
  let isWarmup = chains.contains { $0.iterations < $0.warmup }
  let phase = isWarmup ? "warmup  " : "sampling"
  let barWidth = 20
  let filled = done * barWidth / total
  let bar =
    "[" + String(repeating: "#", count: filled)
    + String(repeating: ".", count: barWidth - filled) + "]"
  let percent = "\(padded(done * 100 / total, 3)) %"
  let each = chains.map { padded($0.iterations * 100 / max(1, $0.total), 1) }
  let perChain =
    chains.count == 1 ? "1 chain" : "\(chains.count) chains: \(each.joined(separator: " ")) %"
  let speed = seconds > 0 && done > 0 ? "\(Int(Double(done) / seconds)) draws/s" : ""
  let divergent =
    divergences == 0 ? "" : "\(divergences) divergence\(divergences == 1 ? "" : "s")"
  let slowest = chains.map { chain in
    chain.iterations == 0
      ? Double.infinity
      : seconds * Double(chain.total - chain.iterations) / Double(chain.iterations)
  }.max()
  let left = slowest.flatMap { $0.isFinite ? clock($0) + " left" : nil } ?? ""

  let parts = [phase, bar, percent, perChain, speed, divergent, left]
  var shown = Set(parts.indices.filter { !parts[$0].isEmpty })
  func line() -> String { shown.sorted().map { parts[$0] }.joined(separator: "  ") }
  for dispensable in [3, 1, 4, 0, 5] where line().count > width { shown.remove(dispensable) }
  return String(line().prefix(width))
}

private func padded(_ value: Int, _ width: Int) -> String {
  let text = String(value)
  return String(repeating: " ", count: max(0, width - text.count)) + text
}

/// `0:07`, `12:30`, `1:02:03`.
private func clock(_ seconds: Double) -> String {
  let whole = Int(min(seconds, 359_999).rounded(.up))
  func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
  let minutes = whole / 60 % 60
  return whole < 3600
    ? "\(minutes):\(two(whole % 60))" : "\(whole / 3600):\(two(minutes)):\(two(whole % 60))"
}
