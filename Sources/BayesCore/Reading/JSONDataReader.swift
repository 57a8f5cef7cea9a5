// A JSON object of data, Stan's conventions included, as named values.

/// Reads a JSON object whose members are the data of a model.
///
/// - A member is a number, text, or an array of up to two dimensions of either; rows of a matrix are
///   the inner arrays. `true` and `false` are 1 and 0.
/// - Where numbers stand, the strings `"NaN"`, `"Inf"`, `"Infinity"`, with a sign or in other letter
///   case, are numbers too, as in CmdStan. An array of strings alone is text, unless all of them are
///   such words.
/// - An empty array is a vector of no numbers; `[[], []]` is a matrix of two rows and no columns.
/// - `null`, nested objects (Stan's tuples), and mixtures of text and numbers are refused, except in a
///   member that nobody needs, which is then left out.
///
/// NaN is let through: whoever binds a value knows whether it may be NaN.
///
/// Reference: CmdStan User's Guide, "JSON Format for CmdStan".
///
/// - Parameters:
///   - needed: the members that somebody will use, or `nil` for all.
///   - gapped: members that may lack values: `null` is NaN among numbers and empty text among text, and a word
///     such as `"NA"` is NaN among numbers.
/// - Throws: `DataError`.
public func readJSON(
  _ path: String, needed: Set<String>? = nil, gapped: Set<String> = []
) throws -> DataSet {
  try dataSet(from: try parseJSON(path: path), path: path, needed: needed, gapped: gapped)
}

/// The data in an object that has been parsed already; `path` names its file in messages.
///
/// - Throws: `DataError.invalid` as `readJSON` does.
public func dataSet(
  from value: JSONValue, path: String, needed: Set<String>? = nil, gapped: Set<String> = []
) throws -> DataSet {
  let converter = JSONDataConverter(path: path)
  guard let members = value.object else {
    throw converter.error(
      value, "found \(value.summary) where an object of named values was expected",
      hint: "wrap it in braces and name it: {\"y\": [1, 2, 3]}")
  }
  var data = DataSet()
  for member in members {
    let origin = DataOrigin.json(
      file: path, line: member.value.line, column: member.value.column)
    do {
      let reader =
        gapped.contains(member.key)
        ? JSONDataConverter(path: path, allowsGaps: true) : converter
      data.set(member.key, try reader.convert(member.value, name: member.key), origin: origin)
    } catch {
      guard let needed, !needed.contains(member.key) else { throw error }
      data.unreadNames.append(member.key)
    }
  }
  return data
}

/// A data value from one JSON value, by the rules of `readJSON`; for points and initial values.
///
/// - Throws: `DataError.invalid`, with `name` in its message.
public func dataValue(from value: JSONValue, name: String, path: String) throws -> DataValue {
  try JSONDataConverter(path: path).convert(value, name: name)
}

private struct JSONDataConverter {
  let path: String
  /// Whether `null` is a missing value.
  var allowsGaps = false

  func convert(_ value: JSONValue, name: String) throws -> DataValue {
    guard let elements = value.array else {
      return try convert(shape: [], of: [[value]], name: name)
    }
    guard elements.contains(where: \.isArray) else {
      return try convert(shape: [elements.count], of: [elements], name: name)
    }
    var rows: [[JSONValue]] = []
    rows.reserveCapacity(elements.count)
    for (i, element) in elements.enumerated() {
      guard let row = element.array else {
        throw error(
          element, "row \(i + 1) of \(name) is \(element.summary), the rows before it are arrays",
          hint: "every row of a matrix is an array")
      }
      if row.count != (rows.first?.count ?? row.count) {
        throw error(
          element,
          "row \(i + 1) of \(name) has \(count(row.count)), row 1 has \(rows[0].count)",
          hint: "all rows of a matrix have the same length")
      }
      if row.contains(where: \.isArray) { return try convertStack(elements, name: name) }
      rows.append(row)
    }
    return try convert(shape: [rows.count, rows.first?.count ?? 0], of: rows, name: name)
  }

  /// Matrices of one shape, one after another.
  private func convertStack(_ elements: [JSONValue], name: String) throws -> DataValue {
    var shape: [Int]?
    var numbers: [Double] = []
    for (i, element) in elements.enumerated() {
      let part = "matrix \(i + 1) of \(name)"
      for deep in (element.array ?? []).flatMap({ $0.array ?? [] }) where deep.isArray {
        throw error(
          deep, "\(name) has more than three dimensions",
          hint: "give it as matrices, or as one vector with an index column")
      }
      guard case .numbers(let own, let values) = try convert(element, name: part), own.count == 2
      else {
        throw error(
          element, "\(part) is \(element.summary), where a matrix was expected",
          hint: "an array of three dimensions holds matrices of numbers")
      }
      if let shape, shape != own {
        throw error(
          element,
          "\(part) has \(own[0]) rows and \(own[1]) columns, matrix 1 has \(shape[0]) and \(shape[1])",
          hint: "all matrices have the same size")
      }
      shape = own
      numbers += values
    }
    return .numbers(shape: [elements.count] + (shape ?? [0, 0]), values: numbers)
  }

  /// Text if every element is a string that is no number word, else numbers.
  private func convert(shape: [Int], of rows: [[JSONValue]], name: String) throws -> DataValue {
    if let texts = text(rows) { return .text(shape: shape, values: texts) }
    var numbers: [Double] = []
    numbers.reserveCapacity(shape.reduce(1, *))
    for (i, row) in rows.enumerated() {
      for (j, element) in row.enumerated() {
        if case .number(let number) = element.content {  // By far the commonest, hence first.
          numbers.append(number)
          continue
        }
        let position: [Int] = shape.count == 2 ? [i, j] : shape.isEmpty ? [] : [j]
        numbers.append(try number(element, name: name, position: position))
      }
    }
    return .numbers(shape: shape, values: numbers)
  }

  private func text(_ rows: [[JSONValue]]) -> [String]? {
    var texts: [String] = []
    var isAllNumberWords = true
    for element in rows.joined() {
      if allowsGaps, case .null = element.content {
        texts.append("")
        continue
      }
      guard let text = element.string else { return nil }
      if isAllNumberWords { isAllNumberWords = isNumberWord(text) }
      texts.append(text)
    }
    return isAllNumberWords ? nil : texts  // No elements are no text.
  }

  private func isNumberWord(_ text: String) -> Bool {
    BayesCore.number(fromText: text).map { !$0.isFinite } ?? false
  }

  private func number(_ value: JSONValue, name: String, position: [Int]) throws -> Double {
    let place =
      position.isEmpty ? name : "\(name)[\(position.map { String($0 + 1) }.joined(separator: ","))]"
    switch value.content {
    case .number(let number): return number
    case .largeInteger(let number): return Double(number)
    case .bool(let flag): return flag ? 1 : 0
    case .string(let text):
      if isNumberWord(text), let number = BayesCore.number(fromText: text) { return number }
      if allowsGaps, isMissing(text) { return .nan }
      throw error(
        value, "\(place) is \(value.summary), where a number was expected",
        hint: BayesCore.number(fromText: text) == nil
          ? "an array is all numbers or all text" : "remove the quotation marks")
    case .null where allowsGaps: return .nan
    case .null:
      throw error(
        value, "\(place) is null",
        hint: "missing values are not supported; remove the row or give the value a parameter; "
          + "a list of labels with gaps is declared @Latent with `named:`")
    case .array:
      throw error(
        value, "\(place) is \(value.summary), where a number was expected",
        hint: "either all elements are numbers or all are rows of equal length")
    case .object:
      throw error(
        value, "\(place) is an object, where a number, text or an array was expected",
        hint: "tuples and nested data are not supported; give each part a name of its own")
    }
  }

  private func count(_ n: Int) -> String { n == 1 ? "1 element" : "\(n) elements" }

  func error(_ value: JSONValue, _ message: String, hint: String) -> DataError {
    .invalid(
      DataPlace(path: path, line: value.line, column: value.column), message: message, hint: hint)
  }
}

extension JSONValue {
  /// Whether this is an array, without taking hold of its elements.
  fileprivate var isArray: Bool { if case .array = content { true } else { false } }
}
