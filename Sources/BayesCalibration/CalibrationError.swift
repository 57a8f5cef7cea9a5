// What can be wrong with predictions or settings, and the fits that have no finite answer.

import BayesNumerics

/// A mistake in what a calibration was given, or the reason why a fit has no finite answer.
public enum CalibrationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Labels and scores are not equally many.
  case unequalCounts(labels: Int, scores: Int)
  /// There are fewer rows than the computation needs.
  case tooFewRows(found: Int, needed: Int)
  /// A row, counted from 1, holds something it may not.
  case invalidRow(Int, found: String, expected: String)
  /// All rows have one label, so that nothing can be fitted.
  case oneClass(label: Int, rows: Int)
  /// All logits of each row are equal: they say nothing about the label.
  case constantScores
  /// The scores rank the labels without a mistake: the likelihood grows for ever as T falls to 0.
  case separable(method: String)
  /// The scores point the wrong way: the likelihood grows for ever as T rises.
  case antiInformative(method: String)
  /// The iterations did not settle.
  case notConverged(method: String)
  /// Numbers on the way left the range of `Double`.
  case outOfRange(method: String)
  /// Ever finer rules of quadrature did not agree.
  case notIntegrated(method: String)
  /// A setting outside its range.
  case invalidSetting(String)

  /// What is wrong, what was expected, and what to do, without a full stop.
  public var description: String {
    switch self {
    case .unequalCounts(let labels, let scores):
      "there are \(labels) labels but scores for \(scores) rows"
    case .tooFewRows(let found, let needed):
      "found \(rows(found)), need at least \(needed)"
    case .invalidRow(let row, let found, let expected):
      "row \(row): found \(found), expected \(expected)"
    case .oneClass(let label, let count):
      "all \(rows(count)) have label \(label); a fit needs rows of at least two classes"
    case .constantScores:
      "within every row all logits are equal, so that every temperature gives the same predictions"
    case .separable(let method):
      "\(method) has no finite maximum: the scores separate the labels without a mistake, and the "
        + "likelihood grows as the temperature falls to 0; use the Bayesian temperature, or more rows"
    case .antiInformative(let method):
      "\(method) has no finite maximum: the scores point to the right labels no better than chance, "
        + "and the likelihood grows as the temperature rises to infinity; check the sign of the "
        + "scores and the order of the classes"
    case .notConverged(let method):
      "\(method) did not settle; that happens where the likelihood hardly changes in some direction: scores that "
        + "almost separate the labels, or that are far from log odds; use regularisation, or a temperature"
    case .outOfRange(let method):
      "\(method) needs numbers beyond the range of floating point; bring the scores nearer to log odds, for "
        + "example by dividing them"
    case .notIntegrated(let method):
      "the posterior of \(method) could not be integrated: finer quadrature kept changing the predictions, as happens "
        + "where events are rare or scores far from log odds; use the same method without a prior, or bring the scores "
        + "nearer to log odds, for example by dividing them"
    case .invalidSetting(let problem): problem
    }
  }

  private func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
}

/// A number in a message: six significant digits.
func short(_ x: Double) -> String { formatted(x, significant: 6) }
