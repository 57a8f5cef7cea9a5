// Reads the members of a JSON object, each with a message that names its key and place.

import BayesCore

/// An object of a stored map.
struct MapReader {
  private let json: JSONValue
  private let path: String
  /// The keys that lead here, each with a point after it.
  private let prefix: String

  init(_ json: JSONValue, path: String, prefix: String = "") {
    (self.json, self.path, self.prefix) = (json, path, prefix)
  }

  /// A mistake of the whole object.
  func error(_ message: String, hint: String? = nil) -> DataError {
    .invalid(place(json), message: message, hint: hint)
  }

  /// A mistake of one member.
  func error(_ key: String, _ problem: String, hint: String? = nil) -> DataError {
    .invalid(place(json[key] ?? json), message: "\(prefix)\(key) \(problem)", hint: hint)
  }

  private func place(_ value: JSONValue) -> DataPlace {
    value.line > 0
      ? DataPlace(path: path, line: value.line, column: value.column) : DataPlace(path: path)
  }

  /// The value of a key that must be there and satisfy a condition.
  private func value<Value>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws -> Value {
    guard let found = json[key] else { throw error(key, "is missing; it should be \(expected)") }
    guard let value = read(found) else {
      throw error(key, "should be \(expected), found \(found.summary)")
    }
    return value
  }

  func object(_ key: String) throws -> MapReader {
    try value(key, "an object") {
      $0.object == nil ? nil : MapReader($0, path: path, prefix: "\(prefix)\(key).")
    }
  }

  /// An object, or `nil` for a `null` and where the key is missing.
  func optionalObject(_ key: String) throws -> MapReader? {
    guard let found = json[key] else { return nil }
    if case .null = found.content { return nil }
    return try object(key)
  }

  func string(_ key: String) throws -> String { try value(key, "text") { $0.string } }

  func strings(_ key: String) throws -> [String] {
    try value(key, "an array of texts") { found in
      found.array.flatMap { array in
        let texts = array.compactMap(\.string)
        return texts.count == array.count ? texts : nil
      }
    }
  }

  /// One of the names of an enumeration.
  func word<Word: RawRepresentable & CaseIterable>(_ key: String, _: Word.Type) throws -> Word
  where Word.RawValue == String {
    let names = Word.allCases.map(\.rawValue).joined(separator: ", ")
    return try value(key, "one of \(names)") { $0.string.flatMap { Word(rawValue: $0) } }
  }

  func bool(_ key: String) throws -> Bool { try value(key, "true or false") { $0.bool } }

  func integer(_ key: String) throws -> Int { try value(key, "a whole number") { $0.integer } }

  /// A finite number in a range.
  func number(
    _ key: String, _ expected: String = "a finite number",
    where isValid: (Double) -> Bool = { _ in true }
  ) throws -> Double {
    try value(key, expected) { found in
      guard let number = found.number, number.isFinite, isValid(number) else { return nil }
      return number
    }
  }

  func positive(_ key: String) throws -> Double {
    try number(key, "a positive number") { $0 > 0 }
  }

  /// A number of at least 0.
  func nonNegative(_ key: String) throws -> Double {
    try number(key, "a number of at least 0") { $0 >= 0 }
  }

  /// A finite number, or `nil` for a `null`.
  func optionalNumber(_ key: String) throws -> Double? {
    try value(key, "a finite number or null") { found -> Double?? in
      if case .null = found.content { return .some(nil) }
      guard let number = found.number, number.isFinite else { return nil }
      return .some(number)
    }
  }

  /// Finite numbers, as many as wanted, that satisfy a condition together.
  func numbers(
    _ key: String, count: Int? = nil, _ expected: String = "finite numbers",
    where isValid: ([Double]) -> Bool = { _ in true }
  ) throws -> [Double] {
    let size = count.map { "an array of \($0)" } ?? "an array of"
    return try value(key, "\(size) \(expected)") { found in
      guard let array = found.array, count == nil || array.count == count else { return nil }
      let numbers = array.compactMap(\.number).filter(\.isFinite)
      return numbers.count == array.count && isValid(numbers) ? numbers : nil
    }
  }

  /// Numbers each of which is larger than the one before.
  func increasing(_ key: String, atLeast least: Int = 0) throws -> [Double] {
    try numbers(key, "at least \(least) increasing numbers") {
      $0.count >= least && zip($0, $0.dropFirst()).allSatisfy { $0 < $1 }
    }
  }

  /// Probabilities.
  func probabilities(_ key: String, count: Int) throws -> [Double] {
    try numbers(key, count: count, "numbers from 0 to 1") { $0.allSatisfy { 0...1 ~= $0 } }
  }

  /// Weights of an average.
  func weights(_ key: String, count: Int? = nil) throws -> [Double] {
    try numbers(key, count: count, "numbers of at least 0 that sum to 1") {
      $0.allSatisfy { $0 >= 0 } && abs($0.reduce(0, +) - 1) < 1e-9
    }
  }
}
