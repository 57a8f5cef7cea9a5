// Contract only for now.
public struct Interpreter: Sendable {
  public let graph: Graph
  public init(_ graph: Graph) { self.graph = graph }
  /// The values of nodes at a position, each flattened row-major.
  public func values(of nodes: [NodeID], at position: [Double]) -> [[Double]] { [] }
}
