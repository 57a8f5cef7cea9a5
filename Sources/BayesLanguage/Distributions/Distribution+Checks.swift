// What the arguments of a distribution must satisfy, checked on numbers.

public import BayesGraph

extension DistributionArgument.Requirement {
  /// The first element (a 0-based place in the flattened value) that breaks the requirement, with
  /// what was expected; `nil` when all is well.
  public func firstViolation(
    of values: [Double], shape: Shape
  ) -> (element: Int, expected: String)? {
    func first(_ expected: String, _ isGood: (Double) -> Bool) -> (element: Int, expected: String)?
    {
      values.firstIndex { !isGood($0) }.map { ($0, expected) }
    }
    switch self {
    case .any: return first("a number") { !$0.isNaN }
    case .finite: return first("finite") { $0.isFinite }
    case .positive: return first("positive and finite") { $0 > 0 && $0.isFinite }
    case .nonNegative: return first("not negative and finite") { $0 >= 0 && $0.isFinite }
    case .probability: return first("between 0 and 1") { $0 >= 0 && $0 <= 1 }
    case .wholeNonNegative:
      return first("a whole number from 0") {
        $0 >= 0 && $0.isFinite && $0 == $0.rounded(.towardZero)
      }
    case .simplex: return simplexViolation(values, shape)
    case .covariance: return covarianceViolation(values, shape)
    case .choleskyFactor: return factorViolation(values, shape)
    }
  }

  /// Each row of a matrix is a simplex of its own.
  private func simplexViolation(
    _ values: [Double], _ shape: Shape
  ) -> (element: Int, expected: String)? {
    let length = shape.rank == 2 ? shape.columns : values.count
    for start in stride(from: 0, to: values.count, by: max(1, length)) {
      let row = values[start..<start + length]
      if let violation = SupportKind.simplex.firstViolation(
        of: Array(row), shape: .vector(length), bounds: [])
      {
        return (start + violation.element, violation.expected)
      }
    }
    return nil
  }

  private func covarianceViolation(
    _ values: [Double], _ shape: Shape
  ) -> (element: Int, expected: String)? {
    if shape.rank != 2 || shape.rows != shape.columns { return (0, "a square matrix") }
    return SupportKind.covariance.firstViolation(of: values, shape: shape, bounds: [])
  }

  private func factorViolation(
    _ values: [Double], _ shape: Shape
  ) -> (element: Int, expected: String)? {
    if shape.rank != 2 || shape.rows != shape.columns { return (0, "a square matrix") }
    return SupportKind.covarianceCholesky.firstViolation(of: values, shape: shape, bounds: [])
  }
}

extension Distribution {
  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    switch event {
    case .real, .count, .category: elementwiseConflict(arguments, shape: shape)
    case .vector, .matrix: nil
    }
  }

  /// The first argument that is neither a scalar nor of the left side's shape.
  func elementwiseConflict(_ arguments: [Tensor], shape: Shape) -> String? {
    for (argument, tensor) in zip(self.arguments, arguments)
    where !tensor.shape.isScalar && tensor.shape != shape {
      return "\(argument.label) of \(name) is a \(tensor.shape) beside a \(shape); "
        + (shape.isScalar
          ? "expected a scalar: one element, as in rate[shown]" : "expected a scalar or a \(shape)")
    }
    return nil
  }

  /// Everything wrong with the arguments that are known without parameters, in words; empty when
  /// nothing is. Positions are 1-based.
  public func argumentMistakes(_ arguments: [Tensor], shape: Shape) -> [String] {
    var mistakes: [String] = []
    for (argument, tensor) in zip(self.arguments, arguments) {
      guard let values = tensor.dataValues,
        let violation = argument.requirement.firstViolation(of: values, shape: tensor.shape)
      else { continue }
      let place =
        tensor.shape.isScalar ? "" : placeInWords(violation.element, shape: tensor.shape) + " of "
      let found = values.isEmpty ? "empty" : numberInWords(values[violation.element])
      mistakes.append(
        "\(place)\(argument.label) of \(name) is \(found); expected \(violation.expected)")
    }
    if let conflict = conflict(arguments, shape: shape) { mistakes.append(conflict) }
    return mistakes
  }
}

/// `element 3` of a vector, `element [2, 1]` of a matrix, both 1-based.
func placeInWords(_ element: Int, shape: Shape) -> String {
  shape.rank == 2
    ? "element [\(element / shape.columns + 1), \(element % shape.columns + 1)]"
    : "element \(element + 1)"
}
