// The name a user most likely meant.

/// The candidate closest to a name that was not found, or `nil` where none is close.
///
/// Closeness is the Damerau–Levenshtein distance in its restricted form (insertions, deletions,
/// substitutions, transpositions of neighbours), on lower-cased characters, with `-` and `_` alike.
/// A candidate is close when the distance is at most a third of the longer length (at least 1), or
/// when one name is the beginning of the other and at least three characters long. The first of
/// equally close candidates wins, a candidate that differs in case or separators only before all.
///
/// Reference: F. J. Damerau (1964), "A technique for computer detection and correction of spelling
/// errors", doi:10.1145/363958.363994; L. Boytsov (2011), doi:10.1145/1963190.1963191, section 2.2.
///
/// - Complexity: the product of the lengths, per candidate.
public func closestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = folded(name)
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let letters = folded(candidate)
    var distance = editDistance(wanted, letters)
    let longer = max(wanted.count, letters.count)
    let shorter = min(wanted.count, letters.count)
    let isBeginning = shorter >= 3 && (letters.starts(with: wanted) || wanted.starts(with: letters))
    if distance > max(1, longer / 3) || distance >= longer {
      guard isBeginning else { continue }
      distance = longer  // A beginning is a weaker hint than a slip of the finger.
    }
    if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
  }
  return best?.name
}

private func folded(_ name: String) -> [Character] {
  name.lowercased().map { $0 == "_" ? "-" : $0 }
}

/// The restricted Damerau–Levenshtein distance, by the three-row recurrence.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforePrevious = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1]
    current.reserveCapacity(b.count + 1)
    for j in 0..<b.count {
      let isSame = a[i] == b[j]
      var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (isSame ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforePrevious[j - 1] + 1)
      }
      current.append(cost)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}
