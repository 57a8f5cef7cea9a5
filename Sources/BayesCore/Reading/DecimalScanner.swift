// Decimal numbers from bytes: correctly rounded and fast.

/// A decimal number found at the start of some bytes.
struct ScannedDecimal {
  /// The nearest double, ties to even; ±∞ where it overflows.
  var value: Double
  /// The bytes it takes.
  var length: Int
  /// Whether it has neither point nor exponent.
  var isWhole: Bool
  /// Whether it starts as JSON forbids: `+1`, `01`, `.5`; or ends so: `5.`.
  var isLoose: Bool
  /// All digits as one whole number; meaningful where `isExact`.
  var digits: UInt64
  /// Whether `digits` holds every digit.
  var isExact: Bool
}

/// Scans `[+-] digits [. digits] [e [+-] digits]`, or returns `nil` where there is no digit.
///
/// The value is rounded correctly. With all digits in 64 bits, w, and the value w·10⁻ᵏ, k ≤ 27,
/// the quotient w·2ˢ / 5ᵏ fits one 128-by-64-bit division whose remainder decides the rounding, as
/// 5²⁷ < 2⁶³; everything else goes to the standard library.
func scanDecimal(_ start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) -> ScannedDecimal? {
  var p = start
  var isLoose = false
  let isNegative = p < end && p.pointee == UInt8(ascii: "-")
  if isNegative {
    p += 1
  } else if p < end && p.pointee == UInt8(ascii: "+") {
    p += 1
    isLoose = true
  }
  var digits: UInt64 = 0
  var isExact = true
  func take() -> Int {
    let first = p
    while p < end {
      let digit = p.pointee &- 48
      if digit > 9 { break }
      if digits < 1_844_674_407_370_955_161 || digits == 1_844_674_407_370_955_161 && digit <= 5 {
        digits = digits &* 10 &+ UInt64(digit)
      } else {
        isExact = false
      }
      p += 1
    }
    return p - first
  }
  let integerStart = p
  let integerDigits = take()
  if integerDigits > 1 && integerStart.pointee == 48 { isLoose = true }
  var fractionDigits = 0
  var hasPoint = false
  if p < end && p.pointee == UInt8(ascii: ".") {
    hasPoint = true
    p += 1
    fractionDigits = take()
    if fractionDigits == 0 || integerDigits == 0 { isLoose = true }
  }
  if integerDigits + fractionDigits == 0 { return nil }
  var exponent = 0
  var hasExponent = false
  if p < end && (p.pointee | 0x20) == UInt8(ascii: "e") {
    var q = p + 1
    let isMinus = q < end && q.pointee == UInt8(ascii: "-")
    if q < end && (isMinus || q.pointee == UInt8(ascii: "+")) { q += 1 }
    let first = q
    while q < end, case let digit = q.pointee &- 48, digit <= 9 {
      if exponent < 100_000 { exponent = exponent * 10 + Int(digit) }
      q += 1
    }
    if q > first {
      hasExponent = true
      if isMinus { exponent = -exponent }
      p = q
    }
  }
  let value: Double
  if isExact, let magnitude = decimal(digits, exponent: exponent - fractionDigits) {
    value = isNegative ? -magnitude : magnitude
  } else {
    value = slowDecimal(start, count: p - start)
  }
  return ScannedDecimal(
    value: value, length: p - start, isWhole: !hasPoint && !hasExponent, isLoose: isLoose,
    digits: digits, isExact: isExact)
}

/// w·10ᵉ rounded correctly, or `nil` outside the exponents −27 to 22 that are done exactly here.
func decimal(_ w: UInt64, exponent: Int) -> Double? {
  if w == 0 { return 0 }
  if w <= 1 << 53 && abs(exponent) <= 22 {
    // Both factors are exact doubles, so one IEEE operation rounds once.
    return exponent < 0 ? Double(w) / exactTens[-exponent] : Double(w) * exactTens[exponent]
  }
  guard (-27...0).contains(exponent) else { return nil }
  // w/5ᵏ with both shifted until their top bits are set; the quotient has at least 63 bits.
  let five = fives[-exponent]
  let shiftW = w.leadingZeroBitCount
  let shiftFive = five.leadingZeroBitCount
  let divisor = five << shiftFive
  let dividend = (w << shiftW) >> 1  // Below the divisor's top bit, as full-width division needs.
  let lowBit = (w << shiftW) << 63
  var (quotient, remainder) = divisor.dividingFullWidth((dividend, lowBit))
  // A lost tail below 63 bits only matters as "not zero": keep it as a sticky last bit, which is
  // far below the 53 bits that are kept, so that UInt64 → Double rounds once and correctly.
  if remainder != 0 { quotient |= 1 }
  // value = quotient · 2^(−63 − shiftW + shiftFive) · 2^(−k): a scaling by 2, hence exact here,
  // where no result is below 10⁻²⁷.
  let power = exponent + shiftFive - shiftW - 63
  return Double(quotient) * Double(bitPattern: UInt64(1023 + power) << 52)
}

private func slowDecimal(_ start: UnsafePointer<UInt8>, count: Int) -> Double {
  // The standard library's reading never depends on the locale, unlike strtod's. The scan above
  // has checked the form, so there is always a value.
  Double(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))!
}

private let exactTens: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
  1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]

private let fives: [UInt64] = (0...27).reduce(into: []) { powers, _ in
  powers.append(powers.last.map { $0 * 5 } ?? 1)
}
