// Conformal thresholds as a JSON file has them: what is needed for the sets or intervals of another file's rows.

public import BayesCore

/// Conformal sets or intervals with what is needed to apply them to another file.
///
/// As JSON it is one object: the format's name and version, the method and its settings, the level, what the columns
/// are, and `thresholds`, one for all rows, for each group, or for each class.
public struct ConformalRecord: Sendable, Equatable {
  /// The scores by their names in a file.
  public enum Method: String, Sendable, CaseIterable, Equatable {
    /// 1 − p.
    case lac
    /// The adaptive score.
    case aps
    /// The adaptive score with a penalty for ranks.
    case raps
    /// |y − ŷ|.
    case residual
    /// max(lower − y, y − upper).
    case cqr
  }

  /// What gives a new row its set or interval.
  public enum Rule: Sendable, Equatable {
    /// Sets of classes.
    case sets(ConformalGroups<ConformalSets>)
    /// Intervals of a number.
    case intervals(ConformalGroups<ConformalIntervals>)
  }

  /// The value of `format`.
  public static let format = "bayes conformal thresholds"
  /// The version of the format that is written, and the only one that is read.
  public static let version = 1

  /// The thresholds; without a column of groups, of one group.
  public let rule: Rule
  /// What the scores of classes are; `nil` for intervals.
  public let scores: CalibrationRecord.ScoreKind?
  /// The columns of scores, the prediction's, or those of the lower and the upper quantile.
  public let columns: [String]
  /// The column of labels or outcomes, which new rows need not have.
  public let label: String
  /// The names of classes 0…K − 1; none for intervals.
  public let classes: [String]
  /// The column of groups, where groups have thresholds of their own.
  public let group: String?

  /// A record.
  ///
  /// - Throws: `CalibrationError.invalidSetting` where columns, classes, groups and the rule do not agree.
  public init(
    rule: Rule, scores: CalibrationRecord.ScoreKind?, columns: [String], label: String,
    classes: [String], group: String?
  ) throws {
    (self.rule, self.scores, self.columns) = (rule, scores, columns)
    (self.label, self.classes, self.group) = (label, classes, group)
    if let problem { throw CalibrationError.invalidSetting(problem.message) }
  }

  /// The score.
  public var method: Method {
    switch rule {
    case .sets(let groups):
      switch groups.rules[0].score {
      case .threshold: .lac
      case .adaptive: .aps
      case .regularised: .raps
      }
    case .intervals(let groups):
      groups.rules[0].score == .absoluteResidual ? .residual : .cqr
    }
  }

  /// The probability asked for.
  public var level: Double {
    switch rule {
    case .sets(let groups): groups.rules[0].level
    case .intervals(let groups): groups.rules[0].quantile.level
    }
  }

  /// What does not agree, and the key of the part that is wrong.
  private var problem: (key: String, message: String)? {
    if Set(columns).count != columns.count { return ("columns", "a column is named twice") }
    switch rule {
    case .sets(let groups):
      guard let scores else { return ("scores", "sets of classes need a kind of scores") }
      if scores.isMulticlass ? classes.count < 2 : classes.count != 2 {
        return ("classes", "\(scores.rawValue) does not go with \(classes.count) classes")
      }
      if Set(classes).count != classes.count { return ("classes", "a class is named twice") }
      let needed = scores.isMulticlass ? classes.count : 1
      if columns.count != needed {
        return (
          "columns",
          "\(scores.rawValue) of \(classes.count) classes needs \(needed) columns, found \(columns.count)"
        )
      }
      if groups.rules.contains(where: { $0.classCount != classes.count }) {
        return ("thresholds", "they are not of \(classes.count) classes")
      }
      return groupProblem(groups.names.count)
    case .intervals(let groups):
      let needed = method == .residual ? 1 : 2
      if columns.count != needed {
        return ("columns", "\(method.rawValue) needs \(needed) columns, found \(columns.count)")
      }
      return groupProblem(groups.names.count)
    }
  }

  private func groupProblem(_ count: Int) -> (key: String, message: String)? {
    group == nil && count != 1
      ? ("thresholds", "\(count) groups need the name of their column") : nil
  }
}

extension ConformalRecord {
  /// The record as a JSON object.
  public var json: JSONValue {
    var settings: ConformalScore?
    var (isByClass, seed) = (false, UInt64(0))
    var thresholds: [JSONValue] = []
    func add(_ name: String, _ quantile: ConformalQuantile, class index: Int? = nil) {
      thresholds.append([
        "group": group == nil ? nil : JSONValue(.string(name)),
        "class": index.map { JSONValue(.string(classes[$0])) } ?? nil,
        "rows": .integer(quantile.rows),
        "threshold": quantile.value.map { JSONValue(.number($0)) } ?? nil,
      ])
    }
    switch rule {
    case .sets(let groups):
      (settings, seed) = (groups.rules[0].score, groups.rules[0].seed)
      isByClass = groups.rules[0].isByClass
      for (name, sets) in zip(groups.names, groups.rules) {
        for (k, quantile) in sets.quantiles.enumerated() {
          add(name, quantile, class: sets.isByClass ? k : nil)
        }
      }
    case .intervals(let groups):
      for (name, intervals) in zip(groups.names, groups.rules) { add(name, intervals.quantile) }
    }
    var (weight, freeRank): (JSONValue, JSONValue) = (nil, nil)
    if case .regularised(let penalty, let rank, _)? = settings {
      (weight, freeRank) = (JSONValue(.number(penalty)), .integer(rank))
    }
    return [
      "format": JSONValue(.string(Self.format)), "version": .integer(Self.version),
      "method": JSONValue(.string(method.rawValue)), "level": JSONValue(.number(level)),
      "raps_penalty": weight, "raps_rank": freeRank,
      "randomised": JSONValue(.bool(settings?.isRandomised ?? false)),
      // As text: a number of JSON need not keep 64 bits.
      "seed": JSONValue(.string("\(seed)")),
      "scores": scores.map { JSONValue(.string($0.rawValue)) } ?? nil,
      "columns": .strings(columns), "label": JSONValue(.string(label)),
      "classes": .strings(classes), "group": group.map { JSONValue(.string($0)) } ?? nil,
      "by_class": JSONValue(.bool(isByClass)), "thresholds": JSONValue(.array(thresholds)),
    ]
  }

  /// The record that a JSON object holds.
  ///
  /// - Parameter path: the name of the file, for messages.
  /// - Throws: `DataError.invalid` for another format or version, and for what is missing or is not what it should be,
  ///   with line, column and key.
  public init(json: JSONValue, path: String) throws {
    let file = MapReader(json, path: path)
    guard json["format"]?.string == Self.format else {
      throw file.error(
        "this holds no conformal thresholds",
        hint:
          "a file that `bayes calibrate conformal --save` wrote has \"format\": \"\(Self.format)\"")
    }
    let version = try file.integer("version")
    guard version == Self.version else {
      throw file.error(
        "version", "is \(version), and this program reads version \(Self.version) alone",
        hint: "calibrate again, or use the program that wrote it")
    }
    let method = try file.word("method", Method.self)
    columns = try file.strings("columns")
    label = try file.string("label")
    classes = try file.strings("classes")
    group = json["group"]?.isNull == true ? nil : try file.string("group")
    let thresholds = try Self.objects(json, file, path)
    do {
      switch method {
      case .residual, .cqr:
        scores = nil
        rule = .intervals(try Self.intervals(method, file, group, thresholds))
      case .lac, .aps, .raps:
        scores = try file.word("scores", CalibrationRecord.ScoreKind.self)
        rule = .sets(try Self.sets(method, file, group, classes, thresholds))
      }
    } catch let error as CalibrationError {
      throw file.error("thresholds", "do not fit the rest: \(error)")
    }
    if let problem { throw file.error(problem.key, "does not fit the rest: \(problem.message)") }
  }

  /// The objects of the array `thresholds`.
  private static func objects(
    _ json: JSONValue, _ file: MapReader, _ path: String
  ) throws -> [MapReader] {
    guard let array = json["thresholds"]?.array, !array.isEmpty,
      array.allSatisfy({ $0.object != nil })
    else { throw file.error("thresholds", "should be an array of objects, at least one") }
    return array.enumerated().map {
      MapReader($1, path: path, prefix: "thresholds[\($0)].")
    }
  }

  private static func intervals(
    _ method: Method, _ file: MapReader, _ group: String?, _ thresholds: [MapReader]
  ) throws -> ConformalGroups<ConformalIntervals> {
    let level = try file.number("level", "a number between 0 and 1") { $0 > 0 && $0 < 1 }
    return try ConformalGroups(
      names: thresholds.map { group == nil ? "" : try $0.string("group") },
      rules: thresholds.map {
        ConformalIntervals(
          score: method == .residual ? .absoluteResidual : .quantiles,
          quantile: try quantile($0, level))
      })
  }

  private static func sets(
    _ method: Method, _ file: MapReader, _ group: String?, _ classes: [String],
    _ thresholds: [MapReader]
  ) throws -> ConformalGroups<ConformalSets> {
    let isRandomised = try file.bool("randomised")
    let text = try file.string("seed")
    guard let seed = UInt64(text) else {
      throw file.error("seed", "should be a whole number as text, found \(text)")
    }
    let score: ConformalScore =
      switch method {
      case .aps: .adaptive(isRandomised: isRandomised)
      case .raps:
        .regularised(
          weight: try file.nonNegative("raps_penalty"), freeRank: try file.integer("raps_rank"),
          isRandomised: isRandomised)
      case .lac, .residual, .cqr: .threshold
      }
    let level = try file.number("level", "a number between 0 and 1") { $0 > 0 && $0 < 1 }
    let isByClass = try file.bool("by_class")
    let perGroup = isByClass ? max(1, classes.count) : 1
    guard !thresholds.isEmpty, thresholds.count % perGroup == 0 else {
      throw file.error(
        "thresholds",
        "should be \(isByClass ? "one for each class" : "at least one"), found \(thresholds.count)")
    }
    var (names, rules) = ([String](), [ConformalSets]())
    for start in stride(from: 0, to: thresholds.count, by: perGroup) {
      let part = thresholds[start..<start + perGroup]
      if isByClass {
        for (k, threshold) in part.enumerated() where try threshold.string("class") != classes[k] {
          throw threshold.error("class", "should be \(classes[k]), in the order of classes")
        }
      }
      names.append(group == nil ? "" : try part[start].string("group"))
      rules.append(
        try ConformalSets(
          score: score, quantiles: part.map { try quantile($0, level) }, classCount: classes.count,
          seed: seed))
    }
    return try ConformalGroups(names: names, rules: rules)
  }

  private static func quantile(_ json: MapReader, _ level: Double) throws -> ConformalQuantile {
    do {
      return try ConformalQuantile(
        level: level, rows: json.integer("rows"), value: json.optionalNumber("threshold"))
    } catch let error as CalibrationError {
      throw json.error("threshold", "does not fit its rows: \(error)")
    }
  }
}

extension JSONValue {
  fileprivate var isNull: Bool { if case .null = content { true } else { false } }
}
