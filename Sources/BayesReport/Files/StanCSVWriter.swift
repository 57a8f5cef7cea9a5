// One chain's draws as a file that CmdStan's readers load.

public import BayesCore

/// What the first lines of a CmdStan file say of a run.
public struct StanCSVHeader: Sendable {
  /// The model's name.
  public var model: String
  /// The chain's number, from 1.
  public var chain: Int
  /// The seed of the run.
  public var seed: UInt64
  /// Draws after warmup, before thinning.
  public var draws: Int
  /// Iterations of warmup.
  public var warmup: Int
  /// Whether the rows of warmup are in the file, before the adaptation's lines.
  public var savesWarmup: Bool
  /// Every how manieth draw is kept.
  public var thin: Int
  /// `nuts`, or `static` for HMC with a fixed number of steps, as CmdStan calls them.
  public var engine: String
  /// `diag_e` or `dense_e`, as CmdStan calls them.
  public var metric: String
  /// The target of step-size adaptation.
  public var targetAcceptance: Double
  /// The largest number of doublings.
  public var maxTreeDepth: Int
  /// This engine's version.
  public var version: String

  /// The settings that the lines of a CmdStan file name.
  public init(
    model: String, chain: Int, seed: UInt64, draws: Int, warmup: Int, savesWarmup: Bool = false,
    thin: Int = 1, engine: String = "nuts", metric: String = "diag_e",
    targetAcceptance: Double = 0.8, maxTreeDepth: Int = 10, version: String
  ) {
    self.model = model
    self.chain = chain
    self.seed = seed
    self.draws = draws
    self.warmup = warmup
    self.savesWarmup = savesWarmup
    self.thin = thin
    self.engine = engine
    self.metric = metric
    self.targetAcceptance = targetAcceptance
    self.maxTreeDepth = maxTreeDepth
    self.version = version
  }

  /// The lines in CmdStan's form. Who made the file is said by `generator`; there are no
  /// `stan_version` lines, since Stan did not.
  var lines: [String] {
    [
      "generator = bayes \(version)",
      "model = \(stanWord(model))",
      "method = sample (Default)",
      "  sample",
      "    num_samples = \(draws)",
      "    num_warmup = \(warmup)",
      "    save_warmup = \(savesWarmup ? 1 : 0)",
      "    thin = \(thin)",
      "    adapt",
      "      engaged = \(warmup > 0 ? 1 : 0)",
      "      delta = \(targetAcceptance)",
      "    algorithm = hmc (Default)",
      "      hmc",
      "        engine = \(engine)",
      "          \(engine)",
    ] + (engine == "nuts" ? ["            max_depth = \(maxTreeDepth)"] : []) + [
      "        metric = \(metric)",
      "id = \(chain)",
      "random",
      "  seed = \(seed)",
    ]
  }

  private func stanWord(_ text: String) -> String {
    String(text.map { $0.isWhitespace ? "_" : $0 })
  }
}

/// What warmup settled on.
public struct StanCSVAdaptation: Sendable {
  /// The inverse metric on the unconstrained scale.
  public enum InverseMetric: Sendable {
    /// Variances, one per unconstrained coordinate.
    case diagonal([Double])
    /// A covariance, row-major.
    case dense([Double], dimension: Int)
  }

  /// The step size.
  public var stepSize: Double
  /// The inverse metric.
  public var inverseMetric: InverseMetric

  /// What warmup settled on.
  public init(stepSize: Double, inverseMetric: InverseMetric) {
    self.stepSize = stepSize
    self.inverseMetric = inverseMetric
  }

  var lines: [String] {
    var lines = ["Adaptation terminated", "Step size = \(stepSize)"]
    switch inverseMetric {
    case .diagonal(let variances):
      guard !variances.isEmpty else { break }
      lines.append("Diagonal elements of inverse mass matrix:")
      lines.append(variances.map(\.description).joined(separator: ", "))
    case .dense(let values, let n):
      guard n > 0 else { break }
      lines.append("Elements of inverse mass matrix:")
      for i in 0..<n {
        lines.append(values[(i * n)..<(i * n + n)].map(\.description).joined(separator: ", "))
      }
    }
    return lines
  }
}

/// Writes one chain as CmdStan does, row by row; whole rows only, whatever happens.
///
/// Columns are those of `DrawStatistics.columns`, then the variables' elements with CmdStan's names,
/// matrices column-major. A point in a variable's name is written as `_`, since points separate
/// indices; `run.json` has the real name. Numbers read back to the same bits.
///
/// Reference: CmdStan User's Guide, "Stan CSV File Format".
public struct StanCSVWriter {
  private let file: OutputFile
  /// For each column of the file, its position in a draw.
  private let order: [Int]

  /// Creates the file and writes what comes before the first row.
  ///
  /// - Throws: `OutputError`.
  public init(path: String, header: StanCSVHeader, variables: [Variable]) throws {
    var order: [Int] = []
    var names = DrawStatistics.columns.map(\.name)
    for variable in variables {
      let elements = stanOrder(variable)
      let columns = stanColumns(variable)
      names += elements.map { columns[$0] }
      let start = order.count
      order += elements.map { start + $0 }
    }
    self.order = order
    file = try OutputFile(creating: path)
    write(comments: header.lines)
    file.append(names.joined(separator: ",") + "\n")
    try file.commit(flushing: true)
  }

  /// Writes what warmup settled on: after the rows of warmup, before the first draw.
  ///
  /// - Throws: `OutputError.writeFailed`.
  public func write(_ adaptation: StanCSVAdaptation) throws {
    write(comments: adaptation.lines)
    try file.commit(flushing: true)
  }

  /// Adds a draw.
  ///
  /// - Parameter values: the variables' scalars in declaration order, matrices row-major, as `Draws`
  ///   has them.
  /// - Throws: `OutputError.writeFailed`.
  public func append(_ values: some RandomAccessCollection<Double>, statistics: DrawStatistics)
    throws
  {
    precondition(values.count == order.count, "a draw of \(order.count) scalars")
    var isFirst = true
    for column in DrawStatistics.columns {
      if !isFirst { file.append(",") }
      isFirst = false
      let value = column.value(statistics)
      file.append(column.isInteger ? String(Int(value)) : value.description)
    }
    for position in order {
      file.append(",")
      file.append(values[values.index(values.startIndex, offsetBy: position)].description)
    }
    file.append("\n")
    try file.commit()
  }

  /// Brings all rows so far to the disk, so that nothing is lost if the process ends.
  ///
  /// - Throws: `OutputError.writeFailed`.
  public func flush() throws { try file.commit(flushing: true) }

  /// Writes the times, in seconds, and closes the file.
  ///
  /// - Throws: `OutputError.writeFailed`.
  public func finish(warmupSeconds: Double, samplingSeconds: Double) throws {
    let total = warmupSeconds + samplingSeconds
    write(comments: [
      "",
      " Elapsed Time: \(decimals(warmupSeconds, 3)) seconds (Warm-up)",
      "               \(decimals(samplingSeconds, 3)) seconds (Sampling)",
      "               \(decimals(total, 3)) seconds (Total)",
      "",
    ])
    try file.commit(flushing: true)
    try file.close()
  }

  private func write(comments: [String]) {
    for line in comments { file.append(line.isEmpty ? "#\n" : "# \(line)\n") }
  }
}
