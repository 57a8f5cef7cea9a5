// Who says how long an axis is, and what happens when they disagree.

import BayesCore

/// What the model and the data say about one axis.
struct AxisClaims {
  struct Claim {
    let size: Int
    /// As a message says it: "`y` has 8 (schools.json:3)".
    let words: String
  }

  let name: String
  let location: SourceLocation
  private(set) var claims: [Claim] = []
  var labels: [String]?
  /// Whether somebody wrote the size down, rather than it being the length of data.
  private(set) var isStated = false

  /// - Parameter replacement: a size that stands before the one that the model states.
  init(name: String, axis: Axis, replacement: Int?) {
    self.name = name
    location = axis.location
    if let replacement {
      claims.append(Claim(size: replacement, words: "\(replacement) is asked for"))
      isStated = true
      return
    }
    if let size = axis.statedSize {
      claims.append(Claim(size: size, words: "the model states \(size)"))
      isStated = true
    }
    labels = axis.statedLabels
  }

  var size: Int? { claims.first?.size }

  /// Records a size; the first one that differs from the first of all is a mistake.
  mutating func claim(_ size: Int, _ words: String, at place: SourceLocation, _ mistakes: Mistakes)
  {
    if let first = claims.first, first.size != size {
      mistakes.add(
        place,
        "axis `\(name)` has two lengths: \(first.words), but \(words); "
          + "make them the same length, or give one of them another axis")
    } else {
      claims.append(Claim(size: size, words: words))
    }
  }

  /// More positions than this are a slip of the pen, and would not fit in memory.
  static let largestSize = 100_000_000

  /// Takes what the data has under the axis's own name: labels, or a size.
  mutating func read(_ entry: DataSet.Entry, _ mistakes: Mistakes) {
    let origin = entry.origin.description()
    switch entry.value {
    case .text(let shape, let values) where shape.count == 1:
      take(labels: values, origin: entry.origin, mistakes)
    case .numbers(let shape, let values) where shape.isEmpty || values.count == 1:
      guard let size = Int(exactly: values[0]), (0...Self.largestSize).contains(size) else {
        mistakes.add(
          location,
          "the size of axis `\(name)` is \(numberText(values[0])) (\(origin)); expected a whole number "
            + "up to \(Self.largestSize)")
        return
      }
      isStated = true
      claim(size, "the data states \(size) (\(origin))", at: location, mistakes)
    case .numbers(let shape, let values) where shape.count == 1:
      take(labels: values.map(numberText), origin: entry.origin, mistakes)
    default:
      mistakes.add(
        location,
        "the data for axis `\(name)` (\(origin)) is neither a list of labels nor a whole number")
    }
  }

  private mutating func take(labels found: [String], origin: DataOrigin, _ mistakes: Mistakes) {
    var rows: [String: Int] = [:]
    for (row, label) in found.enumerated() {
      if let earlier = rows.updateValue(row, forKey: label) {
        mistakes.add(
          location,
          "label \"\(label)\" of axis `\(name)` stands in rows \(earlier + 1) and \(row + 1) "
            + "(\(origin.description(element: row))); labels differ from each other, so give the axis "
            + "another name than this column, or bind the column with "
            + "`@Given(over: …, in: \\Self.\(name), named: \"\(name)\") var …: Indices`")
        return
      }
    }
    claim(
      found.count, "its labels are \(found.count) (\(origin.description()))", at: location, mistakes
    )
    if labels == nil { labels = found }
  }
}

/// A number as a label or a message shows it: `3`, `2.5`.
func numberText(_ value: Double) -> String {
  if let whole = Int(exactly: value) { return String(whole) }
  return "\(value)"
}
