// Which names of the data a model reads, and which it was perhaps meant to read.

public import BayesCore

/// The names under which a model looks for data.
public struct DataNames: Sendable {
  /// Data that the model declares and that was not set in code.
  public let required: Set<String>
  /// Axes that have no size yet: the data may state labels or a size.
  public let axes: [String]
  /// Data that was set in code, which stands before the data of a file.
  public let setInCode: Set<String>

  /// Names whose values may be missing here and there: columns of partly known labels.
  public let gapped: Set<String>

  /// The axes that discrete unknowns take their labels from.
  public let labelAxes: [String]

  /// The names that a model declares; what is wrong with its declarations is left to `trace`.
  public init(of model: some Model) {
    let inventory = Inventory(of: model, mistakes: Mistakes())
    let entries = inventory.entries.filter { $0.declaration.isRead }
    gapped = Set(entries.filter { $0.declaration.role == .latent }.map(\.dataName))
    required = Set(
      entries.filter { $0.bound == nil }.flatMap { [$0.dataName] + ($0.columnNames ?? []) })
    setInCode = Set(entries.filter { $0.bound != nil }.map(\.dataName))
    let targets = inventory.entries.filter { $0.declaration.role == .latent }.compactMap(\.target)
    labelAxes = inventory.axes.filter { named in targets.contains { $0.key == named.axis.key } }
      .map(\.name)
    let taken = required.union(setInCode)
    axes = inventory.axes.filter { $0.axis.statedSize == nil && !taken.contains($0.name) }
      .map(\.name)
  }

  /// All names that are read if the data has them; nothing else in a file needs to make sense.
  public var needed: Set<String> { required.union(axes) }

  /// What looks like a slip in data that binds without mistake, a sentence each: an entry that nobody
  /// reads under nearly the name of an axis, and one that a value set in code hides.
  public func hints(for data: DataSet) -> [String] {
    let unused = data.entries.filter { !needed.contains($0.name) }
    var hints = unused.filter { setInCode.contains($0.name) }.map {
      "`\($0.name)` (\($0.origin.description())) is not used: the model sets it in code"
    }
    let possible = unused.filter { !setInCode.contains($0.name) && Self.canDescribeAxis($0.value) }
    for axis in axes where data[axis] == nil {
      guard let close = closestName(to: axis, among: possible.map(\.name)) else { continue }
      hints.append(
        "`\(close)` (\(data[close]!.origin.description())) is not used; did you mean axis `\(axis)`, "
          + "whose labels or size are read under that name?")
    }
    return hints
  }

  /// Whether a value could be the labels of an axis, or its size.
  private static func canDescribeAxis(_ value: DataValue) -> Bool {
    switch value {
    case .text(let shape, let texts): shape.count == 1 && Set(texts).count == texts.count
    case .numbers(let shape, let numbers):
      shape.isEmpty && Int(exactly: numbers[0]).map { $0 >= 0 } ?? false
    }
  }
}
