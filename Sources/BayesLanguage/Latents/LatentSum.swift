// The labels of a block summed out: log Σ exp over every combination.

import BayesCore
import BayesGraph

/// Sums the labels of a block out.
///
/// For each combination c of labels the log densities of all statements are added row by row; the
/// marginal of a row is log Σ_c exp of that. Labels over an inner axis are summed out first, given those
/// over the outer one, so that the cost is the number of combinations times the number of rows.
struct LatentSum {
  let tracer: StatementTracer
  let axes: [Key: TracingContext.AxisValue]
  /// The labels that are known, of unknowns that have such.
  let known: [Key: KnownLabels]
  let block: LatentBlock
  /// Where the statements' densities given labels are kept, if anyone asks for them.
  var recorder: CompleteTermRecorder?

  private var resolver: TermResolver { tracer.resolver }
  private var builder: GraphBuilder { resolver.builder }

  /// More combinations than this per row are refused: the kernel's text grows with them.
  static let largestCount = 4096

  /// One label for each of several unknowns.
  private typealias Combination = [Key: Int]

  /// A log density for each combination, per position of an axis.
  private struct Enumeration {
    let combinations: [Combination]
    let logDensities: [Tensor]
    /// The unknown among them that is a Markov chain, its states summed out along the axis.
    var chain: ChainPosterior?

    /// log Σ exp over the combinations.
    var marginal: Tensor { chain?.evidence ?? logDensities[0].builder.logSumExpOf(logDensities) }

    /// The combinations as outsiders see them.
    func traced(_ entries: [Inventory.Entry]) -> TracedLatentBlock.Enumeration {
      TracedLatentBlock.Enumeration(
        combinations: combinations.map { labels in entries.map { labels[$0.key] ?? 0 } },
        logDensities: logDensities.map(\.id))
    }

    /// The probability of a combination given everything else.
    func probability(_ index: Int) -> Tensor {
      guard let chain else { return logDensities[0].builder.softmaxOf(logDensities, index) }
      // P(state) · P(the other labels | state).
      let key = chain.chain.entry.key
      let state = combinations[index][key] ?? 0
      let alike = combinations.indices.filter { combinations[$0][key] == state }
      if alike.count == 1 { return chain.probabilities[state] }
      let place = alike.firstIndex(of: index) ?? 0
      return chain.probabilities[state]
        * logDensities[0].builder.softmaxOf(alike.map { logDensities[$0] }, place)
    }
  }

  /// A block summed out.
  struct Result {
    let statement: TracedStatement
    /// Its unknowns with the probabilities of their labels.
    let latents: [TracedLatent]
    let block: TracedLatentBlock
  }

  /// The block as one statement; `nil` after a mistake.
  ///
  /// - Parameter first: the place of the block's first unknown among the model's latents.
  func traced(first: Int) -> Result? {
    guard isAffordable(), block.statements.allSatisfy(labelsFit) else { return nil }
    let outer = combinations(block.coarse)
    var logDensities: [Tensor] = []
    var inner: [Enumeration] = []
    for combination in outer {
      guard var value = sum(over: combination, of: coarseStatements, on: block.coarse) else {
        return nil
      }
      if block.nesting != nil {
        guard let given = fineEnumeration(combination) else { return nil }
        value = value + given.marginal.scattered(places, shape: value.shape)
        inner.append(given)
      }
      logDensities.append(value)
    }
    var whole = Enumeration(combinations: outer, logDensities: logDensities)
    var chain: TracedChain?
    if let own = block.chain {
      guard let arguments = arguments(of: own) else { return nil }
      let emissions = (0..<levels(own.entry)).map { state in
        builder.logSumExpOf(
          outer.indices.filter { outer[$0][own.entry.key] == state }.map { logDensities[$0] })
      }
      let posterior = own.posterior(emissions, arguments)
      whole.chain = posterior
      chain = TracedChain(
        place: block.coarse.firstIndex { $0.key == own.entry.key } ?? 0,
        logInitial: arguments[0].logarithm.id, logTransition: arguments[1].logarithm.id,
        emissions: emissions.map(\.id), rows: posterior.order.rows,
        sequences: posterior.order.starts)
      recorder?.record(posterior, initial: arguments[0], transition: arguments[1])
    }
    let pointwise = whole.marginal
    recordWeights(whole, inner)
    let latents =
      block.coarse.map { latent($0) { probabilities($0, whole) } }
      + block.fine.map { latent($0) { probabilities($0, inner, given: whole) } }
    let statement = TracedStatement(
      kind: .marginal(labels: latents.map(\.variable.name), data: dataNames),
      location: block.statements[0].line.location, summary: summary, pointwise: pointwise.id,
      total: pointwise.sum.id)
    let middle = first + block.coarse.count
    return Result(
      statement: statement, latents: latents,
      block: TracedLatentBlock(
        outerLatents: Array(first..<middle),
        innerLatents: Array(middle..<(middle + block.fine.count)),
        outer: whole.traced(block.coarse), inner: inner.map { $0.traced(block.fine) },
        parents: places, chain: chain))
  }

  /// For each position of the inner axis that of the outer one.
  private var places: [Int] {
    let values = block.nesting.flatMap { Tensor(builder: builder, id: $0).knownValues } ?? []
    return values.map { Int($0) }
  }

  // MARK: Chains

  private func arguments(of chain: LatentChain) -> [Tensor]? {
    let axis = chain.entry.target.flatMap { axes[$0.key]?.name } ?? ""
    return chain.arguments(
      tracer, states: (levels(chain.entry), axis), rows: size(chain.entry.axes[0]))
  }

  // MARK: Enumeration

  private func isFine(_ statement: LatentStatement) -> Bool {
    block.fine.contains { statement.uses[$0.key] != nil }
  }

  /// A chain's own statement is left out: its density is that of a path.
  private var coarseStatements: [LatentStatement] {
    block.statements.filter { !isFine($0) && $0.chain == nil }
  }

  private func fineEnumeration(_ given: Combination) -> Enumeration? {
    let statements = block.statements.filter(isFine)
    let all = combinations(block.fine)
    let values = all.compactMap {
      sum(over: given.merging($0) { $1 }, of: statements, on: block.fine)
    }
    guard values.count == all.count else { return nil }
    return Enumeration(combinations: all, logDensities: values)
  }

  /// The log density of statements given labels, for each position of the labels' axis.
  private func sum(
    over labels: Combination, of statements: [LatentStatement], on entries: [Inventory.Entry]
  ) -> Tensor? {
    let count = size(entries[0].axes[0])
    var total = possible(labels, entries, count)
    let values = labels.reduce(into: [Key: Tensor]()) { values, label in
      guard let entry = (block.coarse + block.fine).first(where: { $0.key == label.key }) else {
        return
      }
      values[label.key] = builder.fill(
        builder.constant(Double(label.value)), .vector(size(entry.axes[0])))
    }
    for statement in statements {
      let own = statement.uses.first { use in entries.contains { $0.key == use.key } }
      guard let map = own?.value,
        let part = resolver.assuming(values, { density(statement, map, count, labels) })
      else { return nil }
      total = total + part
    }
    return total
  }

  /// 0 where labels agree with those that are known, −∞ elsewhere.
  private func possible(_ labels: Combination, _ entries: [Inventory.Entry], _ count: Int) -> Tensor
  {
    let columns = entries.compactMap { entry -> [Bool]? in
      guard let known = known[entry.key]?.labels, let label = labels[entry.key],
        known.contains(where: { $0 != nil })
      else { return nil }
      return known.map { $0 == nil || $0 == label }
    }
    guard !columns.isEmpty else { return builder.fill(builder.constant(0), .vector(count)) }
    return builder.data(
      (0..<count).map { row in columns.allSatisfy { $0[row] } ? 0 : -.infinity },
      shape: .vector(count))
  }

  /// One statement's log density for each position of the labels' axis.
  private func density(
    _ statement: LatentStatement, _ map: RowMap, _ count: Int, _ labels: Combination
  ) -> Tensor? {
    guard let traced = tracer.trace(statement.line, addsColumns: true) else { return nil }
    recorder?.record(traced, statement, labels)
    let value = Tensor(builder: builder, id: traced.pointwise)
    switch map {
    case .own: return rowSums(value, rows: count, traced)
    case .through(let column):
      let places = Tensor(builder: builder, id: column).knownValues ?? []
      return rowSums(value, rows: places.count, traced)?
        .scattered(places.map { Int($0) }, shape: .vector(count))
    }
  }

  /// The elements of a statement's log density added up within each row.
  private func rowSums(_ value: Tensor, rows: Int, _ statement: TracedStatement) -> Tensor? {
    let shape = value.shape
    if shape == .vector(rows) { return value }
    if shape.rank == 2, shape.rows == rows {
      // A few columns stay inside one fused loop; many are a product with ones.
      if shape.columns > 16 {
        return value.times(
          vector: builder.data(
            [Double](repeating: 1, count: shape.columns), shape: .vector(shape.columns)))
      }
      let columns = (0..<shape.columns).map {
        value.slice(Stride(start: $0, count: rows, step: shape.columns))
      }
      return columns.dropFirst().reduce(
        columns.first ?? builder.fill(builder.constant(0), .vector(rows)), +)
    }
    if shape.isScalar, rows == 1 { return value.reshaped(.vector(1)) }
    let labels = (block.coarse + block.fine).map(\.quoted).joined(separator: ", ")
    tracer.mistakes.add(
      statement.location,
      "`\(statement.summary)` is \(shape.inWords), but \(labels) \(block.coarse.count + block.fine.count == 1 ? "has" : "have") "
        + "\(counted(rows, "row", "rows")) here; expected as many rows on the left side, one for each label"
    )
    return nil
  }

  private func combinations(_ entries: [Inventory.Entry]) -> [Combination] {
    entries.reduce([[:]]) { all, entry in
      all.flatMap { earlier in
        (0..<levels(entry)).map { earlier.merging([entry.key: $0]) { $1 } }
      }
    }
  }

  private func size(_ axis: Axis) -> Int { axes[axis.key]?.size ?? 0 }
  private func levels(_ entry: Inventory.Entry) -> Int { entry.target.map(size) ?? 0 }

  // MARK: Checks

  private func isAffordable() -> Bool {
    let entries = block.coarse + block.fine
    for entry in entries where levels(entry) == 0 {
      tracer.mistakes.add(
        entry.location,
        "\(entry.quoted) has no label to take: the axis that it is declared `in:` is empty")
      return false
    }
    let count = entries.reduce(1.0) { $0 * Double(levels($1)) }
    let rows = size((block.fine.first ?? entries[0]).axes[0])
    guard count > Double(Self.largestCount) else { return true }
    let product = entries.map { "\($0.quoted): \(levels($0))" }.joined(separator: ", ")
    tracer.mistakes.add(
      entries[0].location,
      "summing out takes every combination of labels (\(product)): \(numberText(count)) for each of "
        + "\(rows) rows, more than the \(Self.largestCount) that are feasible; use fewer labels, "
        + "or make an unknown continuous")
    return false
  }

  /// Whether a label's distribution has as many values as there are labels.
  private func labelsFit(_ statement: LatentStatement) -> Bool {
    guard case .latent(let key, let distribution) = statement.line.form,
      let entry = (block.coarse + block.fine).first(where: { $0.key == key })
    else { return true }
    if let chain = block.chain, chain.entry.key == key { return arguments(of: chain) != nil }
    func refuse(_ reason: String) -> Bool {
      tracer.mistakes.add(
        statement.line.location, "`\(entry.name) ~ \(distribution.name)`: \(reason)")
      return false
    }
    guard distribution.event == .category || distribution.event == .count else {
      return refuse(
        "\(entry.quoted) is a discrete unknown, and \(distribution.name) is no distribution of whole "
          + "numbers; write Categorical or Bernoulli, or declare it @Parameter")
    }
    let zeros = (block.coarse + block.fine).reduce(into: [Key: Tensor]()) {
      $0[$1.key] = builder.fill(builder.constant(0), .vector(size($1.axes[0])))
    }
    let arguments = resolver.assuming(zeros) {
      distribution.arguments.compactMap { resolver.tensor($0.term, at: statement.line.location) }
    }
    guard arguments.count == distribution.arguments.count else { return false }
    let support = distribution.support(arguments)
    let (count, rows) = (levels(entry), size(entry.axes[0]))
    func violation(_ label: Int) -> String? {
      let column = [Double](repeating: Double(label), count: max(1, rows))
      return support.firstViolation(of: column, shape: .vector(column.count))?.expected
    }
    let axis = entry.target.flatMap { axes[$0.key]?.name } ?? ""
    if let expected = violation(count - 1) {
      return refuse(
        "axis `\(axis)` has \(counted(count, "label", "labels")), but the distribution gives only "
          + "\(expected); make them as many")
    }
    if violation(count) == nil {
      return refuse(
        "the distribution has more values than the \(counted(count, "label", "labels")) of axis "
          + "`\(axis)`; make them as many")
    }
    return true
  }

  // MARK: Probabilities

  private func latent(
    _ entry: Inventory.Entry, _ probabilities: (Inventory.Entry) -> [Tensor]
  ) -> TracedLatent {
    let axis = axes[entry.axes[0].key]
    let target = entry.target.flatMap { axes[$0.key] }
    let labels = Dimension(
      name: target?.name ?? "", size: target?.size ?? 0, labels: target?.labels)
    return TracedLatent(
      variable: Variable(
        name: entry.name, role: .derived,
        dimensions: [Dimension(name: axis?.name ?? "", size: axis?.size ?? 0, labels: axis?.labels)]
      ),
      labels: labels, probabilities: probabilities(entry).map(\.id), location: entry.location)
  }

  /// P(label = k) for each k: the probabilities of all combinations with it.
  private func probabilities(_ entry: Inventory.Entry, _ all: Enumeration) -> [Tensor] {
    (0..<levels(entry)).map { label in
      total(
        all.combinations.indices.filter { all.combinations[$0][entry.key] == label }
          .map(all.probability))
    }
  }

  private func probabilities(
    _ entry: Inventory.Entry, _ inner: [Enumeration], given outer: Enumeration
  ) -> [Tensor] {
    (0..<levels(entry)).map { label in
      total(
        inner.enumerated().map { index, fine in
          outer.probability(index).gathered(places) * probabilities(entry, fine)[label]
        })
    }
  }

  private func total(_ terms: [Tensor]) -> Tensor {
    terms.dropFirst().reduce(terms[0], +)
  }

  /// Tells the recorder how probable each combination is.
  private func recordWeights(_ whole: Enumeration, _ inner: [Enumeration]) {
    guard let recorder else { return }
    for (index, outer) in whole.combinations.enumerated() {
      recorder.setWeight(whole.probability(index), of: outer)
      guard inner.indices.contains(index) else { continue }
      for (k, fine) in inner[index].combinations.enumerated() {
        recorder.setWeight(
          whole.probability(index).gathered(places) * inner[index].probability(k),
          of: outer.merging(fine) { $1 })
      }
    }
  }

  // MARK: Words

  private var dataNames: [String] {
    var names: [String] = []
    for statement in block.statements {
      if case .likelihood(_, let name, _) = statement.line.form, !names.contains(name) {
        names.append(name)
      }
    }
    return names
  }

  private var summary: String {
    let labels = (block.coarse + block.fine).map(\.name).joined(separator: ", ")
    return dataNames.isEmpty ? labels : "\(dataNames.joined(separator: ", ")), \(labels) summed out"
  }
}
