// Data found, checked, and in the form that tracing needs.

import BayesCore
import BayesGraph

/// One data declaration with its value.
struct BoundValue {
  let shape: Shape
  /// Row-major; 0-based positions for an index column.
  let values: [Double]
  let origin: DataOrigin
}

/// The labels of a discrete unknown that are known.
struct KnownLabels {
  /// For each position of its axis the label, counted from 0; `nil` where it is missing.
  let labels: [Int?]
  let origin: DataOrigin
}

/// All data of a model, and the axes that follow from it.
struct BoundData {
  private(set) var values: [Key: BoundValue] = [:]
  /// What is known of discrete unknowns that have a column of their own.
  private(set) var knownLabels: [Key: KnownLabels] = [:]
  private(set) var axes: [Key: TracingContext.AxisValue] = [:]
  /// Whether the data disagree about the size of an axis, so that statements would say it again.
  private(set) var hasConflictingSizes = false

  /// An entry with what the data has for it.
  struct Found {
    let entry: Inventory.Entry
    let value: DataValue
    let origin: DataOrigin
    /// The number of the first position: 1 in files, 0 in Swift source.
    let firstPosition: Int
    /// What the levels of its axis come from: the data itself where the value is a simulated one, which
    /// may lack a level.
    var levels: (value: DataValue, firstPosition: Int) {
      original ?? (value, firstPosition)
    }
    var original: (value: DataValue, firstPosition: Int)?
    /// Whether values may be missing: labels, which are summed out then.
    var allowsGaps: Bool { entry.declaration.role == .latent }
  }

  /// - Parameter positions: of the choices of one round of a bandit, by their names in the data, 0 where one is
  ///   not named; what else a round brings is not looked for. `nil` for other models.
  init(
    _ inventory: Inventory, _ data: DataSet, _ replacements: DataSet, _ axisSizes: [String: Int],
    positions: [String: Int]? = nil, _ mistakes: Mistakes
  ) {
    let isRead = { (entry: Inventory.Entry) in
      entry.declaration.isRead && (positions == nil || entry.declaration.role == .given)
    }
    let found = inventory.entries.filter(isRead).compactMap {
      Self.find($0, data, replacements, mistakes)
    }
    if positions == nil, let entry = inventory.entries.first(where: { $0.declaration.role.isRound })
    {
      mistakes.add(
        entry.location,
        "\(entry.quoted) is \(entry.declaration.role.rawValue), of a bandit's rounds: `bayes bandit` runs such "
          + "models; for a table of rounds write a Model with `@Given(over: \\Self.row, in: …) var \(entry.name): Indices`"
      )
    }
    for entry in inventory.entries where entry.declaration.kind == .choice {
      values[entry.key] = BoundValue(
        shape: .scalar, values: [Double(positions?[entry.dataName] ?? 0)], origin: .code)
    }
    let usable = found.filter { Self.isUsable($0, mistakes) }
    for item in usable
    where item.entry.declaration.role == .observed && item.entry.axes.isEmpty
      && item.value.count == 0
    {
      Self.reportEmpty(item, over: nil, mistakes)
    }
    let count = mistakes.items.count
    resolveAxes(inventory, data, usable, axisSizes, mistakes)
    hasConflictingSizes = mistakes.items.count > count
    for item in usable { bind(item, inventory, mistakes) }
  }

  // MARK: Finding

  private static func find(
    _ entry: Inventory.Entry, _ data: DataSet, _ replacements: DataSet, _ mistakes: Mistakes
  ) -> Found? {
    if let item = replacements[entry.name] {
      let original =
        entry.bound.map { ($0, 0) } ?? data[entry.dataName].map { ($0.value, 1) }
      return Found(
        entry: entry, value: item.value, origin: item.origin, firstPosition: 0, original: original)
    }
    if let value = entry.bound {
      return Found(entry: entry, value: value, origin: .code, firstPosition: 0)
    }
    if let item = data[entry.dataName] {
      return Found(entry: entry, value: item.value, origin: item.origin, firstPosition: 1)
    }
    if let columns = entry.columnNames, columns.contains(where: { data[$0] != nil }) {
      return table(entry, columns, data, mistakes)
    }
    var message = "the data has no `\(entry.dataName)`"
    if let columns = entry.columnNames {
      message +=
        ", nor columns \(columns.prefix(4).map { "`\($0)`" }.joined(separator: ", "))"
        + (columns.count > 4 ? ", …" : "")
    }
    if entry.declaration.column != nil { message += ", which \(entry.quoted) is bound to" }
    if let close = closestName(to: entry.dataName, among: data.names + data.unreadNames) {
      message += "; did you mean `\(close)`? Rename one of them, or write `named: \"\(close)\"`"
    } else if data.names.isEmpty {
      message += "; there is no data at all: name a file, or set `model.$\(entry.name)`"
    } else {
      message += "; it has \(data.names.prefix(12).map { "`\($0)`" }.joined(separator: ", "))"
      message += data.names.count > 12 ? ", …" : ""
    }
    mistakes.add(entry.location, message)
    return nil
  }

  /// Whether type, dimensions and numbers are what the declaration says.
  private static func isUsable(_ item: Found, _ mistakes: Mistakes) -> Bool {
    let entry = item.entry
    let kind = entry.declaration.kind
    let shape = item.value.shape
    func fail(_ message: String) -> Bool {
      mistakes.add(entry.location, message)
      return false
    }
    let isLengthOne = item.value.count == 1 && shape.count <= 1 && kind.rank <= 1
    if shape.count != kind.rank && !isLengthOne {
      return fail(
        "\(entry.quoted) is declared as \(kind.rawValue), but its data is \(words(shape)) "
          + "(\(item.origin.description())); change the type or the data")
    }
    switch item.value {
    case .text(_, let texts):
      if kind == .indices || kind == .labels { return true }
      let place = item.origin.description(element: 0)
      return fail(
        "\(entry.quoted) is declared as \(kind.rawValue), but its data is text: "
          + "\"\(texts.first ?? "")\" (\(place)); expected numbers. A column of labels is declared as "
          + "Indices with `in:` its axis")
    case .numbers(_, let numbers):
      if kind != .labels, let row = numbers.firstIndex(where: \.isNaN) {
        let place = shape.isEmpty ? "" : " in \(position(row, shape))"
        return fail(
          "\(entry.quoted) has no number\(place) "
            + "(\(item.origin.description(element: row))): missing values are not modelled; leave the "
            + "row out, or fill it in" + (kind == .indices ? Self.gapAdvice(entry) : ""))
      }
      if kind.isWhole, let row = numbers.firstIndex(where: { !isCount($0) }) {
        let found = numberText(numbers[row])
        let what = shape.isEmpty ? "is \(found)" : "has \(found) in \(position(row, shape))"
        return fail(
          "\(entry.quoted) \(what) (\(item.origin.description(element: row))); expected whole numbers from 0"
            + (numbers[row] > largestCount ? " to 2^53, the last one that is exact" : ""))
      }
      return true
    }
  }

  /// How a column of labels may have gaps.
  private static func gapAdvice(_ entry: Inventory.Entry) -> String {
    "; or declare it @Latent with `named: \"\(entry.dataName)\"`, which sums missing labels out"
  }

  /// 2⁵³: up to here every whole number is a Double.
  private static let largestCount = 0x1p53

  private static func isCount(_ x: Double) -> Bool {
    x >= 0 && x <= largestCount && x == x.rounded(.towardZero)
  }

  private static func words(_ shape: [Int]) -> String {
    switch shape.count {
    case 0: "one value"
    case 1: "a list of \(shape[0])"
    case 2: "a table of \(shape[0]) rows and \(shape[1]) columns"
    case 3 where !shape.contains(0): "\(shape[0]) tables"
    default: "ragged or mixed"
    }
  }

  /// A 1-based place in a value: `row 3`, `row 3, column 2`.
  static func position(_ element: Int, _ shape: [Int]) -> String {
    switch shape.count {
    case 0: "its only place"
    case 1: "row \(element + 1)"
    default: "row \(element / shape[1] + 1), column \(element % shape[1] + 1)"
    }
  }

  // MARK: Axes

  private mutating func resolveAxes(
    _ inventory: Inventory, _ data: DataSet, _ found: [Found], _ sizes: [String: Int],
    _ mistakes: Mistakes
  ) {
    let boundNames = Set(inventory.entries.filter { $0.declaration.isRead }.map(\.dataName))
    for named in inventory.axes {
      var claims = AxisClaims(name: named.name, axis: named.axis, replacement: sizes[named.name])
      if !boundNames.contains(named.name), let entry = data[named.name] {
        claims.read(entry, mistakes)
      }
      for item in found {
        for (dimension, axis) in item.entry.axes.enumerated() where axis.key == named.axis.key {
          let size = item.value.shape.isEmpty ? 1 : item.value.shape[dimension]
          let part = item.entry.axes.count == 2 ? (dimension == 0 ? " rows" : " columns") : ""
          claims.claim(
            size, "\(item.entry.quoted) has \(size)\(part) (\(item.origin.description()))",
            at: item.entry.location, mistakes)
        }
      }
      let pointing = found.filter { $0.entry.target?.key == named.axis.key }
      if claims.labels == nil, !pointing.isEmpty { Self.takeLevels(pointing, &claims, mistakes) }
      let columns = found.filter { $0.entry.axes.contains { $0.key == named.axis.key } }
      if claims.size == 0, !claims.isStated, let empty = columns.first {
        Self.reportEmpty(empty, over: named.name, mistakes)
      } else if let size = claims.size {
        let labels = claims.labels?.count == size ? claims.labels : nil
        axes[named.axis.key] = .init(name: named.name, size: size, labels: labels)
      } else if mistakes.isEmpty {
        mistakes.add(
          named.axis.location,
          "axis `\(named.name)` has no size: no data is declared over it, and the data has no "
            + "`\(named.name)`; write `Axis(2)`, `Axis([\"a\", \"b\"])`, or add `\(named.name)` to the data"
        )
      }
    }
  }

  /// Data without rows would leave the prior as the posterior, in silence: a file that was cut, a
  /// filter that matched nothing.
  private static func reportEmpty(_ item: Found, over axis: String?, _ mistakes: Mistakes) {
    let advice =
      axis.map { "if none are meant, state that: \"\($0)\": 0 in the data" }
      ?? "if none are meant, declare it over an axis, whose size the data can state as 0"
    mistakes.add(
      item.entry.location,
      "\(item.entry.quoted) has no rows (\(item.origin.description())), so that nothing would be learnt "
        + "from it; \(advice)")
  }

  /// Levels of index columns as an axis's labels, or their highest position as its size.
  ///
  /// Whole numbers of a file are positions from 1 or labels; those of code are positions from 0, never
  /// labels. Positions of both kinds are compared counted from 0.
  private static func takeLevels(
    _ columns: [Found], _ claims: inout AxisClaims, _ mistakes: Mistakes
  ) {
    var levels: [String] = []
    var seen: Set<String> = []
    var codes: Set<Int> = []
    var isCoded = true
    var isText = false
    for column in columns {
      let (value, firstPosition) = column.levels
      switch value {
      case .text(_, let texts):
        isCoded = false
        isText = true
        for text in texts where !(column.allowsGaps && isMissing(text)) {
          if seen.insert(text).inserted { levels.append(text) }
        }
      case .numbers(_, let numbers):
        for number in numbers where !number.isNaN {
          if firstPosition == 1, seen.insert(numberText(number)).inserted {
            levels.append(numberText(number))
          }
          if let whole = Int(exactly: number), abs(number) <= Double(AxisClaims.largestSize) {
            codes.insert(whole - firstPosition)
          } else {
            isCoded = false
          }
        }
      }
    }
    // Codes are positions where another size is known, or where they are 1, 2, …, K without gaps.
    if isCoded, claims.size != nil { return }
    // Years and other numbers have an order of their own, whatever the order of the rows.
    if !isText { levels.sort { (Double($0) ?? 0) < (Double($1) ?? 0) } }
    let isGapless = isCoded && codes == Set(0..<codes.count)
    let count =
      isGapless ? codes.count : levels.isEmpty ? max(0, (codes.max() ?? -1) + 1) : levels.count
    let names = columns.map(\.entry.quoted).joined(separator: " and ")
    let words =
      "\(names) \(columns.count == 1 ? "has" : "have") \(count) different values "
      + "(\(columns[0].origin.description()))"
    claims.claim(count, words, at: columns[0].entry.location, mistakes)
    if !isGapless, !levels.isEmpty { claims.labels = levels }
  }

  // MARK: Values

  private mutating func bind(_ item: Found, _ inventory: Inventory, _ mistakes: Mistakes) {
    let entry = item.entry
    let shape: Shape
    switch entry.declaration.kind.rank {
    case 0: shape = .scalar
    case 1: shape = .vector(item.value.count)
    default: shape = .matrix(item.value.shape[0], item.value.shape[1])
    }
    switch (entry.target, item.value) {
    case (let target?, _):
      guard let axis = axes[target.key] else { return }
      guard let positions = Self.positions(item, in: axis, mistakes) else { return }
      if entry.declaration.role == .latent {
        knownLabels[entry.key] = KnownLabels(labels: positions, origin: item.origin)
        return
      }
      values[entry.key] = BoundValue(
        shape: shape, values: positions.map { Double($0!) }, origin: item.origin)
    case (nil, .numbers(_, let numbers)):
      values[entry.key] = BoundValue(shape: shape, values: numbers, origin: item.origin)
    case (nil, .text): return
    }
  }

  /// 0-based positions on an axis; `nil` for a missing one, where these are allowed.
  private static func positions(
    _ item: Found, in axis: TracingContext.AxisValue, _ mistakes: Mistakes
  ) -> [Int?]? {
    let entry = item.entry
    let places = axis.labels.map { labels in
      Dictionary(zip(labels, labels.indices), uniquingKeysWith: { first, _ in first })
    }
    func fail(_ row: Int, _ found: String, _ expected: String) -> [Int?]? {
      mistakes.add(
        entry.location,
        "\(entry.quoted) has \(found) in row \(row + 1) (\(item.origin.description(element: row))); "
          + "expected \(expected)")
      return nil
    }
    var positions: [Int?] = []
    switch item.value {
    case .text(_, let texts):
      // An axis without labels here is one whose lengths disagree, which has been reported.
      if places == nil { return nil }
      for (row, text) in texts.enumerated() {
        let isStated = entry.target?.statedLabels?.contains(text) ?? false
        if isMissing(text), !isStated {
          if item.allowsGaps {
            positions.append(nil)
            continue
          }
          return fail(
            row, text.isEmpty ? "an empty cell" : "\"\(text)\"",
            "a label; a missing value is no group: leave the row out, or name the group"
              + gapAdvice(entry))
        }
        guard let place = places?[text] else {
          let close = closestName(to: text, among: axis.labels ?? [])
          return fail(
            row, "\"\(text)\"",
            "a label of axis `\(axis.name)`\(close.map { "; did you mean \"\($0)\"?" } ?? "")")
        }
        positions.append(place)
      }
    case .numbers(_, let numbers):
      // What code sets are positions; only a file's codes can be labels.
      if item.firstPosition == 1, let places,
        numbers.allSatisfy({ $0.isNaN || ($0 == $0.rounded() && places[numberText($0)] != nil) })
      {
        return numbers.map { places[numberText($0)] }
      }
      let (first, last) = (item.firstPosition, axis.size - 1 + item.firstPosition)
      for (row, number) in numbers.enumerated() {
        if number.isNaN {
          positions.append(nil)
          continue
        }
        guard let code = Int(exactly: number), (first...max(first, last)).contains(code),
          axis.size > 0
        else {
          return fail(
            row, numberText(number),
            "a position on axis `\(axis.name)`, from \(first) to \(last) (positions in "
              + "\(first == 1 ? "data count from 1" : "Swift count from 0"))")
        }
        positions.append(code - first)
      }
    }
    return positions
  }
}
