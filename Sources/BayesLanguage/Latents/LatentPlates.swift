// Which discrete unknowns hang together, and in which order they are summed out.

import BayesCore
import BayesGraph

/// Discrete unknowns that no sum factorises between, with the statements that read them.
///
/// Either all lie over one axis, or those over one axis (`fine`: a person in a family) are nested in those
/// over another (`coarse`: the family), through one index column.
struct LatentBlock {
  /// Labels over the inner axis, summed out first; empty where there is one axis only.
  let fine: [Inventory.Entry]
  /// Labels over the outer axis.
  let coarse: [Inventory.Entry]
  /// The index column from the inner axis to the outer one.
  let nesting: NodeID?
  let statements: [LatentStatement]
}

extension LatentBlock {
  /// Splits statements into blocks; `nil` after a mistake.
  static func blocks(
    of statements: [LatentStatement], _ entries: [Inventory.Entry], _ mistakes: Mistakes
  ) -> [LatentBlock]? {
    var blocks: [LatentBlock] = []
    var rest = entries
    while let first = rest.first {
      var keys: Set<Key> = [first.key]
      var grew = true
      while grew {
        grew = false
        for statement in statements where !keys.isDisjoint(with: statement.uses.keys) {
          for key in statement.uses.keys where keys.insert(key).inserted { grew = true }
        }
      }
      let members = rest.filter { keys.contains($0.key) }
      rest.removeAll { keys.contains($0.key) }
      let own = statements.filter { !keys.isDisjoint(with: $0.uses.keys) }
      guard let block = arranged(members, own, mistakes) else { return nil }
      blocks.append(block)
    }
    return blocks
  }

  private static func arranged(
    _ members: [Inventory.Entry], _ statements: [LatentStatement], _ mistakes: Mistakes
  ) -> LatentBlock? {
    var axes: [Key] = []
    for member in members where !axes.contains(member.axes[0].key) {
      axes.append(member.axes[0].key)
    }
    func axis(_ key: Key) -> Key? { members.first { $0.key == key }?.axes[0].key }
    func refuse(_ location: SourceLocation, _ reason: String) -> LatentBlock? {
      let names = members.map(\.quoted).joined(separator: ", ")
      mistakes.add(
        location,
        "\(names) cannot be summed out together: \(reason); labels that depend on each other lie over "
          + "one axis, or those over one axis are nested in those over another through one index column"
      )
      return nil
    }
    if axes.count > 2 {
      return refuse(members[0].location, "they lie over \(axes.count) axes")
    }
    var inner: Key?
    var nesting: NodeID?
    for statement in statements {
      let own = Set(statement.uses.filter { $0.value == .own }.keys.compactMap(axis))
      let outer = Set(statement.uses.filter { $0.value != .own }.keys.compactMap(axis))
      let columns = Set(
        statement.uses.values.compactMap { map -> NodeID? in
          if case .through(let column) = map { column } else { nil }
        })
      if own.count + outer.count <= 1, columns.count <= 1 { continue }
      guard own.count == 1, outer.count == 1, own != outer, columns.count == 1,
        inner == nil || inner == own.first, nesting == nil || nesting == columns.first
      else {
        return refuse(
          statement.line.location, "this statement reads them through different rows")
      }
      (inner, nesting) = (own.first, columns.first)
    }
    if axes.count == 2, inner == nil {
      return refuse(members[0].location, "no index column leads from one axis to the other")
    }
    let stray = statements.first { statement in
      statement.uses.contains { $0.value != .own && axis($0.key) == inner }
    }
    if inner != nil, let stray {
      return refuse(
        stray.line.location,
        "this statement reads labels over the inner axis through an index column")
    }
    let block = LatentBlock(
      fine: members.filter { $0.axes[0].key == inner },
      coarse: members.filter { $0.axes[0].key != inner }, nesting: nesting, statements: statements)
    return block.isFeasible(mistakes) ? block : nil
  }
}
