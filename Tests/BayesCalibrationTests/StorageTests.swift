// Fitted maps stored and read back, and what is refused.

import BayesCore
import BayesNumerics
import Testing

@testable import BayesCalibration

/// Every fitted map that there is, of small data.
private let everyMap = Result { try fitEveryMap() }

private func fitEveryMap() throws -> [CalibrationRecord] {
  let data = try calibrated(300, seed: 31)
  let classes = try threeClasses(300)
  var settings = MethodSettings()
  var records = try CalibrationMethod.binary.map { method in
    try CalibrationRecord(
      map: method.fit(data, settings), scores: .logit, columns: ["log odds"], label: "y",
      classes: ["no", "yes"], rows: 300)
  }
  settings.isotonicScale = .probability
  settings.binning = .equalMass(7)
  settings.plattTargets = .smoothed
  records += try [.isotonic, .histogram, .platt].map { (method: CalibrationMethod) in
    try CalibrationRecord(
      map: method.fit(data, settings), scores: .probability, columns: ["p"], label: "y",
      classes: ["0", "1"], rows: 300)
  }
  records += try CalibrationMethod.multiclass.map { method in
    try CalibrationRecord(
      map: method.fit(classes), scores: .logits, columns: ["a", "b", "c"], label: "y",
      classes: ["ä", "b\"b", "c"], rows: 300)
  }
  return records
}

@Suite struct StorageTests {
  @Test("Every map reads back to the same bits, and gives the same probabilities")
  func roundTrip() throws {
    for record in try everyMap.get() {
      let text = jsonText(record.json, indented: true)
      let read = try CalibrationRecord(json: parseJSON(text: text), path: "map.json")
      #expect(read == record, "\(record.map.method)")
      #expect(jsonText(read.json, indented: true) == text)
      let scores = [-800.0, -3.3, -1e-9, 0, 0.1, 2, 37.5, 800]
      if record.scores.isMulticlass {
        let logits = DenseMatrix(rows: 2, columns: 3, values: [0.1, -3, 2, 700, 1, -900])
        #expect(
          try read.map.probabilities(ofLogits: logits) == record.map.probabilities(ofLogits: logits)
        )
      } else {
        #expect(
          try read.map.probabilities(ofLogits: scores) == record.map.probabilities(ofLogits: scores)
        )
      }
    }
  }

  @Test("Certain predictions stay certain or finite, never NaN")
  func certain() throws {
    for record in try everyMap.get() where !record.scores.isMulticlass {
      let p = try record.map.probabilities(ofProbabilities: [0, 0.5, 1])
      #expect(p.allSatisfy { 0...1 ~= $0 } && p[0] <= p[2], "\(record.map.method)")
    }
  }

  @Test("Maps are refused for scores that they were not fitted to")
  func unsuitable() throws {
    for record in try everyMap.get() {
      let two = DenseMatrix(rows: 1, columns: 4, values: [0, 1, 2, 3])
      if record.map.binary == nil {
        #expect(throws: CalibrationError.self) { try record.map.probabilities(ofLogits: [0.0]) }
        #expect(throws: CalibrationError.self) { try record.map.probabilities(ofLogits: two) }
      }
      if record.map.multiclass == nil {
        #expect(throws: CalibrationError.self) { try record.map.probabilities(ofLogits: two) }
      }
    }
    let matrix = try CalibrationMethod.matrix.fit(threeClasses(300))
    #expect(
      message {
        _ = try matrix.probabilities(
          ofProbabilities: DenseMatrix(rows: 1, columns: 3, values: [0, 0.5, 0.5]))
      }.hasPrefix("row 1: found probability 0 of class 0"))
    #expect(
      message { _ = try CalibrationMethod.vector.fit(calibrated(50, seed: 1)) }.hasPrefix(
        "vector is a method for scores of several classes, but there is one score; use temperature")
    )
    #expect(
      message { _ = try CalibrationMethod.platt.fit(threeClasses(50)) }.hasPrefix(
        "platt is a method for labels 0 and 1 with one score, but there are scores of 3 classes; use temperature"
      ))
  }

  private static let good = """
    {"format": "bayes calibration map", "version": 1, "method": "platt", "scores": "logit",
    "columns": ["x"], "label": "y", "classes": ["0", "1"], "rows": 12, "parameters":
    {"slope": 0.5, "intercept": -1, "slope_standard_error": 0.1, "intercept_standard_error": 0.2,
    "targets": "labels"}}
    """

  @Test(
    "What is wrong in a file is named with its key and place",
    arguments: [
      (
        "\"version\": 1", "\"version\": 2",
        "1:48: error: version is 2, and this program reads version 1 alone"
      ),
      ("bayes calibration map", "another", "1:1: error: this is no calibration map"),
      (
        "\"method\": \"platt\",", "",
        "1:1: error: method is missing; it should be one of none, temperature"
      ),
      ("\"platt\"", "\"plat\"", "error: method should be one of none, temperature"),
      (
        "\"scores\": \"logit\"", "\"scores\": 3",
        "error: scores should be one of logit, probability"
      ),
      (
        "\"x\"", "\"x\", \"z\"",
        "2:12: error: columns does not fit the rest: logit of 2 classes needs 1 columns"
      ),
      (
        "\"0\", \"1\"", "\"0\"",
        "error: classes does not fit the rest: logit needs 2 classes, found 1"
      ),
      (
        "\"rows\": 12", "\"rows\": 0",
        "error: rows does not fit the rest: a map is fitted to at least 1 row"
      ),
      (
        "\"rows\": 12", "\"rows\": 1.5",
        "error: rows should be a whole number, found the number 1.5"
      ),
      (
        "\"slope\": 0.5", "\"slope\": null",
        "3:11: error: parameters.slope should be a finite number, found null"
      ),
      ("\"slope\": 0.5,", "", "error: parameters.slope is missing; it should be a finite number"),
      (
        "\"slope_standard_error\": 0.1", "\"slope_standard_error\": -1",
        "parameters.slope_standard_error should be a number of at least 0"
      ),
      ("\"labels\"", "\"targets\"", "parameters.targets should be one of labels, smoothed"),
      (
        "\"logit\"", "\"logits\"",
        "error: columns does not fit the rest: logits of 2 classes needs 2 columns"
      ),
    ])
  func mistakes(part: String, replacement: String, text: String) throws {
    #expect(throws: Never.self) {
      try CalibrationRecord(json: parseJSON(text: Self.good), path: "map.json")
    }
    let bad = Self.good.replacing(part, with: replacement)
    #expect(bad != Self.good)
    let found = message { _ = try CalibrationRecord(json: parseJSON(text: bad), path: "map.json") }
    #expect(found.hasPrefix("map.json:") && found.contains(text), "\(found)")
  }

  @Test(
    "Numbers that are no map are refused",
    arguments: [
      ("temperature", "{\"temperature\": 0}", "temperature should be a positive number"),
      ("beta", "{\"a\": -1, \"b\": 1, \"c\": 0}", "a should be a number of at least 0"),
      (
        "isotonic", "{\"scale\": \"logit\", \"thresholds\": [], \"values\": []}",
        "thresholds should be"
      ),
      (
        "isotonic", "{\"scale\": \"logit\", \"thresholds\": [0, 0], \"values\": [0, 1]}",
        "thresholds"
      ),
      ("isotonic", "{\"scale\": \"logit\", \"thresholds\": [0, 1], \"values\": [1, 0]}", "values"),
      ("histogram", "{\"edges\": [0.5], \"values\": [0.1, 1.5]}", "values should be an array of 2"),
      ("histogram", "{\"edges\": [0.5], \"values\": [0.1]}", "values should be an array of 2"),
      (
        "bayesian-temperature",
        """
        {"prior_location": 0, "prior_scale": 1, "step": 0.1, "log_temperatures": [0, 1, 2],
        "log_densities": [1e300, 0, 0], "slopes": [0, 0, 0]}
        """, "log_densities belong to no posterior"
      ),
    ])
  func numbers(method: String, parameters: String, text: String) throws {
    let json = """
      {"format": "bayes calibration map", "version": 1, "method": "\(method)", "scores": "logit",
      "columns": ["x"], "label": "y", "classes": ["0", "1"], "rows": 9, "parameters": \(parameters)}
      """
    let found = message { _ = try CalibrationRecord(json: parseJSON(text: json), path: "m") }
    #expect(found.contains("parameters.\(text)"), "\(found)")
  }

  @Test("A vector map has nothing off the diagonal, and as many classes as the scores")
  func affine() throws {
    func found(_ weights: String, _ intercepts: String, _ more: String = "") -> String {
      let json = """
        {"format": "bayes calibration map", "version": 1, "method": "vector", "scores": "logits",
        "columns": ["a", "b"], "label": "y", "classes": ["0", "1"], "rows": 9, "parameters":
        {"weights": \(weights), "intercepts": \(intercepts), "mean_negative_log_likelihood": 1\(more)}}
        """
      return message { _ = try CalibrationRecord(json: parseJSON(text: json), path: "m") }
    }
    #expect(found("[1, 0, 0, 2]", "[0, 1]") == "no error")
    func shrunk(_ weights: Double) -> String {
      let prior = #"{"weights": \#(weights), "intercepts": 1, "log_evidence": null}"#
      return found("[1, 0, 0, 2]", "[0, 1]", #", "shrinkage": \#(prior)"#)
    }
    #expect(found("[1, 0, 0, 2]", "[0, 1]", #", "shrinkage": null"#) == "no error")
    #expect(shrunk(0.1) == "no error")
    #expect(shrunk(0).contains("parameters.shrinkage.weights should be a number from 1e-6"))
    #expect(
      found("[1, 0.5, 0, 2]", "[0, 1]").contains("parameters.weights should be an array of 4"))
    #expect(found("[1, 0, 0, 2]", "[]").contains("parameters.intercepts should be"))
    #expect(
      found("[1, 0, 0, 0, 1, 0, 0, 0, 1]", "[0, 0, 0]").contains("the map is one of 3 classes"))
  }
}
