// One joint draw of all discrete unknowns, given the values of the nodes behind their sums.

import BayesCompiler
import BayesGraph
import BayesLanguage
import BayesNumerics

/// Draws labels from p(labels | parameters, data).
///
/// Outer labels are drawn first, a combination at a time and not label by label, since labels that depend on each
/// other have no product of marginals; then inner ones given the outer combination of their group. A
/// Markov chain's path comes before the other labels of its steps.
struct LabelSampler: Sendable {
  /// What to evaluate.
  let nodes: [NodeID]
  private let blocks: [TracedLatentBlock]
  /// Where a node's value begins among all values, and its length.
  private let places: [NodeID: Range<Int>]

  init(_ blocks: [TracedLatentBlock], _ graph: Graph) {
    var nodes: [NodeID] = []
    var places: [NodeID: Range<Int>] = [:]
    var end = 0
    for node in blocks.flatMap(\.nodes) where places[node] == nil {
      let count = graph[node].shape.count
      nodes.append(node)
      places[node] = end..<(end + count)
      end += count
    }
    (self.nodes, self.blocks, self.places) = (nodes, blocks, places)
  }

  /// Draws all labels.
  ///
  /// - Parameters:
  ///   - values: those of `nodes`, one after another.
  ///   - labels: by unknown, as many as it has positions; written to.
  func draw(_ values: [Double], into labels: inout [[Int32]], using stream: inout RandomStream) {
    for block in blocks {
      let count = block.outerLatents.first.map { labels[$0].count } ?? 0
      let path = block.chain.map { chain in self.chain(chain, values).draw(using: &stream) }
      let alternatives = block.alternatives
      var outer = [Int](repeating: 0, count: count)
      for row in 0..<count {
        let possible = alternatives[path?[row] ?? 0]
        outer[row] = draw(block.outer, possible, at: row, values, &stream)
        for (place, latent) in block.outerLatents.enumerated() {
          labels[latent][row] = Int32(block.outer.combinations[outer[row]][place])
        }
      }
      for (row, parent) in block.parents.enumerated() {
        let given = block.inner[outer[parent]]
        let found = draw(given, Array(given.combinations.indices), at: row, values, &stream)
        for (place, latent) in block.innerLatents.enumerated() {
          labels[latent][row] = Int32(given.combinations[found][place])
        }
      }
    }
  }

  /// One of some combinations, at a position.
  private func draw(
    _ enumeration: TracedLatentBlock.Enumeration, _ possible: [Int], at row: Int,
    _ values: [Double], _ stream: inout RandomStream
  ) -> Int {
    if possible.count == 1 { return possible[0] }
    let terms = possible.map { values[places[enumeration.logDensities[$0]]!.lowerBound + row] }
    return possible[drawn(terms, using: &stream)]
  }

  private func chain(_ chain: TracedChain, _ values: [Double]) -> HiddenChain {
    chain.withNumbers { Array(values[places[$0]!]) }
  }
}

extension TracedLatentBlock {
  /// Everything that draws of its labels depend on.
  fileprivate var nodes: [NodeID] {
    outer.logDensities + inner.flatMap(\.logDensities) + (chain?.nodes ?? [])
  }

  /// The outer combinations to choose from, by state of the chain; all where there is none.
  fileprivate var alternatives: [[Int]] {
    guard let chain else { return [Array(outer.combinations.indices)] }
    return chain.emissions.indices.map { state in
      outer.combinations.indices.filter { outer.combinations[$0][chain.place] == state }
    }
  }
}

extension TracedChain {
  /// Everything that its path depends on.
  var nodes: [NodeID] { [logInitial, logTransition] + emissions }

  /// The chain with its nodes' values.
  func withNumbers(_ values: (NodeID) -> [Double]) -> HiddenChain {
    HiddenChain(
      logInitial: values(logInitial), logTransition: values(logTransition),
      emissions: emissions.map(values), rows: rows, sequences: sequences)
  }
}

/// The labels' probabilities with the most probable path of each Markov chain at one position, its other
/// labels summed out.
func withPaths(
  _ labels: [LabelProbabilities], _ blocks: [TracedLatentBlock], _ graph: Graph,
  at position: [Double]
) -> [LabelProbabilities] {
  var labels = labels
  for block in blocks {
    guard let chain = block.chain else { continue }
    let values = Interpreter(graph).values(of: chain.nodes, at: position)
    let known = Dictionary(zip(chain.nodes, values), uniquingKeysWith: { first, _ in first })
    let latent = block.outerLatents[chain.place]
    labels[latent].path = chain.withNumbers { known[$0] ?? [] }.mostProbablePath().states
  }
  return labels
}
