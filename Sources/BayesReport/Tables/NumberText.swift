// Numbers as people read them.

internal import Glibc

/// A number with a fixed count of decimals, rounded to nearest.
func decimals(_ value: Double, _ count: Int) -> String {
  formatted("%.*f", count, value)
}

/// A number in scientific notation with a count of significant digits.
func scientific(_ value: Double, _ digits: Int) -> String {
  formatted("%.*e", digits - 1, value)
}

/// A number with at most a count of significant digits and no idle zeros.
func general(_ value: Double, _ digits: Int) -> String {
  formatted("%.*g", digits, value)
}

private func formatted(_ format: String, _ precision: Int, _ value: Double) -> String {
  withVaList([Int32(precision), value]) { arguments in
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      // The longest, "%.20f" of the largest double, has 330 characters.
      vsnprintf(buffer.baseAddress!, buffer.count, format, arguments)
      return String(cString: buffer.baseAddress!)
    }
  }
}
