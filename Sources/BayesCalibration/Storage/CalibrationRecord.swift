// A fitted map as a JSON file has it: what it is, what it was fitted to, and its numbers to the last bit.

public import BayesCore

/// A fitted map with what is needed to apply it to another file.
///
/// As JSON it is one object: the format's name and version, the method, the kind, columns and classes of the scores, the
/// label's column, the number of rows, how near to 0 and 1 probabilities may come, and the map's numbers under `parameters`, written so that they read back to the
/// same bits.
public struct CalibrationRecord: Sendable, Equatable {
  /// What a score is.
  public enum ScoreKind: String, Sendable, CaseIterable, Equatable {
    /// The log odds of label 1.
    case logit
    /// The probability of label 1.
    case probability
    /// One logit per class.
    case logits
    /// One probability per class.
    case probabilities

    /// Whether there is one score per class.
    public var isMulticlass: Bool { self == .logits || self == .probabilities }
  }

  /// The value of `format`.
  public static let format = "bayes calibration map"
  /// The version of the format that is written, and the only one that is read.
  public static let version = 1

  /// The map.
  public let map: FittedMap
  /// What its scores are.
  public let scores: ScoreKind
  /// The names of the columns with the scores: one, or one for each class in the order of classes.
  public let columns: [String]
  /// The name of the column with the labels.
  public let label: String
  /// The names of the classes, in the order of their labels 0…K − 1.
  public let classes: [String]
  /// The number of rows that the map was fitted to.
  public let rows: Int
  /// Probabilities nearer than this to 0 or 1 were moved there before the fit, and are before the map is applied; 0 for none.
  public let clip: Double

  /// A record.
  ///
  /// - Throws: `CalibrationError.invalidSetting` where the numbers of columns, classes and the map's kind do not agree.
  public init(
    map: FittedMap, scores: ScoreKind, columns: [String], label: String, classes: [String],
    rows: Int, clip: Double = 0
  ) throws {
    guard clip >= 0, clip < 0.5 else {
      throw CalibrationError.invalidSetting(
        "clip is at least 0 and below 0.5, found \(short(clip))")
    }
    self.clip = clip
    if let problem = Self.problem(map, scores, columns, classes, rows) {
      throw CalibrationError.invalidSetting(problem.message)
    }
    (self.map, self.scores, self.columns) = (map, scores, columns)
    (self.label, self.classes, self.rows) = (label, classes, rows)
  }

  /// What does not agree, and the key of the part that is wrong.
  private static func problem(
    _ map: FittedMap, _ scores: ScoreKind, _ columns: [String], _ classes: [String], _ rows: Int
  ) -> (key: String, message: String)? {
    let needed = scores.isMulticlass ? classes.count : 1
    if rows < 1 { return ("rows", "a map is fitted to at least 1 row, found \(rows)") }
    if scores.isMulticlass ? classes.count < 2 : classes.count != 2 {
      return (
        "classes",
        "\(scores.rawValue) needs \(scores.isMulticlass ? "at least 2" : "2") classes, found \(classes.count)"
      )
    }
    if columns.count != needed {
      return (
        "columns",
        "\(scores.rawValue) of \(classes.count) classes needs \(needed) columns, found \(columns.count)"
      )
    }
    if scores.isMulticlass ? map.multiclass == nil : map.binary == nil {
      return ("method", "\(map.method.name) has no map of \(scores.rawValue)")
    }
    if case .affine(let affine) = map, affine.intercepts.count != classes.count {
      return (
        "parameters",
        "the map is one of \(affine.intercepts.count) classes, but there are \(classes.count)"
      )
    }
    return nil
  }

  /// The record as a JSON object.
  public var json: JSONValue {
    [
      "format": JSONValue(.string(Self.format)), "version": .integer(Self.version),
      "method": JSONValue(.string(map.method.name)), "scores": JSONValue(.string(scores.rawValue)),
      "columns": .strings(columns), "label": JSONValue(.string(label)),
      "classes": .strings(classes), "rows": .integer(rows), "clip": JSONValue(.number(clip)),
      "parameters": map.parameters,
    ]
  }

  /// The record that a file holds.
  ///
  /// - Throws: `DataError` where the file cannot be read, and as for an object.
  public init(path: String) throws {
    try self.init(json: parseJSON(path: path), path: path)
  }

  /// The record that a JSON object holds.
  ///
  /// - Parameter path: the name of the file, for messages.
  /// - Throws: `DataError.invalid` for another format or version, an unknown method, and what is missing or is not
  ///   what it should be, with line, column and key.
  public init(json: JSONValue, path: String) throws {
    let file = MapReader(json, path: path)
    guard json["format"]?.string == Self.format else {
      throw file.error(
        "this is no calibration map",
        hint: "a file that `bayes calibrate --save` wrote has \"format\": \"\(Self.format)\"")
    }
    let version = try file.integer("version")
    guard version == Self.version else {
      throw file.error(
        "version", "is \(version), and this program reads version \(Self.version) alone",
        hint: "fit the map again, or use the program that wrote it")
    }
    let method = try file.word("method", CalibrationMethod.self)
    scores = try file.word("scores", ScoreKind.self)
    columns = try file.strings("columns")
    label = try file.string("label")
    classes = try file.strings("classes")
    rows = try file.integer("rows")
    // Maps of version 1 were written without it before there was any clipping.
    clip = try json["clip"] == nil ? 0 : file.number("clip")
    guard clip >= 0, clip < 0.5 else { throw file.error("clip", "is at least 0 and below 0.5") }
    map = try FittedMap(method, try file.object("parameters"))
    if let problem = Self.problem(map, scores, columns, classes, rows) {
      throw file.error(problem.key, "does not fit the rest: \(problem.message)")
    }
  }
}
