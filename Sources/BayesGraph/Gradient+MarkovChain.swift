// Derivatives of a Markov chain summed out.

extension ReverseSweep {
  /// Whether slices that make up a chain's adjoint cover log Z and touch nothing else: the derivatives of
  /// log Z are in the node itself, so that no element of γ and ξ that is not read makes an adjoint zero.
  func isWhole(_ strides: [Stride], _ layout: MarkovChainLayout) -> Bool {
    var covered = [Bool](repeating: false, count: layout.sequences)
    for stride in strides {
      for i in 0..<stride.count {
        guard layout.evidence.contains(stride[i]) else { return false }
        covered[stride[i]] = true
      }
    }
    return covered.allSatisfy { $0 }
  }

  /// ∂ log Z_s / ∂ b_t(k) = γ_t(k) and ∂ log Z_s / ∂ log A_ij = ξ_s(i, j); log π is added to the first
  /// rows of sequences, so that its derivative is their γ.
  mutating func propagateChain(_ node: Node, _ y: Tensor, _ g: Tensor) {
    guard let layout = builder.graph.chainLayout(node) else { return }
    let inputs = node.inputs.map { Tensor(builder: builder, id: $0) }
    let chain = MarkovChainSum(layout: layout, node: y)
    let (k, square) = (layout.states, layout.states * layout.states)
    let weight = g.slice(layout.evidence)
    /// The same for all sequences, where it is.
    let common = layout.sequences == 1 ? weight.element(0) : weight.filledScalar
    let byRow = common ?? weight.gathered(layout.sequenceOfRow)
    for state in 0..<k where isActive(inputs[state]) {
      add(weighted(chain.probabilities[state], byRow), to: inputs[state], of: inputs[state].shape)
    }
    if isActive(inputs[k]) {
      let parts = chain.probabilities.map {
        weighted($0.gathered(layout.starts), common ?? weight).sum.reshaped(.vector(1))
      }
      add(builder.concatenate(parts), to: inputs[k], of: inputs[k].shape)
    }
    if isActive(inputs[k + 1]) {
      let all = weighted(
        chain.transitions, common ?? builder.spreadColumns(weight, columns: square))
      add(builder.columnSums(all), to: inputs[k + 1], of: inputs[k + 1].shape)
    }
    let rest = g.slice(layout.sequences..<layout.count)
    let isUnread = rest.knownValues?.allSatisfy { $0 == 0 } ?? false
    if !isUnread { propagateCurvature(layout, inputs, chain, rest) }
  }

  /// g times a derivative, exactly zero where a gated adjoint is.
  private func weighted(_ derivative: Tensor, _ g: Tensor) -> Tensor {
    gate == nil ? g * derivative : builder.select(g, g * derivative, builder.constant(0))
  }

  /// The adjoints that γ and ξ pass on: ∇⟨g, ∇ log Z⟩, log Z by pairwise products of matrices.
  ///
  /// It is built on positions of its own, twice differentiated there, and those are then replaced by the
  /// inputs, so that nothing upstream of the inputs takes part.
  private mutating func propagateCurvature(
    _ layout: MarkovChainLayout, _ inputs: [Tensor], _ chain: MarkovChainSum, _ g: Tensor
  ) {
    let (k, rows) = (layout.states, layout.rows)
    let count = layout.count - layout.sequences
    let base = builder.freeOffset
    let emissions = (0..<k).map {
      builder.position(offset: base + $0 * rows, shape: .vector(rows))
    }
    let transition = builder.position(
      offset: base + k * rows, shape: .vector(layout.sequences * k * k))
    let weights = builder.position(offset: base + count, shape: .vector(count))
    let evidence = builder.chainByHalving(emissions, transition, layout.starts)
    let slope = (weights * builder.assembledGradient(of: evidence.sum, base, count)).sum
    let curvature = builder.assembledGradient(of: slope, base, count)
    // What is impossible gets a finite logarithm that no sum notices, since exp(−∞ − (−∞)) is NaN;
    // where everything is, so is the result.
    func floored(_ x: Tensor) -> Tensor { x(.maximum, builder.constant(-1e300)) }
    let first = inputs[k]
    let joint = (0..<k).map { state in
      floored(
        inputs[state]
          + builder.fill(first.element(state), .vector(layout.sequences))
          .scattered(layout.starts, shape: .vector(rows)))
    }
    let repeated = floored(inputs[k + 1]).gathered(
      (0..<layout.sequences).flatMap { _ in Array(0..<(k * k)) })
    let isPossible = builder.constant(-.infinity)(.less, chain.evidence.sum)
    let poison = builder.select(isPossible, builder.constant(0), builder.constant(.nan))
    let values = builder.concatenate(joint + [repeated, g + poison])
    let whole = builder.replacing(base..<(base + 2 * count), by: values, in: curvature)
    let parts = (0..<k).map { whole.slice(($0 * rows)..<(($0 + 1) * rows)) }
    for state in 0..<k { add(parts[state], to: inputs[state], of: inputs[state].shape) }
    if isActive(first) {
      let sums = parts.map { $0.gathered(layout.starts).sum.reshaped(.vector(1)) }
      add(builder.concatenate(sums), to: first, of: first.shape)
    }
    let all = whole.slice(
      Stride(start: k * rows, count: layout.sequences * k * k),
      shape: .matrix(layout.sequences, k * k))
    add(builder.columnSums(all), to: inputs[k + 1], of: inputs[k + 1].shape)
  }
}

extension GraphBuilder {
  /// Sums over each column of a matrix.
  fileprivate func columnSums(_ x: Tensor) -> Tensor {
    if x.shape.rows == 1 { return x.reshaped(.vector(x.shape.columns)) }
    let ones = data([Double](repeating: 1, count: x.shape.rows), shape: .vector(x.shape.rows))
    return x.times(vector: ones, transposed: true)
  }

  /// The first offset that no position reads.
  fileprivate var freeOffset: Int {
    graph.nodes.reduce(0) { end, node in
      if case .position(let offset) = node.op { max(end, offset + node.shape.count) } else { end }
    }
  }

  /// The gradient with respect to `count` coordinates from `start`, as one vector.
  fileprivate func assembledGradient(of root: Tensor, _ start: Int, _ count: Int) -> Tensor {
    let parts = gradient(of: root).filter { $0.offset < start + count }.map { part in
      let node = Tensor(builder: self, id: part.node)
      return (Stride(start: part.offset - start, count: node.shape.count), node)
    }
    return assemble(parts, shape: .vector(count))
  }

  /// A tensor with the elements of a vector in place of the coordinates in a range.
  fileprivate func replacing(
    _ range: Range<Int>, by values: Tensor, in root: Tensor
  ) -> Tensor {
    let needed = graph.reachable(from: [root.id])
    var replaced: [Tensor?] = Array(repeating: nil, count: root.id.index + 1)
    for index in replaced.indices where needed[index] {
      let node = graph.nodes[index]
      switch node.op {
      case .position(let offset) where range.contains(offset):
        let start = offset - range.lowerBound
        replaced[index] = values.slice(
          Stride(start: start, count: node.shape.count), shape: node.shape)
      case .constant, .data, .position:
        replaced[index] = Tensor(builder: self, id: NodeID(index))
      default:
        replaced[index] = make(node.op, node.inputs.map { replaced[$0.index]! }, node.shape)
      }
    }
    return replaced[root.id.index]!
  }
}

extension GraphBuilder {
  /// log Z of each sequence by ordinary operations: the K × K matrices A_ij exp b_t(j) are multiplied in pairs,
  /// in logarithms, until one is left of each sequence.
  ///
  /// K² vectors and ⌈log₂ T⌉ levels. It is differentiated where derivatives of γ and ξ are wanted.
  ///
  /// - Parameters:
  ///   - emissions: b(k), log π added at the first row of each sequence.
  ///   - transition: log A, K·K elements, or so many for each sequence.
  package func chainByHalving(
    _ emissions: [Tensor], _ transition: Tensor, _ starts: [Int]
  ) -> Tensor {
    let (k, rows) = (emissions.count, emissions[0].shape.count)
    let layout = MarkovChainLayout(states: k, rows: rows, starts: starts)
    let isFirst = Set(starts)
    let later = (0..<rows).filter { !isFirst.contains($0) }
    let owners = layout.sequenceOfRow
    let isShared = transition.shape.count == k * k
    // A first row is a matrix of equal rows, of which one is read at the end.
    var entries = (0..<(k * k)).map { place -> Tensor in
      let emission = emissions[place % k]
      let first = emission.gathered(starts)
      if later.isEmpty { return first }
      let move =
        isShared
        ? transition.element(place)
        : transition.gathered(later.map { owners[$0] * k * k + place })
      return concatenate([first, emission.gathered(later) + move])
    }
    // Where the matrices of each sequence stand, in order.
    var next = starts.count
    var places = (0..<layout.sequences).map { s in
      [s]
        + layout.rows(of: s).dropFirst().map { _ in
          defer { next += 1 }
          return next
        }
    }
    while places.contains(where: { $0.count > 1 }) {
      var (left, right, carried): ([Int], [Int], [Int]) = ([], [], [])
      for list in places {
        for p in stride(from: 0, to: list.count - 1, by: 2) {
          left.append(list[p])
          right.append(list[p + 1])
        }
        if list.count % 2 == 1 { carried.append(list[list.count - 1]) }
      }
      var (product, rest) = (0, left.count)
      places = places.map { list in
        (0..<((list.count + 1) / 2)).map { p in
          if 2 * p + 1 < list.count {
            product += 1
            return product - 1
          }
          rest += 1
          return rest - 1
        }
      }
      let (a, b) = (entries.map { $0.gathered(left) }, entries.map { $0.gathered(right) })
      let products = (0..<(k * k)).map { place in
        logSumExpOf((0..<k).map { a[place / k * k + $0] + b[$0 * k + place % k] })
      }
      entries =
        carried.isEmpty
        ? products
        : zip(products, entries).map { concatenate([$0, $1.gathered(carried)]) }
    }
    let ends = places.map { $0[0] }
    return logSumExpOf((0..<k).map { entries[$0].gathered(ends) })
  }
}
