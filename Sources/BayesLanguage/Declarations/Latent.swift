// A discrete unknown, summed out.

import BayesCore

/// A discrete unknown: for each position of an axis one of the positions of another.
///
/// ```swift
/// let point = Axis(), component = Axis(2)
/// @Latent(over: \Self.point, in: \Self.component) var z: Labels
/// ```
///
/// `body` gives it exactly one distribution, `z ~ Categorical(weights)`, and uses it as an index,
/// `y ~ Normal(mu[z], sigma[z])`. It is never sampled: the log density is that of everything else, the
/// labels summed out exactly, and afterwards the posterior probability of each label is reported.
///
/// With `named:` some labels are known: the data has a column of them, by name or counted from 1, with gaps
/// (empty, `NA`; `null` in JSON). Known labels are held, only the gaps are summed out: a mixture of which
/// some rows are classified, or categorical data of which some are missing.
///
/// ```swift
/// @Latent(over: \Self.point, in: \Self.component, named: "species") var z: Labels
/// ```
@propertyWrapper
public struct Latent: Declaring, Sendable {
  let declaration: Declaration
  var bound: DataValue? { nil }

  /// A label for each position of an axis, among the positions of another.
  ///
  /// - Parameter column: the name of the data's column of known labels; without, none is known.
  public init<Owner>(
    over axis: any KeyPath<Owner, Axis> & Sendable,
    in target: any KeyPath<Owner, Axis> & Sendable, named column: String? = nil,
    file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .latent, kind: .labels, axes: [reference(axis)], target: reference(target),
      column: column, location: SourceLocation(path: file, line: line))
  }

  public var wrappedValue: Labels { Labels(term: Term(.declared(declaration.key))) }

  /// Through this, the probabilities of labels are read: `fit[model.$z]`.
  public var projectedValue: Handle<Labels> { Handle(key: declaration.key) }
}
