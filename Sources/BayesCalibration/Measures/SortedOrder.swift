// Rows in the order of a value, equal ones in the order of rows.

/// Rows in the order of increasing values, equal values in the order of rows.
///
/// Many rows are sorted digit by digit, eleven bits at a time from the lowest, which keeps the order of equal keys.
///
/// - Precondition: no value is NaN.
func sortedOrder(_ values: [Double]) -> [Int] {
  guard values.count > 2000 else {
    return (0..<values.count).sorted {
      values[$0] != values[$1] ? values[$0] < values[$1] : $0 < $1
    }
  }
  // Bit patterns in the order of the numbers they stand for; 0 and -0 are one number.
  var keys = values.map { value -> UInt64 in
    let bits = (value + 0).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }
  var rows = Array(0..<values.count)
  var (otherKeys, otherRows) = (keys, rows)
  for shift in stride(from: 0, to: 64, by: 11) {
    var starts = [Int](repeating: 0, count: 2049)
    for key in keys { starts[Int(key >> shift & 2047) + 1] += 1 }
    if starts.contains(keys.count) { continue }
    for digit in 0..<2048 { starts[digit + 1] += starts[digit] }
    starts.withUnsafeMutableBufferPointer { starts in
      otherKeys.withUnsafeMutableBufferPointer { otherKeys in
        otherRows.withUnsafeMutableBufferPointer { otherRows in
          for i in keys.indices {
            let digit = Int(keys[i] >> shift & 2047)
            otherKeys[starts[digit]] = keys[i]
            otherRows[starts[digit]] = rows[i]
            starts[digit] += 1
          }
        }
      }
    }
    swap(&keys, &otherKeys)
    swap(&rows, &otherRows)
  }
  return rows
}
