// Left sides that pick elements of a declared quantity: `z[i]`, `z[1...]`, `m.row(2)`.

import BayesCore
import BayesGraph

/// The elements of a declared quantity that a left side selects.
struct Selection {
  /// 0-based places in the flattened quantity, in the order of the left side's elements.
  let places: [Int]
  /// The left side's shape.
  let shape: Shape
}

extension Term {
  /// The declared quantity of which the term is the whole or a plain selection; `nil` for any other
  /// expression.
  ///
  /// A selection moves elements and changes none, so that the density of a parameter's selected
  /// elements needs no Jacobian.
  var selectedKey: Key? {
    switch form {
    case .declared(let key): return key
    case .element(let x, _), .entry(let x, _, _), .slice(let x, _, _), .row(let x, _),
      .column(let x, _), .gather(let x, _), .gatherRows(let x, _), .transpose(let x),
      .diagonal(let x), .block(let x, _):
      return x.selectedKey
    case .concatenate(let parts):
      guard let key = parts.first?.selectedKey else { return nil }
      return parts.allSatisfy { $0.selectedKey == key } ? key : nil
    default: return nil
    }
  }

  /// Whether the term is a declared quantity itself.
  var isDeclared: Bool {
    if case .declared = form { true } else { false }
  }
}

/// Finds which elements left sides select.
///
/// A left side is resolved with the places 0, 1, 2, … for the quantity's values; what comes out are the
/// places selected. Positions and index columns are known when a model is traced, so that nothing of it
/// depends on a parameter.
final class Selector {
  private let resolver: TermResolver
  private var places: [Key: Tensor] = [:]

  init(data: BoundData, names: [Key: String], _ mistakes: Mistakes) {
    resolver = TermResolver(names: names, mistakes: mistakes)
    resolver.declared = { [unowned self] key, _ in
      if let known = places[key] { return known }
      guard let value = data.values[key] else { return nil }
      let node = resolver.builder.data(value.values, shape: value.shape)
      places[key] = node
      return node
    }
  }

  /// What `left` selects from the quantity `key`; `nil` after a mistake, such as a position outside.
  func selection(
    _ left: Term, of key: Key, shape: Shape, at location: SourceLocation
  ) -> Selection? {
    // Elsewhere the same quantity may be an index column, which is read as its values.
    let values = places.updateValue(
      resolver.builder.data((0..<shape.count).map(Double.init), shape: shape), forKey: key)
    defer { places[key] = values }
    guard let selected = resolver.tensor(left, at: location),
      let numbers = selected.dataValues
    else { return nil }
    return Selection(places: numbers.map { Int($0) }, shape: selected.shape)
  }
}

extension Shape {
  /// The name of an element as the model's source writes it, counted from 0: `beta[2]`, `m[0, 1]`.
  func elementName(_ name: String, _ place: Int) -> String {
    switch rank {
    case 0: name
    case 1: "\(name)[\(place)]"
    default: "\(name)[\(place / columns), \(place % columns)]"
    }
  }
}
