// Files larger than memory: a sample of the rows, or a refusal that says so.

import BayesCore
import BayesNumerics
import Glibc

/// Rows that are kept while a file is read: all, or a sample in which every row is with the same probability.
///
/// Reference: Vitter 1985, "Random sampling with a reservoir", ACM Transactions on Mathematical Software 11 (algorithm R).
struct RowStore {
  private(set) var labels: [Int] = []
  private(set) var scores: [Double] = []
  private(set) var groups: [String] = []
  /// Rows offered so far.
  private(set) var seen = 0
  private let width: Int
  private let limit: Int
  private var stream: RandomStream

  init(width: Int, _ treatment: ScoreTreatment) {
    self.width = width
    limit = treatment.sample ?? .max
    stream = RandomStream(seed: treatment.seed, chain: 0, purpose: .simulation, iteration: 0)
  }

  mutating func add(_ label: Int, _ row: [Double], group: String?) {
    seen += 1
    if labels.count < limit {
      labels.append(label)
      scores += row
      if let group { groups.append(group) }
      return
    }
    let place = Int(stream.uniform() * Double(seen))
    guard place < limit else { return }
    labels[place] = label
    for (j, score) in row.enumerated() { scores[place * width + j] = score }
    if let group { groups[place] = group }
  }
}

/// Refuses a file whose rows would not fit into memory.
///
/// Measuring holds about twenty bytes for each byte of text: both scales of the scores, sorted copies, and those of the folds.
///
/// - Throws: `DataError`.
func requireMemory(_ path: String, _ treatment: ScoreTreatment) throws {
  guard treatment.sample == nil else { return }
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
  let memory = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
  let needed = 20 * Double(status.st_size)
  guard memory > 0, needed > memory else { return }
  func gigabytes(_ bytes: Double) -> String { fixed(bytes / 1e9, decimals: bytes < 1e10 ? 1 : 0) }
  throw DataError.invalid(
    DataPlace(path: path),
    message: "the file has \(gigabytes(Double(status.st_size))) GB; its rows would take about "
      + "\(gigabytes(needed)) GB of memory, and there are \(gigabytes(memory))",
    hint: "--sample 1000000 reads it as a stream and keeps as many rows, drawn evenly")
}
