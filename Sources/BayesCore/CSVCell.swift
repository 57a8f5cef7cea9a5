// Text as a CSV file has it.

/// A cell, in quotation marks where it holds a separator, a quotation mark or the end of a line (RFC 4180), and
/// where readers would take spaces away or see a comment.
package func csvCell(_ text: String) -> String {
  let needsQuotes =
    text.contains { ",;\t\"".contains($0) || $0.isNewline }
    || text.first == " " || text.last == " " || text.first == "#"
  guard needsQuotes else { return text }
  return "\""
    + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    + "\""
}
