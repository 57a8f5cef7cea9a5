// Numbers as text, the same in every locale.

import Glibc

/// The shortest decimal text that reads back as the same number: `0.1`, `1e-05`, `inf`, `nan`.
public func shortestDescription(_ x: Double) -> String {
  x.description
}

/// The number rounded to some significant digits, without an exponent where that is shorter
/// (C's `%g`, with trailing zeros removed).
///
/// - Precondition: `digits` is between 1 and 17.
public func formatted(_ x: Double, significant digits: Int) -> String {
  precondition((1...17).contains(digits), "1 to 17 significant digits")
  return printed("%.*g", digits, x)
}

/// The number rounded to some decimals, never with an exponent (C's `%f`).
///
/// A result of only zeros has no minus sign.
///
/// - Precondition: `decimals` is between 0 and 17.
public func fixed(_ x: Double, decimals: Int) -> String {
  precondition((0...17).contains(decimals), "0 to 17 decimals")
  let text = printed("%.*f", decimals, x)
  let isZero = text.utf8.allSatisfy {
    [UInt8(ascii: "-"), UInt8(ascii: "0"), UInt8(ascii: ".")].contains($0)
  }
  return isZero && text.utf8.first == UInt8(ascii: "-") ? String(text.dropFirst()) : text
}

/// The number in a C format that takes a precision; a decimal comma of the process's locale, should
/// the host program have set one, becomes a point.
private func printed(_ format: String, _ precision: Int, _ x: Double) -> String {
  if x.isNaN { return "nan" }
  // The longest text: 309 digits before the point, the point, 17 after, the sign, the end.
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 336) { buffer in
    let length = withVaList([Int32(precision), x]) {
      vsnprintf(buffer.baseAddress!, buffer.count, format, $0)
    }
    let text = String(
      decoding: buffer.prefix(Int(length)).lazy.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return x.isFinite ? String(text.map { $0 == "," ? "." : $0 }) : text
  }
}
