// The JSON parser and writer: values, places, and the text of every mistake.

import BayesCore
import Testing

@Suite("JSON")
struct JSONTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let message: String
    var testDescription: String { text }
    init(_ text: String, _ message: String) {
      self.text = text
      self.message = message
    }
  }

  static let mistakes: [Mistake] = [
    Mistake(
      "",
      "d.json:1:1: error: the file is empty\n"
        + "  hint: it should hold one JSON object, for example {\"N\": 3}"),
    Mistake(
      "{\"y\": [1, 2,, 3]}",
      "d.json:1:13: error: found ',' where a value was expected\n"
        + "  hint: a value is a number, text in double quotation marks, [an array] or {an object}"),
    Mistake(
      "{\"y\": [1,\n 2,\n]}", "d.json:2:3: error: a comma before ']'\n  hint: remove the comma"),
    Mistake("{\"y\": 1,}", "d.json:1:8: error: a comma before '}'\n  hint: remove the comma"),
    Mistake(
      "{\"y\": [1, 2}",
      "d.json:1:12: error: found '}' where ',' or ']' was expected in the array that starts on "
        + "line 1"),
    Mistake(
      "{\"y\": [1, 2",
      "d.json:1:7: error: the array that starts here has no closing ']'\n"
        + "  hint: is the file cut off?"),
    Mistake(
      "{\n\"a\": 1\n\"b\": 2}",
      "d.json:3:1: error: found '\"' where ',' or '}' was expected in the object that starts on "
        + "line 1"),
    Mistake(
      "{\"a\": 1, \"a\": 2}",
      "d.json:1:10: error: \"a\" is given twice, first on line 1\n"
        + "  hint: remove or rename one of the two"),
    Mistake(
      "{\"a\" 1}", "d.json:1:6: error: found '1' where ':' was expected after \"a\""),
    Mistake(
      "{a: 1}",
      "d.json:1:2: error: found 'a' where the name of a value was expected\n"
        + "  hint: names are written in double quotation marks: {\"N\": 3}"),
    Mistake(
      "[NaN]",
      "d.json:1:2: error: found 'NaN' where a value was expected\n"
        + "  hint: JSON has no such number; write it in quotation marks: \"NaN\""),
    Mistake(
      "[-Infinity]",
      "d.json:1:2: error: found '-Infinity' where a value was expected\n"
        + "  hint: JSON has no such number; write it in quotation marks: \"-Infinity\""),
    Mistake(
      "[NA]",
      "d.json:1:2: error: found 'NA' where a value was expected\n"
        + "  hint: missing values are not supported; remove the row or give the value a parameter"),
    Mistake(
      "[True]",
      "d.json:1:2: error: found 'True' where a value was expected\n"
        + "  hint: JSON writes it in lower case: true"),
    Mistake(
      "[01]",
      "d.json:1:2: error: found '01' where a value was expected\n"
        + "  hint: a number is written like 12, -0.5 or 1.5e-3"),
    Mistake(
      "[+1]",
      "d.json:1:2: error: found '+1' where a value was expected\n"
        + "  hint: a number is written like 12, -0.5 or 1.5e-3"),
    Mistake(
      "[0x1F]",
      "d.json:1:2: error: found '0x1F' where a value was expected\n"
        + "  hint: a number is written like 12, -0.5 or 1.5e-3"),
    Mistake(
      "[1e999]",
      "d.json:1:2: error: '1e999' is beyond the largest number, 1.8e308\n"
        + "  hint: write \"Infinity\" (with quotation marks) where infinity is meant"),
    Mistake(
      "['a']",
      "d.json:1:2: error: found ''' where a value was expected\n"
        + "  hint: text is written in double quotation marks"),
    Mistake(
      "[\"a\n\"]",
      "d.json:1:2: error: the text that starts here has no closing quotation mark\n"
        + "  hint: a line break inside text is written \\n"),
    Mistake(
      "[\"é\\q\"]",
      "d.json:1:4: error: an escape that JSON does not have\n"
        + "  hint: a backslash itself is written \\\\; \\uXXXX takes four hexadecimal digits"),
    Mistake(
      "[\"\\ud800\"]",
      "d.json:1:3: error: an escape that JSON does not have\n"
        + "  hint: a backslash itself is written \\\\; \\uXXXX takes four hexadecimal digits"),
    Mistake(
      "[1] 2",
      "d.json:1:5: error: '2' after the end of the JSON value\n  hint: remove what follows it"),
    Mistake(
      String(repeating: "[", count: 200),
      "d.json:1:129: error: values are nested more than 128 deep"),
  ]

  @Test("A mistake is reported with its line, its column and a remedy", arguments: mistakes)
  func reportsMistakes(mistake: Mistake) {
    #expect(message { try parseJSON(text: mistake.text, path: "d.json") } == mistake.message)
  }

  @Test("Values know the line and column of their first character, in characters")
  func places() throws {
    let value = try parseJSON(text: "\u{FEFF}{\n  \"né\": [1,\n  \"ü\", -2.5e1 ]}")
    let member = try #require(value.object?.first)
    #expect([member.keyLine, member.keyColumn] == [2, 3])
    let elements = try #require(member.value.array)
    #expect(elements.map { [$0.line, $0.column] } == [[2, 10], [3, 3], [3, 8]])
    #expect(elements[2].number == -25)
  }

  @Test("Escapes are undone, surrogate pairs included")
  func escapes() throws {
    let value = try parseJSON(text: #"["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"]"#)
    #expect(value.array?.first?.string == "\"\\/\u{8}\u{C}\n\r\té😀")
  }

  @Test(
    "Seeds of 64 bits keep every digit",
    arguments: [UInt64.max, 1 << 53, (1 << 53) + 1, 0] as [UInt64])
  func seeds(seed: UInt64) throws {
    let text = jsonText(JSONValue.integer(seed))
    #expect(text == String(seed))
    #expect(try parseJSON(text: text).unsigned == seed)
  }

  @Test(
    "A number is written as the shortest text that reads back to the same bits",
    arguments: [
      (0.1, "0.1"), (1, "1"), (-3, "-3"), (1e16, "1e+16"),
      (.leastNonzeroMagnitude, "5e-324"), (-0.0, "-0.0"),
      (0.1 + 0.2, "0.30000000000000004"), (.nan, "null"), (.infinity, "null"),
    ] as [(Double, String)])
  func writesNumbers(value: Double, text: String) throws {
    #expect(jsonNumber(value) == text)
    if value.isFinite {
      #expect(try parseJSON(text: text).number?.bitPattern == value.bitPattern)
    }
  }

  @Test("Objects keep their order, arrays of plain values their line")
  func writesIndented() {
    let value: JSONValue = [
      "b": 1, "a": [1, 2.5, "x\"\n\u{1}"], "m": [[1], [2]], "none": nil, "empty": [], "o": [:],
    ]
    #expect(
      jsonText(value, indented: true) == """
        {
          "b": 1,
          "a": [1, 2.5, "x\\"\\n\\u0001"],
          "m": [
            [1],
            [2]
          ],
          "none": null,
          "empty": [],
          "o": {}
        }

        """)
    #expect(jsonText(["a": [1, true]]) == #"{"a":[1,true]}"#)
  }

  @Test("What was written reads back equal")
  func roundTrip() throws {
    let value: JSONValue = ["x": [1.5, -2, 1e300], "y": ["z": "é😀\t"], "t": [true, false, nil]]
    #expect(try parseJSON(text: jsonText(value)) == value)
    #expect(try parseJSON(text: jsonText(value, indented: true)) == value)
  }
}

/// The text of the error that the work throws.
func message(_ work: () throws -> some Any) -> String? {
  do {
    _ = try work()
    return nil
  } catch {
    return "\(error)"
  }
}
