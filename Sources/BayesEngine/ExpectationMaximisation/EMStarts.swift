// Where restarts begin: labels guessed from the data, then one M-step.

import BayesGraph
import BayesLanguage
import BayesNumerics

/// Starting points of restarts.
///
/// Restart 0 takes labels from k-means; the others take turns: the nearest of seeds that k-means++ spreads
/// out, small random subsets that define one component each (which finds regressions and scales that
/// distances do not show), and k-means again from other seeds. The rules of the M-step, fed with these labels instead of
/// probabilities, give the parameters.
struct EMStarts: Sendable {
  private let complete: TracedCompleteData
  private let graph: Graph
  private let statistics: [NodeID]
  private let rules: [any MaximisationRule]
  /// For each term its rows' first place among the positions behind the slots; `nil` without labels.
  private let offsets: [Int?]
  private let weightCount: Int
  private let features: [Features]
  private let bounds: [[[Double]]]
  private let seed: UInt64

  /// What is known of the positions of a discrete unknown's axis: standardised columns.
  private struct Features: Sendable {
    let columns: Int
    let values: [Double]
    let labels: Int
    let positions: Int
  }

  init(_ complete: TracedCompleteData, form: CovarianceForm, usesPriors: Bool, seed: UInt64) {
    self.complete = complete
    self.seed = seed
    bounds = SupportEdge.bounds(of: complete)
    let builder = GraphBuilder(complete.graph)
    let table = StatisticsTable(builder)
    let recogniser = RuleBuilder(complete, table, form: form)
    var count = 0
    var offsets: [Int?] = []
    for term in complete.terms {
      if term.labels.isEmpty {
        offsets.append(nil)
        recogniser.read(term, weight: Tensor(builder: builder, id: term.weight))
      } else {
        offsets.append(count)
        recogniser.read(
          term,
          weight: builder.position(
            offset: complete.slotCount + count, shape: .vector(term.rows)))
        count += term.rows
      }
    }
    for chain in complete.chains {
      let states = complete.latents[chain.latent].labels.size
      recogniser.read(
        chain,
        starts: builder.position(offset: complete.slotCount + count, shape: .vector(states)),
        moves: builder.position(
          offset: complete.slotCount + count + states, shape: .matrix(states, states)))
      count += states + states * states
    }
    if usesPriors { for prior in complete.priors { recogniser.read(prior: prior) } }
    rules = recogniser.rules()
    self.offsets = offsets
    weightCount = count
    graph = builder.graph
    statistics = table.nodes
    features = complete.latents.indices.map { Self.features(of: $0, complete, builder) }
  }

  /// The data that terms with a discrete unknown read, by position of its axis.
  private static func features(
    of latent: Int, _ complete: TracedCompleteData, _ builder: GraphBuilder
  ) -> Features {
    let positions = complete.latents[latent].variable.dimensions[0].size
    var columns: [[Double]] = []
    var seen: Set<NodeID> = []
    for term in complete.terms {
      guard case .likelihood = term.statement.kind, let density = term.statement.density,
        let assumed = term.labels.first(where: { $0.latent == latent }),
        seen.insert(density.value).inserted
      else { continue }
      let value = Tensor(builder: builder, id: density.value)
      guard let numbers = value.knownValues else { continue }
      let width = value.shape.rank == 2 ? value.shape.columns : 1
      for j in 0..<width {
        let column = (0..<term.rows).map { numbers[$0 * width + j] }
        columns.append(standardised(averaged(column, assumed.places, positions)))
      }
    }
    if columns.isEmpty { columns = [[Double](repeating: 0, count: positions)] }
    return Features(
      columns: columns.count,
      values: (0..<positions).flatMap { row in columns.map { $0[row] } },
      labels: complete.latents[latent].labels.size, positions: positions)
  }

  /// The mean over the rows of each position.
  private static func averaged(_ column: [Double], _ places: [Int]?, _ count: Int) -> [Double] {
    guard let places else { return column }
    var sums = [Double](repeating: 0, count: count)
    var counts = [Double](repeating: 0, count: count)
    for (row, place) in places.enumerated() {
      sums[place] += column[row]
      counts[place] += 1
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
  }

  private static func standardised(_ column: [Double]) -> [Double] {
    let mean = column.reduce(0, +) / Double(max(1, column.count))
    let deviation = variance(column).squareRoot()
    return column.map { deviation > 0 ? ($0 - mean) / deviation : 0 }
  }

  /// The start of a restart: a function of its number and the seed alone.
  func start(_ restart: Int, map: ParameterMap, open: [Int]) -> [Double] {
    var stream = RandomStream(
      seed: seed, chain: restart, purpose: .restart, iteration: 0)
    var x = neutral()
    if !open.isEmpty {
      // Parameters without a closed form begin as a sampler's do.
      let guess = map.constrained((0..<map.dimension).map { _ in 4 * stream.uniform() - 2 })
      for index in open {
        let slots = complete.parameters[index].slots
        x.replaceSubrange(slots, with: guess[slots])
      }
    }
    let guesses = features.map { guess($0, restart, &stream) }
    var weights = [Double](repeating: 0, count: weightCount)
    for (term, offset) in zip(complete.terms, offsets) {
      guard let offset else { continue }
      for row in 0..<term.rows {
        weights[offset + row] = term.labels.reduce(1) { product, assumed in
          product
            * guesses[assumed.latent].probability(
              assumed.label, at: assumed.places?[row] ?? row)
        }
      }
    }
    var offset =
      offsets.indices.last { offsets[$0] != nil }
      .map { offsets[$0]! + complete.terms[$0].rows } ?? 0
    for chain in complete.chains {
      let counts = moves(chain, guesses[chain.latent])
      weights.replaceSubrange(offset..<(offset + counts.count), with: counts)
      offset += counts.count
    }
    // The second time the sums are of residuals from locations near their maximum.
    for _ in 0..<2 { maximise(&x, weights) }
    return x
  }

  /// Starts and moves of a guess of states, one added to each: a move that is impossible would remain so.
  private func moves(_ chain: CompleteChain, _ guess: Guess) -> [Double] {
    let states = guess.count
    var counts = [Double](repeating: 1, count: states + states * states)
    let starts = Set(chain.sequences)
    for (place, row) in chain.rows.enumerated() {
      guard let state = guess.labels[row] else { continue }
      if starts.contains(place) {
        counts[state] += 1
      } else if let before = guess.labels[chain.rows[place - 1]] {
        counts[states + before * states + state] += 1
      }
    }
    return counts
  }

  private func maximise(_ x: inout [Double], _ weights: [Double]) {
    let sums = Interpreter(graph).values(of: statistics, at: x + weights).flatMap { $0 }
    var next = x
    for rule in rules { _ = rule.maximise(&next, sums) }
    // A subset that says nothing of a parameter leaves it as it was.
    for slot in x.indices where next[slot].isFinite { x[slot] = next[slot] }
    for parameter in complete.parameters { keepInside(parameter, &x) }
  }

  /// Scales of 0 and probabilities of 0 or 1 would stay there.
  private func keepInside(_ parameter: SimulatedParameter, _ x: inout [Double]) {
    for (k, slot) in parameter.slots.enumerated() {
      let (lower, upper) = limits(parameter, k)
      let room = upper - lower
      let gap = room.isFinite ? 1e-2 * room : 1e-2
      if x[slot] <= lower { x[slot] = lower + gap }
      if x[slot] >= upper { x[slot] = upper - gap }
    }
  }

  /// The bounds of an element, infinite where there are none.
  private func limits(_ parameter: SimulatedParameter, _ k: Int) -> (lower: Double, upper: Double) {
    let place = complete.parameters.firstIndex { $0.slots == parameter.slots } ?? 0
    let bounds = bounds[place].map { $0.isEmpty ? .nan : $0[$0.count == 1 ? 0 : k] }
    switch parameter.support {
    case .lower: return (bounds[0], .infinity)
    case .upper: return (-.infinity, bounds[0])
    case .interval: return (bounds[0], bounds[1])
    case .positiveOrdered: return (0, .infinity)
    default: return (-.infinity, .infinity)
    }
  }

  /// Values without knowledge, inside every support.
  private func neutral() -> [Double] {
    complete.parameters.flatMap { parameter -> [Double] in
      let count = parameter.slots.count
      switch parameter.support {
      case .real, .ordered, .sumToZero: return [Double](repeating: 0, count: count)
      case .simplex:
        let size = parameter.shape.rank == 2 ? parameter.shape.columns : count
        return [Double](repeating: 1 / Double(size), count: count)
      case .interval, .lower, .upper:
        return (0..<count).map { k in
          let (lower, upper) = limits(parameter, k)
          return upper == .infinity
            ? lower + 1 : lower == -.infinity ? upper - 1 : (lower + upper) / 2
        }
      case .covariance, .covarianceCholesky, .correlationCholesky:
        let size = parameter.shape.columns
        return (0..<count).map { ($0 / size) % size == $0 % size ? 1 : 0 }
      default: return [Double](repeating: 1, count: count)
      }
    }
  }

  /// A guess of labels: one each, or for a few positions only.
  private struct Guess {
    /// The label of each position; `nil` where all are equally likely.
    let labels: [Int?]
    let count: Int

    func probability(_ label: Int, at position: Int) -> Double {
      labels[position].map { $0 == label ? 1 : 0 } ?? 1e-3 / Double(count)
    }
  }

  private func guess(_ features: Features, _ restart: Int, _ stream: inout RandomStream) -> Guess {
    if restart % 3 == 2 {
      let size = max(4, 2 * (features.columns + 1))
      var labels = [Int?](repeating: nil, count: features.positions)
      for label in 0..<features.labels {
        for _ in 0..<size {
          labels[min(features.positions - 1, Int(stream.uniform() * Double(features.positions)))] =
            label
        }
      }
      return Guess(labels: labels, count: features.labels)
    }
    let labels = kMeans(
      features.values, columns: features.columns, clusters: features.labels,
      iterations: restart % 3 == 0 ? 100 : 0, using: &stream
    ).labels
    return Guess(labels: labels, count: features.labels)
  }
}
