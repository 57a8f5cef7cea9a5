// Text that stands for a number: decimals and the words for infinity and NaN.

/// The number that a word of text stands for, or `nil` where it is no number.
///
/// Takes decimals (`1`, `-.5`, `+1e-3`) and, in any letter case and with a sign, Stan's words `inf`,
/// `infinity` and `nan`. Surrounding spaces are the caller's to remove.
public func number(fromText text: some StringProtocol) -> Double? {
  var bytes = Array(text.utf8)
  let count = bytes.count
  bytes.append(0)
  return bytes.withUnsafeBufferPointer { number(in: $0.baseAddress!, count: count) }
}

/// The same for bytes, which a NUL or any other byte may follow.
package func number(in start: UnsafePointer<UInt8>, count: Int) -> Double? {
  if let scanned = scanDecimal(start, end: start + count) {
    return scanned.length == count ? scanned.value : nil
  }
  guard (3...9).contains(count) else { return nil }
  var word = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    .lowercased()
  let isNegative = word.hasPrefix("-")
  if isNegative || word.hasPrefix("+") { word.removeFirst() }
  switch word {
  case "nan": return .nan
  case "inf", "infinity": return isNegative ? -.infinity : .infinity
  default: return nil
  }
}
