// Which declarations and axes a model has, and what they are called.

import BayesCore

/// The declarations and axes of a model and its submodels, named by reflection.
struct Inventory {
  /// A declared property with its name and the axes that its wrapper points to.
  struct Entry {
    let name: String
    let declaration: Declaration
    let bound: DataValue?
    let axes: [Axis]
    let target: Axis?

    var key: Key { declaration.key }
    var location: SourceLocation { declaration.location }
    /// The name under which the data has it.
    var dataName: String { declaration.column ?? name }
    /// For messages: "`y`".
    var quoted: String { "`\(name)`" }
  }

  struct NamedAxis {
    let name: String
    let axis: Axis
  }

  /// In the order of declaration, submodels where they stand.
  private(set) var entries: [Entry] = []
  private(set) var axes: [NamedAxis] = []
  private(set) var names: [Key: String] = [:]
  private var axisKeys: Set<Key> = []

  init(of model: any Model, mistakes: Mistakes) {
    walk(model, path: "", mistakes)
  }

  private mutating func walk(_ model: any Model, path: String, _ mistakes: Mistakes) {
    var isShared = false
    for child in Mirror(reflecting: model).children {
      guard let label = child.label else { continue }
      let property = label.hasPrefix("_") ? String(label.dropFirst()) : label
      let name = path + property
      if let wrapper = child.value as? any Declaring {
        let declaration = wrapper.declaration
        if let earlier = names[declaration.key] {
          if !isShared { reportShared(name, earlier, declaration, mistakes) }
          isShared = true
          continue
        }
        names[declaration.key] = name
        add(wrapper, name: name, owner: model, mistakes)
      } else if let axis = child.value as? Axis {
        if axisKeys.insert(axis.key).inserted { axes.append(NamedAxis(name: name, axis: axis)) }
      } else if let part = child.value as? any Model {
        walk(part, path: name + ".", mistakes)
      } else if let parts = child.value as? [any Model] {
        for (i, part) in parts.enumerated() { walk(part, path: "\(name)[\(i + 1)].", mistakes) }
      }
    }
  }

  private func reportShared(
    _ name: String, _ earlier: String, _ declaration: Declaration, _ mistakes: Mistakes
  ) {
    mistakes.add(
      declaration.location,
      "`\(earlier)` and `\(name)` are one declaration: the same instance of a submodel is reached by "
        + "two paths; make an instance for each property")
  }

  private mutating func add(
    _ wrapper: any Declaring, name: String, owner: any Model, _ mistakes: Mistakes
  ) {
    let declaration = wrapper.declaration
    let axes = declaration.axes.compactMap { $0(owner) }
    if axes.count != declaration.axes.count
      || (declaration.target != nil && declaration.target!(owner) == nil)
    {
      mistakes.add(
        declaration.location,
        "`\(name)` names an axis of another type than the model that declares it; write `over: \\Self.…`"
      )
      return
    }
    let rank = declaration.kind.rank
    if axes.count > rank
      || (axes.count < rank && (declaration.role == .parameter || axes.count == 1))
    {
      mistakes.add(
        declaration.location,
        "`\(name)` is \(declaration.kind.rawValue) over \(counted(axes.count, "axis", "axes")); expected "
          + "\(counted(rank, "axis", "axes")): \(Self.overAdvice(rank))")
      return
    }
    if declaration.kind == .matrices, declaration.role != .parameter || axes[1].key != axes[2].key {
      mistakes.add(
        declaration.location,
        declaration.role != .parameter
          ? "`\(name)` is \(declaration.role.rawValue), but only parameters can be "
            + "\(declaration.kind.rawValue); declare each matrix by itself"
          : "`\(name)` is \(declaration.kind.rawValue), but its last two axes differ; expected one axis "
            + "twice: `over: \\Self.component, \\Self.feature, \\Self.feature`")
      return
    }
    if declaration.kind == .choice, !declaration.role.isRound {
      mistakes.add(
        declaration.location,
        "`\(name)` is a Choice, which is of one round of a bandit; expected @Action or @Context")
      return
    }
    if declaration.kind == .indices || declaration.kind == .labels, declaration.target == nil {
      mistakes.add(
        declaration.location,
        "`\(name)` is an index column without the axis that it points into; write "
          + "`in: \\Self.county` with that axis")
      return
    }
    entries.append(
      Entry(
        name: name, declaration: declaration, bound: wrapper.bound, axes: axes,
        target: declaration.target?(owner)))
  }

  private static func overAdvice(_ rank: Int) -> String {
    switch rank {
    case 0: "leave `over:` out, or make it a vector"
    case 1: "write `over: \\Self.axis`"
    case 2: "write `over: \\Self.rows, \\Self.columns`"
    default: "write `over: \\Self.component, \\Self.feature, \\Self.feature`"
    }
  }

  /// The quantities that are square matrices, one for each position of an axis.
  var stacks: Set<Key> {
    Set(entries.filter { $0.declaration.kind == .matrices }.map(\.key))
  }

  /// The name of an axis, for messages and outputs.
  func name(of axis: Axis) -> String { axes.first { $0.axis.key == axis.key }?.name ?? "axis" }
}

/// `1 axis`, `3 axes`.
func counted(_ count: Int, _ one: String, _ many: String) -> String {
  "\(count) \(count == 1 ? one : many)"
}
