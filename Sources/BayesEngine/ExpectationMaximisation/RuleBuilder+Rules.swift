// From what was recognised to rules.

import BayesGraph

extension RuleBuilder {
  /// The rules, once all terms and priors are read; open parameters are in none.
  func rules() -> [any MaximisationRule] {
    openShared()
    var rules: [any MaximisationRule] = []
    if let rule = proportions() { rules.append(rule) }
    if let rule = ratios() { rules.append(rule) }
    if let rule = normals() { rules.append(rule) }
    rules += multivariates()
    if let rule = gammas() { rules.append(rule) }
    return rules
  }

  private func proportions() -> ProportionRule? {
    let counts = found.counts.filter { !isOpen($0.slot) }
    if counts.isEmpty { return nil }
    // A parameter of several simplexes has one in each row.
    let simplexes = model.parameters.enumerated().flatMap { index, parameter -> [[Int]] in
      guard open[index] == nil, parameter.slots.contains(where: { kind($0) == .proportion }) else {
        return []
      }
      let width = parameter.shape.rank == 2 ? parameter.shape.columns : parameter.shape.count
      return stride(from: parameter.slots.lowerBound, to: parameter.slots.upperBound, by: width)
        .map { Array($0..<($0 + width)) }
    }
    return ProportionRule(
      summary: "\(names(counts.map(\.slot))): expected proportions", simplexes: simplexes,
      counts: counts, priorCounts: found.priorCounts)
  }

  private func ratios() -> RatioRule? {
    let parts = found.ratios.filter { !isOpen($0.slot) }
    if parts.isEmpty { return nil }
    let slots = parts.map(\.slot)
    return RatioRule(
      summary: "\(names(slots)): ratios of weighted sums", parts: parts, priors: found.priorRatios,
      intervals: intervals(slots))
  }

  private func gammas() -> GammaRule? {
    let parts = found.gammas.filter { !isOpen($0.shape) }
    if parts.isEmpty { return nil }
    return GammaRule(
      summary: "\(names(parts.flatMap { [$0.shape, $0.rate] })): Newton's method (Gamma)",
      parts: parts)
  }

  private func normals() -> NormalRule? {
    let cells = found.normals.map(withoutOpen)
    let locations = cells.flatMap(\.slots)
    var scales: [Int] = []
    for cell in cells {
      switch cell.scale {
      case .deviation(let slot), .variance(let slot):
        if !isOpen(slot), !scales.contains(slot) { scales.append(slot) }
      case .inWeights: break
      }
    }
    if locations.isEmpty, scales.isEmpty { return nil }
    let slots = locations + scales
    return NormalRule(
      summary: "\(names(slots)): weighted least squares (Normal)", cells: cells,
      systems: systems(cells), scales: scales, priors: found.priorLocations,
      intervals: intervals(slots))
  }

  private func withoutOpen(_ cell: NormalRule.Cell) -> NormalRule.Cell {
    let kept = cell.slots.indices.filter { !isOpen(cell.slots[$0]) }
    if kept.count == cell.slots.count { return cell }
    return NormalRule.Cell(
      slots: kept.map { cell.slots[$0] },
      gram: kept.enumerated().flatMap { row, i in
        kept[...row].map { j in cell.gram[i * (i + 1) / 2 + j] }
      }, cross: kept.map { cell.cross[$0] }, squares: cell.squares, weight: cell.weight,
      scale: cell.scale, dataVariance: cell.dataVariance)
  }

  /// Locations that share a statement are solved for together, others apart.
  private func systems(_ cells: [NormalRule.Cell]) -> [NormalRule.System] {
    var group: [Int: Int] = [:]
    var members: [[Int]] = []
    for cell in cells where !cell.slots.isEmpty {
      let known = Set(cell.slots.compactMap { group[$0] }).sorted()
      let target = known.first ?? members.count
      if known.isEmpty { members.append([]) }
      for other in known.dropFirst() {
        members[target] += members[other]
        members[other] = []
      }
      for slot in cell.slots where !members[target].contains(slot) { members[target].append(slot) }
      for slot in members[target] { group[slot] = target }
    }
    var own = [[Int]](repeating: [], count: members.count)
    for (index, cell) in cells.enumerated() {
      if let slot = cell.slots.first, let target = group[slot] { own[target].append(index) }
    }
    return members.indices.filter { !members[$0].isEmpty }.map {
      NormalRule.System(slots: members[$0], cells: own[$0])
    }
  }

  private func multivariates() -> [MultivariateNormalRule] {
    struct Group: Hashable {
      let data: NodeID
      let isFactored: Bool
    }
    var order: [Group] = []
    var members: [Group: [MultivariateFinding]] = [:]
    for finding in found.multivariates {
      let group = Group(data: finding.data, isFactored: finding.isFactored)
      if members[group] == nil { order.append(group) }
      members[group, default: []].append(finding)
    }
    return order.compactMap { group in
      let own = members[group] ?? []
      let cells = own.map { finding in
        let cell = finding.cell
        return MultivariateNormalRule.Cell(
          mean: cell.mean.contains(where: isOpen) ? [] : cell.mean,
          spread: cell.spread.contains(where: isOpen) ? [] : cell.spread, weight: cell.weight,
          sums: cell.sums, squares: cell.squares, precision: cell.precision)
      }.filter { !$0.mean.isEmpty || !$0.spread.isEmpty }
      guard let first = own.first, !cells.isEmpty else { return nil }
      let hasSpreads = cells.contains { !$0.spread.isEmpty }
      return MultivariateNormalRule(
        summary: "\(names(cells.flatMap { $0.mean + $0.spread })): weighted means"
          + (hasSpreads ? " and \(form.rawValue) covariances" : "") + " (MultivariateNormal)",
        cells: cells, isFactored: group.isFactored, form: form,
        dataVariances: first.dataVariances, meanPriors: found.priorLocations,
        spreadPriors: found.priorSpreads)
    }
  }

  /// Leaves parameters open that statements about different data, or parts of different vectors, share:
  /// each rule sets its parameters from its own sums alone.
  private func openShared() {
    var dataOf: [Int: NodeID] = [:]
    var vectorOf: [Int: [Int]] = [:]
    for finding in found.multivariates {
      for slot in finding.cell.mean + finding.cell.spread
      where dataOf.updateValue(finding.data, forKey: slot).map({ $0 != finding.data }) ?? false {
        leaveOpen(parameter(of: slot), "statements about different data share it")
      }
      for vector in [finding.cell.mean, finding.cell.spread] {
        for slot in vector
        where vectorOf.updateValue(vector, forKey: slot).map({ $0 != vector }) ?? false {
          leaveOpen(parameter(of: slot), "parts of it stand in different vectors")
        }
      }
    }
    var isChanged = true
    while isChanged {
      isChanged = false
      for part in found.gammas
      where isOpen(part.shape) != isOpen(part.rate)
        || found.gammas.contains(where: { ($0.shape == part.shape) != ($0.rate == part.rate) })
      {
        for slot in [part.shape, part.rate] where !isOpen(slot) {
          leaveOpen(parameter(of: slot), "gamma distributions share a part of theirs")
          isChanged = true
        }
      }
    }
  }

  private func intervals(_ slots: [Int]) -> [Int: ClosedInterval] {
    Dictionary(slots.map { ($0, interval($0)) }, uniquingKeysWith: { first, _ in first })
  }
}
