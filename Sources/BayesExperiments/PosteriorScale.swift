// The scale on which a posterior is smooth and its tails decay: logit, logarithm, or the number itself.

import BayesNumerics
import Glibc

/// The range of a quantity, and the coordinate that stretches it over the whole line.
enum PosteriorScale: Sendable {
  /// From 0 to 1; the coordinate is the logit.
  case unit
  /// Above 0; the coordinate is the logarithm.
  case positive
  /// Any number; the coordinate is the number.
  case real

  /// The quantity at a coordinate.
  func value(_ coordinate: Double) -> Double {
    switch self {
    case .unit: logistic(coordinate)
    case .positive: exp(coordinate)
    case .real: coordinate
    }
  }

  /// The derivative of the quantity with respect to the coordinate.
  func slope(_ coordinate: Double) -> Double {
    switch self {
    case .unit: logistic(coordinate) * logistic(-coordinate)
    case .positive: exp(coordinate)
    case .real: 1
    }
  }

  /// The coordinate of a quantity, infinite at and beyond the ends of the range.
  func coordinate(_ value: Double) -> Double {
    switch self {
    case .unit: value <= 0 ? -.infinity : value >= 1 ? .infinity : logit(value)
    case .positive: value <= 0 ? -.infinity : log(value)
    case .real: value
    }
  }

  /// The coordinate of the quantity at a coordinate plus a difference.
  func coordinate(_ coordinate: Double, movedBy difference: Double) -> Double {
    guard case .unit = self else { return self.coordinate(value(coordinate) + difference) }
    // Beside 1 the distance from 1 is what is known exactly.
    let (x, y) = (logistic(coordinate) + difference, logistic(-coordinate) - difference)
    return x <= 0 ? -.infinity : y <= 0 ? .infinity : log(x / y)
  }

  /// The coordinate of the quantity at a coordinate times `exp(logFactor)`, of a scale of positive numbers.
  func coordinate(_ coordinate: Double, timesExp logFactor: Double) -> Double {
    guard case .unit = self else { return coordinate + logFactor }
    // The product, and its distance from 1, each without a difference of nearly equal numbers.
    let (x, y) = (logistic(coordinate), logistic(-coordinate))
    let rest = y - x * expm1(logFactor)
    return rest <= 0 ? .infinity : log(x) + logFactor - log(rest)
  }
}
