// What a graph may contain at each stage of compilation, as a table of named forms.

/// A point between two passes of the compiler.
public enum Stage: Hashable, Sendable, CaseIterable {
  /// As the model's body was traced; simplification may still be off.
  case traced
  /// After the local rules and the statistics passes.
  case simplified
  /// With the gradient's nodes.
  case differentiated
  /// As the kernel renderer reads it.
  case lowered
}

/// A named condition on nodes.
public struct LegalForm: Sendable {
  public let name: String
  /// What holds of a node in this form.
  public let summary: String
  /// The stages in which the condition holds.
  public let stages: Set<Stage>
  /// What is wrong with a node that the form speaks of, if anything is.
  let violation: @Sendable (Occurrence) -> String?

  init(
    _ name: String, _ summary: String, in stages: Set<Stage> = Set(Stage.allCases),
    _ violation: @escaping @Sendable (Occurrence) -> String?
  ) {
    self.name = name
    self.summary = summary
    self.stages = stages
    self.violation = violation
  }

  /// Every form: what each op takes and gives, then what simplification leaves over.
  public static let all: [LegalForm] = opForms + normalForms
}

/// A node where it stands.
struct Occurrence {
  let graph: Graph
  let node: Node

  var op: Op { node.op }
  var shape: Shape { node.shape }
  /// The shapes of the inputs.
  var inputs: [Shape] { node.inputs.map { graph[$0].shape } }
}

/// Checks every node of a graph against the forms that are legal at a stage.
///
/// - Returns: one sentence per violation with the node's line and the form's name; empty for a legal
///   graph.
/// - Complexity: linear in nodes, strides and indices.
public func verify(_ graph: Graph, stage: Stage) -> [String] {
  let forms = LegalForm.all.filter { $0.stages.contains(stage) }
  var problems: [String] = []
  for (index, node) in graph.nodes.enumerated() {
    func report(_ form: String, _ problem: String) {
      problems.append(
        "%\(index) = \(graph.formula(node)) : \(node.shape): \(form): \(problem)")
    }
    // The other forms look at the inputs, so this comes first.
    guard node.inputs.allSatisfy({ (0..<index).contains($0.index) }) else {
      report("inputs-first", "an input does not stand before the node")
      continue
    }
    guard node.shape.rows >= 0, node.shape.columns >= 0 else {
      report("extents", "a negative extent")
      continue
    }
    for form in forms {
      if let problem = form.violation(Occurrence(graph: graph, node: node)) {
        report(form.name, problem)
      }
    }
  }
  return problems
}
