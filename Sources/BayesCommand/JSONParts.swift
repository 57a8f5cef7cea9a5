// Small parts of the objects that commands print.

import BayesCore

/// A number; null for none, and for one that is not finite, which JSON does not have.
func number(_ value: Double?) -> JSONValue {
  value.flatMap { $0.isFinite ? $0 : nil }.map { JSONValue(.number($0)) } ?? nil
}

/// Both ends of an interval.
func pair(_ range: ClosedRange<Double>) -> JSONValue {
  JSONValue(.array([number(range.lowerBound), number(range.upperBound)]))
}
