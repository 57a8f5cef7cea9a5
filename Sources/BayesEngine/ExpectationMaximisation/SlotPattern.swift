// Which element of a parameter each element of a node is.

package import BayesGraph

/// A node whose elements are elements of parameters, as they are.
package struct SlotPattern {
  /// The slot of each element of the flattened node, or one for all.
  private let slots: [Int]
  package let count: Int

  package subscript(element: Int) -> Int { slots.count == 1 ? slots[0] : slots[element] }

  /// The one slot that all elements are; `nil` if they differ.
  package var only: Int? {
    guard let first = slots.first else { return nil }
    return slots.allSatisfy { $0 == first } ? first : nil
  }

  package var all: [Int] { (0..<count).map { self[$0] } }

  /// Follows views down to slots; `nil` where anything is computed on the way.
  package init?(_ x: Tensor) { self.init(x.builder.graph, x.id) }

  private init?(_ graph: Graph, _ id: NodeID) {
    let node = graph[id]
    count = node.shape.count
    func input() -> SlotPattern? { node.inputs.first.flatMap { SlotPattern(graph, $0) } }
    switch node.op {
    case .position(let offset):
      slots = Array(offset..<(offset + count))
    case .fill, .reshape:
      guard let inner = input() else { return nil }
      slots = inner.slots
    case .slice(let stride):
      guard let inner = input() else { return nil }
      slots = (0..<stride.count).map { inner[stride[$0]] }
    case .gather(let indices):
      guard let inner = input() else { return nil }
      slots = graph.indexArrays[indices].map { inner[Int($0)] }
    case .transpose:
      guard let inner = input() else { return nil }
      let (rows, columns) = (node.shape.rows, node.shape.columns)
      slots = (0..<count).map { inner[($0 % columns) * rows + $0 / columns] }
    case .assemble(let strides):
      var places = [Int?](repeating: nil, count: count)
      for (stride, part) in zip(strides, node.inputs) {
        guard let inner = SlotPattern(graph, part) else { return nil }
        for i in 0..<stride.count {
          // Parts that overlap are added up, which is no view.
          if places[stride[i]] != nil { return nil }
          places[stride[i]] = inner[i]
        }
      }
      let found = places.compactMap { $0 }
      guard found.count == count else { return nil }
      slots = found
    default: return nil
    }
  }
}
