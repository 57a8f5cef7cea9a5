// New numbers for components that changed places, and what they do to labels.

import BayesCore
import BayesDiagnostics
import BayesLanguage

/// New numbers for the components of an axis, draw by draw.
struct AxisRelabelling: Sendable {
  let axis: String
  /// Chain × draw × component: the number that it was drawn with.
  let orders: [[[Int]]]

  /// Components without names are numbered by their share, the largest first, as after `bayes em`.
  init(_ axis: Dimension, _ alignment: LabelAlignment) {
    self.axis = axis.name
    let shares = alignment.shares
    let numbers =
      axis.labels == nil
      ? shares.indices.sorted { shares[$0] > shares[$1] || (shares[$0] == shares[$1] && $0 < $1) }
      : Array(shares.indices)
    orders = alignment.orders.map { chain in chain.map { order in numbers.map { order[$0] } } }
  }
}

/// Renumbers the labels of one draw as its parameters were.
///
/// - Parameters:
///   - labels: those of a discrete unknown, by position, as the kernel numbers components.
///   - chain, draw: the place of the draw in the run.
func relabel<Label: BinaryInteger>(
  _ labels: inout [Label], of latent: TracedLatent, _ relabellings: [AxisRelabelling], chain: Int,
  draw: Int
) {
  for relabelling in relabellings {
    let order = relabelling.orders[chain][draw]
    if latent.labels.name == relabelling.axis {
      var numbers = [Label](repeating: 0, count: order.count)
      for (number, old) in order.enumerated() { numbers[old] = Label(number) }
      for row in labels.indices { labels[row] = numbers[Int(labels[row])] }
    }
    if latent.variable.dimensions[0].name == relabelling.axis {
      let source = labels
      for (position, old) in order.enumerated() { labels[position] = source[old] }
    }
  }
}
