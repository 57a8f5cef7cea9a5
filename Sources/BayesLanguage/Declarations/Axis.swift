// A named dimension.

import BayesCore

/// A named dimension of a model, declared as a plain property: `let school = Axis()`.
///
/// Its size and labels come from the first of these that there is:
/// - the model: `Axis(2)`, `Axis(["age", "sex"])`;
/// - the data under the axis's own name: a list of labels, or a whole number, its size;
/// - the distinct values of the index columns that are declared `in:` it;
/// - the length of the data that is declared `over:` it.
///
/// Any two that disagree are an error that names both.
public struct Axis: Sendable {
  let key = Key()
  /// The size that the model states.
  let statedSize: Int?
  /// The labels that the model states.
  let statedLabels: [String]?
  let location: SourceLocation

  /// A dimension whose size comes from the data.
  public init(file: String = #filePath, line: Int = #line) {
    (statedSize, statedLabels) = (nil, nil)
    location = SourceLocation(path: file, line: line)
  }

  /// A dimension of a fixed size.
  public init(_ size: Int, file: String = #filePath, line: Int = #line) {
    (statedSize, statedLabels) = (size, nil)
    location = SourceLocation(path: file, line: line)
  }

  /// A dimension with a label for each position.
  public init(_ labels: [String], file: String = #filePath, line: Int = #line) {
    (statedSize, statedLabels) = (labels.count, labels)
    location = SourceLocation(path: file, line: line)
  }

  /// The size, valid while `body` runs; elsewhere the stated size, or 0 where the data decides.
  public var count: Int {
    TracingContext.current?.axes[key]?.size ?? statedSize ?? 0
  }
}

/// Finds an axis on an instance of the model that declares it.
typealias AxisReference = @Sendable (Any) -> Axis?

/// - Parameter path: `\Self.school` as a wrapper's argument.
func reference<Owner>(_ path: any KeyPath<Owner, Axis> & Sendable) -> AxisReference {
  { owner in (owner as? Owner)?[keyPath: path] }
}
