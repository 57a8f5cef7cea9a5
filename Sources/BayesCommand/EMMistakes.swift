// What `em` says of settings that do not fit the model or its data.

import BayesCore
import BayesEngine
import CommandLineKit

/// The weights in a column of the data.
///
/// - Throws: `Failure`, which names the column and the row.
func rowWeights(_ name: String, _ data: DataSet) throws -> [Double] {
  guard let entry = data[name] else {
    let close = closestName(to: name, among: data.names + data.unreadNames)
    throw Failure(
      "error: the data has no column `\(name)` for --weights"
        + (close.map { "\n  hint: did you mean `\($0)`?" } ?? ""), .data)
  }
  guard case .numbers(let shape, let values) = entry.value, shape.count == 1 else {
    let found =
      switch entry.value {
      case .text: "text"
      case .numbers(let shape, _) where shape.isEmpty: "a single number"
      case .numbers(let shape, _): "numbers of shape \(shape)"
      }
    throw Failure(
      "\(entry.origin.description()): error: the weights `\(name)` are \(found); expected a number for "
        + "each row", .data)
  }
  if let row = values.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
    throw Failure(
      "\(entry.origin.description(element: row)): error: the weight in row \(row + 1) is \(plain(values[row])); "
        + "expected a finite number, at least 0", .data)
  }
  guard values.contains(where: { $0 > 0 }) else {
    throw Failure("\(entry.origin.description()): error: all weights are 0", .data)
  }
  return values
}

/// A whole number without its `.0`.
private func plain(_ value: Double) -> String {
  Int(exactly: value).map { "\($0)" } ?? "\(value)"
}

/// An error of the engine where the user gave the start: it is the first suspect.
func emStartFailure(_ error: EngineError, _ path: String) -> Failure {
  switch error {
  case .missingParameters(let names):
    Failure(
      "\(path): error: the start lacks \(names.joined(separator: ", ")); expected values of all parameters",
      .data)
  case .noMaximum(let reasons):
    Failure(
      "\(path): error: EM found no maximum from this start: \(reasons.joined(separator: "; ")). Are all "
        + "values possible, scales above 0 and probabilities that add to 1?", .data)
  default: Failure(error)
  }
}

/// Whether an M-step of the fit has a form of covariances.
func hasCovarianceForm(_ fit: EMFit) -> Bool {
  fit.updates.contains { $0.contains("covariances (MultivariateNormal)") }
}

/// Refuses a form of covariances that changed nothing.
///
/// - Throws: `Failure`.
func requireEffect(_ forms: [String], _ fit: EMFit) throws {
  guard let form = forms.first(where: { $0 != "full" }), !hasCovarianceForm(fit) else { return }
  throw Failure(
    "error: --covariance \(form) says nothing to this model: it has no multivariate normal whose covariance "
      + "has a closed form"
      + (fit.isMAP ? "; with --map, its prior must be conjugate, an InverseWishart" : ""), .data)
}
