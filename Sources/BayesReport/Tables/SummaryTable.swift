// The table of a posterior: a row per quantity, as many digits as mean something.

/// A quantity's row; a cell is `nil` where the statistic has no value.
public struct SummaryRow: Sendable, Equatable {
  /// The quantity, for example `theta[Choate]`.
  public var name: String
  /// One cell per column.
  public var cells: [Double?]

  /// A row.
  public init(name: String, cells: [Double?]) {
    self.name = name
    self.cells = cells
  }
}

/// A table of estimates with their Monte Carlo errors.
///
/// Estimates show as many decimals as make two digits of the row's MCSE: further ones would change
/// with the seed. Without MCSE, for a constant say, they show up to four significant digits.
/// Decimal points stand below one another.
public struct SummaryTable: Sendable {
  /// How the numbers of a column are written.
  public enum Format: Sendable {
    /// To the precision of the row's MCSE.
    case estimate
    /// The MCSE itself, to two digits.
    case standardError
    /// A whole number.
    case count
    /// Three decimals.
    case ratio
  }

  /// A column.
  public struct Column: Sendable {
    /// What stands above it.
    public var header: String
    /// How its numbers are written.
    public var format: Format

    /// A column.
    public init(_ header: String, _ format: Format) {
      self.header = header
      self.format = format
    }
  }

  /// Mean, SD, MCSE, 5%, 50%, 95%, ESS bulk, ESS tail, R-hat.
  public static let posteriorColumns: [Column] = [
    Column("Mean", .estimate), Column("SD", .estimate), Column("MCSE", .standardError),
    Column("5%", .estimate), Column("50%", .estimate), Column("95%", .estimate),
    Column("ESS bulk", .count), Column("ESS tail", .count), Column("R-hat", .ratio),
  ]

  /// The columns.
  public let columns: [Column]
  /// The rows.
  public let rows: [SummaryRow]

  /// - Precondition: each row has one cell per column.
  public init(columns: [Column] = SummaryTable.posteriorColumns, rows: [SummaryRow]) {
    precondition(rows.allSatisfy { $0.cells.count == columns.count }, "one cell per column")
    self.columns = columns
    self.rows = rows
  }

  /// The table as text: a header and all rows, each ending with a newline.
  public func render() -> String {
    let texts = rows.map(rowTexts)
    let nameWidth = rows.map { displayWidth($0.name) }.max() ?? 0
    var lines = [spaces(nameWidth)] + rows.map { padded($0.name, to: nameWidth) }
    for (j, column) in columns.enumerated() {
      for (i, cell) in aligned(column, texts.map { $0[j] }).enumerated() {
        lines[i] += "  " + cell
      }
    }
    return lines.map { $0.trimmingEnd() + "\n" }.joined()
  }

  private func rowTexts(_ row: SummaryRow) -> [String] {
    let errorIndex = columns.firstIndex { $0.format == .standardError }
    let error = errorIndex.flatMap { row.cells[$0] }.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
    let estimates = zip(columns, row.cells).compactMap { $0.format == .estimate ? $1 : nil }
    let style = EstimateStyle(
      standardError: error, largest: estimates.map(abs).filter(\.isFinite).max() ?? 0)
    return zip(columns, row.cells).map { column, cell in
      guard let cell, cell.isFinite else { return "—" }
      switch column.format {
      case .estimate: return style.text(cell)
      case .standardError: return style.errorText(cell)
      case .count: return decimals(cell, 0)
      case .ratio: return decimals(cell, 3)
      }
    }
  }

  /// A column's header and cells in equal width: right-aligned, decimal points below one another.
  private func aligned(_ column: Column, _ cells: [String]) -> [String] {
    func tail(_ text: String) -> Int {
      text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) } ?? 0
    }
    let plain = cells.filter { $0 != "—" && !$0.contains("e") }
    let longestTail = plain.map(tail).max() ?? 0
    let shifted = cells.map { text in
      text == "—" || text.contains("e") ? text : text + spaces(longestTail - tail(text))
    }
    let all = [column.header] + shifted
    let width = all.map(displayWidth).max() ?? 0
    return all.map { spaces(width - displayWidth($0)) + $0 }
  }
}

/// How the estimates of one row are written.
private struct EstimateStyle {
  /// Decimals, or `nil` where numbers are so large or small that they take scientific notation.
  private var decimalCount: Int?
  /// Significant digits, where decimals do not tell.
  private var digits = 4

  /// - Parameter largest: the largest magnitude of the row's estimates.
  init(standardError: Double?, largest: Double) {
    guard let standardError else { return }
    // Two digits of the MCSE: 0.113 → 2 decimals, 1.3 → 1, 52 → 0.
    let wanted = 1 - exponent(ofRounded: standardError)
    if wanted > 6 || largest >= 1e7 {
      let leading = largest > 0 ? exponent(ofRounded: largest) : 0
      digits = min(max(leading + wanted + 1, 2), 8)
    } else {
      decimalCount = max(wanted, 0)
    }
    hasError = true
  }

  private var hasError = false

  func text(_ value: Double) -> String {
    if let decimalCount { return withoutMinusZero(decimals(value, decimalCount)) }
    return hasError ? scientific(value, digits) : general(value, digits)
  }

  func errorText(_ value: Double) -> String {
    if let decimalCount { return decimals(value, decimalCount) }
    return hasError ? scientific(value, 2) : general(value, 2)
  }

  /// `-0.00` says nothing that `0.00` does not.
  private func withoutMinusZero(_ text: String) -> String {
    text.hasPrefix("-") && !text.contains { ("1"..."9").contains($0) }
      ? String(text.dropFirst()) : text
  }
}

/// The decimal exponent of a positive number after rounding it to two digits.
private func exponent(ofRounded value: Double) -> Int {
  let text = scientific(value, 2)
  return text.lastIndex(of: "e").flatMap { Int(text[text.index(after: $0)...]) } ?? 0
}

/// The columns a text takes on a terminal: two for East Asian wide characters and emoji.
func displayWidth(_ text: String) -> Int {
  text.reduce(0) { width, character in
    let first = character.unicodeScalars.first!.value
    let isWide =
      (0x1100...0x115F).contains(first) || (0x2E80...0xA4CF).contains(first)
      || (0xAC00...0xD7A3).contains(first) || (0xF900...0xFAFF).contains(first)
      || (0xFE30...0xFE6F).contains(first) || (0xFF00...0xFF60).contains(first)
      || (0x1F300...0x1FAFF).contains(first) || (0x20000...0x3FFFD).contains(first)
    return width + (isWide ? 2 : 1)
  }
}

private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

private func padded(_ text: String, to width: Int) -> String {
  text + spaces(width - displayWidth(text))
}

extension String {
  /// The text without spaces at its end.
  fileprivate func trimmingEnd() -> String {
    var end = endIndex
    while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
    return String(self[..<end])
  }
}
