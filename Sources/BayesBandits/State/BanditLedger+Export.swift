// The log of a state as CSV, and the check of its file.

import BayesCore

extension BanditLedger {
  /// Writes all choices as the rows of a CSV file, as ``CSVChoiceLog`` reads them: `id`, `time` (ISO 8601,
  /// UTC), `arm`, `policy`, `propensity`, the context's values, `reward` (empty until it is there), `reward_time`.
  ///
  /// One state of the file is written, whatever others record meanwhile. Memory: one row.
  ///
  /// - Parameter write: takes the text of a row, with its line end; the first one is the names.
  /// - Throws: `StateError`, also where the file lacks choices that were recorded, and what `write` throws.
  public func export(_ write: (String) throws -> Void) throws {
    let own = ["id", "time", "arm", "policy", "propensity", "reward", "reward_time"]
    let names = context.map { own.contains($0) ? "context_\($0)" : $0 }
    try database.snapshot {
      // Found out before the first row is written.
      try checkRows()
      try write(
        (own[..<5] + names + own[5...]).map(csvCell).joined(separator: ",") + "\n")
      try database.forEach(
        """
        SELECT id, strftime('%Y-%m-%dT%H:%M:%fZ', time, 'unixepoch'), label, policy, propensity,
          context, reward, strftime('%Y-%m-%dT%H:%M:%fZ', reward_time, 'unixepoch')
          FROM choices JOIN arms ON arms.position = choices.arm ORDER BY id
        """
      ) { row in
        var cells = [
          String(row.integer(0)), row.text(1), csvCell(row.text(2)), csvCell(row.text(3)),
          jsonNumber(row.real(4)),
        ]
        let values = try contextValues(row.optionalText(5))
        for i in context.indices { cells.append(i < values.count ? contextCell(values[i], i) : "") }
        cells.append(row.optionalReal(6).map(jsonNumber) ?? "")
        cells.append(row.text(7))
        try write(cells.joined(separator: ",") + "\n")
      }
    }
  }

  /// A context's value as people write it: the label of a position, or its number from 1.
  private func contextCell(_ value: Double, _ place: Int) -> String {
    guard let axis = contextAxes[place], let position = Int(exactly: value),
      (0..<axis.size).contains(position)
    else { return jsonNumber(value) }
    return csvCell(axis.label(position))
  }

  /// The values of a context as a row keeps them.
  func contextValues(_ text: String?) throws -> [Double] {
    guard let text else { return [] }
    guard let array = try? parseJSON(text: text, path: path).array else {
      throw StateError.damaged(path: path, reason: "a choice's context cannot be read")
    }
    return array.compactMap(\.number)
  }

  /// Checks the whole file: SQLite's own check of its structure, and that all choices and rewards are there,
  /// numbered without gaps.
  ///
  /// - Returns: what was found, empty where all is well.
  /// - Throws: `StateError`, also for damage that stops the check.
  public func check() throws -> [String] {
    var findings: [String] = []
    try database.forEach("PRAGMA integrity_check(20)") { row in
      if row.text(0) != "ok" { findings.append(row.text(0)) }
    }
    try database.forEach("PRAGMA foreign_key_check") { row in
      findings.append("row \(row.integer(1)) of \(row.text(0)) names an arm that is not there")
    }
    do {
      try database.snapshot { try checkRows() }
    } catch StateError.damaged(_, let reason) {
      findings.append(reason)
    }
    return findings
  }
}
