// `bayes em --components 1...9 --covariance full,tied`: which model to choose.

import BayesCore
import BayesEngine
import BayesInference
import BayesLanguage
import CommandLineKit

/// One model of a comparison.
struct EMCandidate {
  /// Components; `nil` for the model's own number.
  let components: Int?
  let covariance: CovarianceForm
  /// The axes of the components.
  let axes: [String]

  func sizes(_ count: Int) -> [String: Int] {
    Dictionary(axes.map { ($0, count) }, uniquingKeysWith: { first, _ in first })
  }
}

/// The models that the settings ask for, at least one.
///
/// - Throws: `UsageError` for a list that cannot be read, `Failure` for a model without components.
func emCandidates(
  _ settings: EMCommandSettings, _ names: DataNames
) throws -> [EMCandidate] {
  let forms = try unique(settings.covariance).map { word -> CovarianceForm in
    if let form = CovarianceForm(rawValue: word) { return form }
    throw UsageError(
      "--covariance expects full, diagonal, spherical or tied, not \"\(word)\"",
      hint: "for example --covariance full,tied", command: "bayes em")
  }
  let counts = try settings.components.map { unique(try componentCounts($0)) }
  var axes: [String] = []
  if counts != nil {
    axes = names.labelAxes
    guard axes.count == 1 else {
      throw Failure(
        axes.isEmpty
          ? "error: the model has no @Latent, so that there are no components to count"
          : "error: the model's labels lie in \(axes.joined(separator: " and ")); --components can vary "
            + "one axis only", .data)
    }
  }
  let candidates = (counts.map { $0.map { Optional($0) } } ?? [nil]).flatMap { count in
    (forms.isEmpty ? [.full] : forms).map {
      EMCandidate(components: count, covariance: $0, axes: axes)
    }
  }
  if candidates.count > 1, settings.responsibilities != nil || settings.start != nil {
    throw UsageError(
      "--responsibilities and --start go with one model, not with a comparison",
      hint: "fit the chosen one by itself", command: "bayes em")
  }
  return candidates
}

/// The elements without repetitions, in their order.
private func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
  var seen: Set<Element> = []
  return elements.filter { seen.insert($0).inserted }
}

/// `1...9`, `2,3,5`, or `3`.
private func componentCounts(_ text: String) throws -> [Int] {
  let failure = UsageError(
    "--components expects a range such as 1...9 or a list such as 2,3,5, of numbers from 1 to 1000, not "
      + "\"\(text)\"", hint: nil, command: "bayes em")
  let isRange = text.contains("...")
  let parts = (isRange ? split(text) : text.split(separator: ",").map(String.init)).map { Int($0) }
  let numbers = parts.compactMap { $0 }
  guard numbers.count == parts.count, !numbers.isEmpty,
    numbers.allSatisfy({ (1...1000).contains($0) })
  else { throw failure }
  guard isRange else { return numbers }
  guard numbers.count == 2, numbers[0] <= numbers[1] else { throw failure }
  return Array(numbers[0]...numbers[1])
}

private func split(_ range: String) -> [String] {
  var parts: [String] = [""]
  var rest = Substring(range)
  while !rest.isEmpty {
    if rest.hasPrefix("...") {
      parts.append("")
      rest = rest.dropFirst(3)
    } else {
      parts[parts.count - 1].append(rest.removeFirst())
    }
  }
  return parts
}

/// A row of the comparison.
struct EMComparisonRow {
  let candidate: EMCandidate
  let fit: EMFit?
  /// Why there is no fit.
  let failure: String?
}

/// A mistake that a model may have at one number of components only.
private func candidateFailure(_ error: any Error, _ candidate: EMCandidate) -> any Error {
  guard let count = candidate.components else { return error }
  return Failure(
    "\(error)\n  hint: this is so with \(count) component\(count == 1 ? "" : "s"); --components compares "
      + "the numbers for which the model's statements hold", .data)
}

/// Fits all candidates, and prints them with the best by BIC and ICL.
func runComparison(
  _ model: some Model, _ data: DataSet, _ settings: EMCommandSettings, _ options: EMOptions,
  _ candidates: [EMCandidate]
) throws -> ExitCode {
  var rows: [EMComparisonRow] = []
  for candidate in candidates where !Interrupt.isRequested {
    var own = options
    own.covariance = candidate.covariance
    own.computesErrors = false
    if let count = candidate.components { own.axisSizes = candidate.sizes(count) }
    let options = own
    do {
      let fit = try withEMProgress(settings) { progress in
        try fitEM(
          model, data: data, options: options, progress: progress,
          isCancelled: { Interrupt.isRequested })
      }
      try requireEffect(settings.covariance, fit)
      rows.append(EMComparisonRow(candidate: candidate, fit: fit, failure: nil))
    } catch EngineError.noMaximum(let reasons) {
      rows.append(
        EMComparisonRow(
          candidate: candidate, fit: nil, failure: reasons.joined(separator: "; ")))
    } catch let error as ModelError {
      // What is wrong with the model's own number, too, is no matter of the number.
      let isGeneral = (try? trace(model, data: data)) == nil
      throw isGeneral ? error : candidateFailure(error, candidate)
    } catch let error as EngineError {
      throw candidateFailure(error, candidate)
    }
  }
  switch settings.format {
  case .table: try StandardStream.output.write(comparisonText(rows))
  case .json: try StandardStream.output.write(jsonText(comparisonJSON(rows), indented: true))
  }
  if Interrupt.isRequested {
    note("Interrupted: \(rows.count) of \(candidates.count) models were fitted.")
    return .interrupted
  }
  let isFlawed = rows.contains { $0.fit.map { !$0.notes.isEmpty } ?? true }
  return settings.strict && isFlawed ? .strict : .success
}
