// The tables of `calibrate`: scores, errors beside those of a perfect model, methods and their numbers.

import BayesCalibration
import BayesNumerics

/// Five significant digits, and a dash for what is not finite.
func measureText(_ x: Double?) -> String {
  guard let x, x.isFinite else { return "—" }
  if x != 0, abs(x) < 1e-4 { return formatted(x, significant: 3) }
  return abs(x) < 1e6 ? fixed(x, decimals: 5) : formatted(x, significant: 6)
}

private func within(_ band: Band?) -> String {
  guard let band else { return "—" }
  return
    "\(measureText(band.interval.lowerBound)) to \(measureText(band.interval.upperBound))"
}

/// A p-value; so many replicates cannot show a smaller one than their reciprocal.
func pText(_ p: Double) -> String { p < 0.001 ? "< 0.001" : fixed(p, decimals: 3) }

func pText(_ assessment: AssessedErrors.Assessment) -> String {
  guard assessment.isAtFloor else { return pText(assessment.pValue) }
  return "< " + fixed((1000 / Double(1 + assessment.replicates)).rounded(.up) / 1000, decimals: 3)
}

func comparisonText(_ comparison: MethodComparison) -> String {
  var rows = [
    [
      "Method", "Parameters", "NLL", "s.e.", "Excess", "s.e.", "Brier", "s.e.",
      "ECE of \(comparison.event.name)", "s.e.", "Perfect",
    ]
  ]
  var (problems, reasons) = ("", [(reason: String, methods: [String])]())
  for entry in comparison.entries {
    let mark =
      entry.method == comparison.chosen
      ? " *" : entry.isWithinOneStandardError ? " ." : ""
    rows.append(
      [entry.method.name + mark, entry.parameterCount.map { "\($0)" } ?? "rows"]
        + [entry.likelihood, entry.excess, entry.brier, entry.expectedError].flatMap {
          [measureText($0?.mean), measureText($0?.standardError)]
        } + [measureText(entry.perfectError?.mean)])
    if let failure = entry.failures.first {
      let reason =
        " could not be fitted in \(entry.failures.count) of \(comparison.folds) folds: \(failure.reason).\n"
      if let known = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[known].methods.append(entry.method.name)
      } else {
        reasons.append((reason, [entry.method.name]))
      }
    }
    if entry.impossibleRows > 0 {
      problems +=
        "\(entry.method.name) gave probability 0 to the label of \(entry.impossibleRows) "
        + "\(entry.impossibleRows == 1 ? "row" : "rows"): its NLL is infinite.\n"
    }
  }
  return "Methods on held-out rows, \(comparison.folds) folds of \(comparison.rows) rows "
    + "(* chosen, . within one standard error of the smallest NLL; "
    + "ECE: mean over folds, larger than that of all rows, beside what perfect calibration would show):\n\n"
    + abTable(rows) + "\n"
    + reasons.map { $0.methods.joined(separator: ", ") + $0.reason }.joined() + problems
    + "Chosen: \(comparison.rule).\n"
}

func mapText(_ record: CalibrationRecord) -> String {
  if record.map == .none { return "" }
  var text = "Map: \(record.map.method.name), \(record.map.method.summary)"
  text += "; fitted to \(record.rows) rows.\n"
  let numbers = parameterRows(record.map)
  if !numbers.isEmpty { text += abTable(numbers) }
  return text
}

/// The numbers of a map that mean something to a reader.
private func parameterRows(_ map: FittedMap) -> [[String]] {
  func number(_ x: Double) -> String { formatted(x, significant: 8) }
  switch map {
  case .temperature(let map):
    return [
      [
        "  T", number(map.temperature),
        map.standardError.map { "standard error \(formatted($0, significant: 5))" } ?? "",
      ],
      [
        "  1/T", number(map.inverse),
        map.inverseStandardError.map { "standard error \(formatted($0, significant: 5))" } ?? "",
      ],
    ]
  case .bayesianTemperature(let map):
    let interval = map.interval()
    return [
      ["  T", "posterior mean \(number(map.mean))"],
      ["", "sd \(formatted(map.standardDeviation, significant: 5))"],
      [
        "",
        "95 % \(formatted(interval.lowerBound, significant: 5)) to \(formatted(interval.upperBound, significant: 5))",
      ],
      [
        "",
        "prior log T ~ Normal(\(formatted(map.prior.location, significant: 4)), "
          + "\(formatted(map.prior.scale, significant: 4)))",
      ],
    ]
  case .platt(let map):
    return [
      [
        "  slope", number(map.slope),
        "standard error \(formatted(map.standardErrors.slope, significant: 5))",
      ],
      [
        "  intercept", number(map.intercept),
        "standard error \(formatted(map.standardErrors.intercept, significant: 5))",
      ],
    ]
  case .beta(let map):
    return [["  a", number(map.a)], ["  b", number(map.b)], ["  c", number(map.c)]]
  case .ensembleTemperature(let map):
    return [
      ["  T", number(map.temperature)], ["  weight of tempered scores", number(map.tempered)],
      ["  weight of unchanged scores", number(map.unchanged)],
      ["  weight of equal probabilities", number(map.uniform)],
    ]
  case .isotonic(let map): return [["  thresholds", "\(map.thresholds.count)"]]
  case .histogram(let map): return [["  bins", "\(map.values.count)"]]
  case .affine(let map):
    guard let shrinkage = map.shrinkage else { return [] }
    func short(_ x: Double) -> String { formatted(x, significant: 3) }
    return [
      ["  prior sd of weights around 1/T, relative", short(shrinkage.weights)],
      ["  prior sd of intercepts around 0", short(shrinkage.intercepts)],
    ]
  default: return []
  }
}

func scoresText(_ report: CalibrationReport) -> String {
  let columns = report.columns
  let isBinary = !report.rows.layout.kind.isMulticlass
  var rows = [["Scores"] + columns.map(\.title)]
  func add(_ name: String, _ value: (CalibrationMeasures) -> String) {
    rows.append([name] + columns.map { value($0.rows.measures) })
  }
  add("NLL, nats") { measureText($0.negativeLogLikelihood) }
  add("  95 % bootstrap") { within($0.likelihoodBand) }
  add(isBinary ? "Brier score" : "Brier score, all classes") { measureText($0.brier) }
  add("  95 % bootstrap") { within($0.brierBand) }
  if !isBinary { add("Brier score, the top label") { measureText($0.decomposition.score) } }
  add("  reliability") { measureText($0.decomposition.reliability) }
  add("  resolution") { measureText($0.decomposition.resolution) }
  add("  uncertainty") { measureText($0.decomposition.uncertainty) }
  add("  within bins") {
    measureText($0.decomposition.withinBinVariance - $0.decomposition.withinBinCovariance)
  }
  add("Calibration slope") { measures in
    measures.line.map {
      "\(fixed($0.slope, decimals: 4)) ± \(fixed($0.slopeError, decimals: 4))"
    } ?? "—"
  }
  add("Calibration intercept") { measures in
    measures.line.map {
      "\(fixed($0.intercept, decimals: 4)) ± \(fixed($0.interceptError, decimals: 4))"
    } ?? "—"
  }
  add("Mean bias") { measureText($0.meanBias) }
  add("Sharpness") { measureText($0.sharpness) }
  add("Spiegelhalter's z") { measures in
    measures.spiegelhalter.map {
      "\(fixed($0.z, decimals: 2)), p \(pText($0.pValue))"
    } ?? "—"
  }
  return abTable(rows)
}

func errorsText(_ report: CalibrationReport) -> String {
  var rows = [
    ["Calibration errors", "Value", "95 % bootstrap", "Perfect", "95 % of perfect", "p"]
  ]
  func add(_ title: String, _ assessment: AssessedErrors.Assessment) {
    rows.append([
      "  " + title, measureText(assessment.value), within(assessment.bootstrap),
      measureText(assessment.perfect.mean), within(assessment.perfect), pText(assessment),
    ])
  }
  let columns = report.columns
  for index in columns[0].rows.measures.errors.indices {
    let first = columns[0].rows.measures.errors[index]
    let binning = first.errors.table.binning
    rows.append(["ECE of \(first.event.name), \(binningTitle(binning))"] + blanks)
    for (title, measured) in columns {
      add(title, measured.measures.errors[index].errors.expected)
    }
  }
  let main = columns[0].rows.measures.errors[0]
  rows.append(["Largest gap of a bin (maximum error), \(main.event.name)"] + blanks)
  for (title, measured) in columns { add(title, measured.measures.errors[0].errors.maximum) }
  rows.append(["Debiased squared L2 error, \(main.event.name)"] + blanks)
  for (title, measured) in columns {
    add(title, measured.measures.errors[0].errors.debiasedSquared)
  }
  let smooth = columns[0].rows.measures.smooth.replicates
  rows.append(["Smooth ECE, \(main.event.name), \(smooth) replicates"] + blanks)
  for (title, measured) in columns { add(title, measured.measures.smooth) }
  for (k, assessment) in columns[0].rows.measures.classwise.enumerated() {
    let bins = k == 0 ? "bins of equal width" : "of equal mass (adaptive)"
    let fewer =
      assessment.replicates < main.errors.expected.replicates
      ? ", \(assessment.replicates) replicates" : ""
    rows.append(["Classwise ECE, mean over classes, \(bins)\(fewer)"] + blanks)
    for (title, measured) in columns { add(title, measured.measures.classwise[k]) }
  }
  return abTable(rows)
}

private func binningTitle(_ binning: Binning) -> String {
  if case .equalMass = binning { binning.name + " (adaptive)" } else { binning.name }
}

private let blanks = ["", "", "", "", ""]
