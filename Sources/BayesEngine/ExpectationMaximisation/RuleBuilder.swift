// Recognises closed-form M-steps in the terms of the complete-data log density.

import BayesGraph
import BayesLanguage

/// Reads the terms one after another, appends the sums that they need, and makes rules of what it found.
///
/// A parameter keeps its closed form if every statement that reads any of its elements is recognised, and
/// in one way; all others are left to numerical maximisation.
final class RuleBuilder {
  let model: TracedCompleteData
  let builder: GraphBuilder
  let table: StatisticsTable
  let form: CovarianceForm
  /// What was recognised for a slot.
  private var kinds: [Int: Kind] = [:]
  /// The parameter that a slot belongs to.
  private let parameterOf: [Int]
  /// The bounds of each parameter, empty where they depend on others.
  private let bounds: [[[Double]]]
  /// Parameters without a closed form, with the reason.
  private(set) var open: [Int: String] = [:]
  var found = Findings()

  /// What a slot is to the statements that read it.
  enum Kind: Hashable {
    case proportion, probability, rate, location, scale, variance, mean, covariance, factor
    case gammaShape, gammaRate
  }

  /// Everything recognised so far.
  struct Findings {
    var counts: [(slot: Int, place: Int)] = []
    var ratios: [(slot: Int, numerator: Int, denominator: Int)] = []
    var gammas: [GammaRule.Part] = []
    var normals: [NormalRule.Cell] = []
    var multivariates: [MultivariateFinding] = []
    var priorCounts: [Int: Double] = [:]
    var priorRatios: [Int: (numerator: Double, denominator: Double)] = [:]
    var priorLocations: [Int: (mean: Double, precision: Double)] = [:]
    var priorSpreads: [Int: (scale: [Double], degrees: Double)] = [:]
  }

  /// A multivariate statement under one label.
  struct MultivariateFinding {
    let cell: MultivariateNormalRule.Cell
    /// The node of the data: statements about other data are maximised apart.
    let data: NodeID
    let isFactored: Bool
    let dataVariances: [Double]
  }

  init(
    _ model: TracedCompleteData, _ table: StatisticsTable, form: CovarianceForm
  ) {
    self.model = model
    self.table = table
    self.form = form
    builder = table.builder
    bounds = SupportEdge.bounds(of: model)
    parameterOf = model.parameters.enumerated().flatMap { index, parameter in
      [Int](repeating: index, count: parameter.slots.count)
    }
  }

  /// Reads a term whose rows have these weights.
  func read(_ term: CompleteTerm, weight: Tensor) {
    guard let density = term.statement.density else {
      return leaveOpen(term.statement, "a Factor reads it")
    }
    let isRecognised: Bool
    switch density.distribution.name {
    case "Normal", "LogNormal": isRecognised = readNormal(term, density, weight)
    case "MultivariateNormal": isRecognised = readMultivariate(term, density, weight)
    case "Categorical": isRecognised = readCategorical(term, density, weight)
    case "Multinomial": isRecognised = readMultinomial(term, density, weight)
    case "Bernoulli", "Binomial", "Poisson", "Exponential":
      isRecognised = readRatio(term, density, weight)
    case "Gamma": isRecognised = readGamma(term, density, weight)
    default: isRecognised = false
    }
    if !isRecognised {
      leaveOpen(
        term.statement,
        "\(term.statement.summary) (\(term.statement.location)) has no closed form for it")
    }
  }

  // MARK: Slots

  func tensor(_ id: NodeID) -> Tensor { Tensor(builder: builder, id: id) }

  /// Whether a slot's support allows the kind; records the kind, and gives the closed form up where it is
  /// another than before.
  func claim(_ slots: [Int], _ kind: Kind) {
    for slot in slots {
      let parameter = parameterOf[slot]
      if let known = kinds.updateValue(kind, forKey: slot), known != kind {
        open[parameter] = open[parameter] ?? "statements read it in different ways"
      }
      if !allows(kind, parameter) {
        open[parameter] =
          open[parameter] ?? "its support is \(model.parameters[parameter].supportDescription)"
      }
    }
  }

  private func allows(_ kind: Kind, _ index: Int) -> Bool {
    let parameter = model.parameters[index]
    let bounds = bounds[index]
    switch (kind, parameter.support) {
    case (.proportion, .simplex): return true
    case (.covariance, .covariance), (.factor, .covarianceCholesky): return true
    case (.proportion, _), (.covariance, _), (.factor, _), (_, .simplex): return false
    case (_, .real): return true
    case (_, .lower), (_, .upper), (_, .interval): return bounds.allSatisfy { !$0.isEmpty }
    // Labels may be exchanged, so that an order is one among equals and restored afterwards: one order for
    // each axis.
    case (_, .ordered), (_, .positiveOrdered):
      guard parameter.shape.rank == 1, let axis = parameter.variable.dimensions.first?.name,
        model.latents.contains(where: { $0.labels.name == axis })
      else { return false }
      return model.parameters.first {
        ($0.support == .ordered || $0.support == .positiveOrdered)
          && $0.variable.dimensions.first?.name == axis
      }?.slots == parameter.slots
    default: return false
    }
  }

  /// Gives up the closed form of all that a statement reads.
  func leaveOpen(_ statement: TracedStatement, _ reason: String) {
    for parameter in parameters(behind: [statement.pointwise]) {
      open[parameter] = open[parameter] ?? reason
    }
  }

  func leaveOpen(_ parameter: Int, _ reason: String) {
    open[parameter] = open[parameter] ?? reason
  }

  /// Gives up the closed form of a parameter with bounds.
  func requireUnbounded(_ slot: Int) {
    switch model.parameters[parameterOf[slot]].support {
    case .real, .ordered: return
    default: leaveOpen(parameterOf[slot], "it has bounds and is one of several coefficients")
    }
  }

  /// The parameters that nodes read.
  func parameters(behind nodes: [NodeID]) -> [Int] {
    let needed = builder.graph.reachable(from: nodes)
    var result: Set<Int> = []
    for index in builder.graph.nodes.indices where needed[index] {
      if case .position(let offset) = builder.graph.nodes[index].op, offset < parameterOf.count {
        result.insert(parameterOf[offset])
      }
    }
    return result.sorted()
  }

  func parameter(of slot: Int) -> Int { parameterOf[slot] }
  func isOpen(_ slot: Int) -> Bool { open[parameterOf[slot]] != nil }
  func kind(_ slot: Int) -> Kind? { kinds[slot] }
  func isRead(_ parameter: Int) -> Bool {
    model.parameters[parameter].slots.contains { kinds[$0] != nil } || open[parameter] != nil
  }

  /// The constant bounds of a slot.
  func interval(_ slot: Int) -> ClosedInterval {
    let parameter = model.parameters[parameterOf[slot]]
    let bounds = bounds[parameterOf[slot]].map { values -> Double in
      values.count == 1 ? values[0] : values[safe: slot - parameter.slots.lowerBound] ?? .nan
    }
    switch parameter.support {
    case .lower: return ClosedInterval(lower: bounds[0])
    case .upper: return ClosedInterval(upper: bounds[0])
    case .interval: return ClosedInterval(lower: bounds[0], upper: bounds[1])
    case .positiveOrdered: return ClosedInterval(lower: 0)
    default: return ClosedInterval()
    }
  }

  /// The names of the parameters that slots belong to, in the order of declaration.
  func names(_ slots: [Int]) -> String {
    Set(slots.map { parameterOf[$0] }).sorted().map { model.parameters[$0].variable.name }
      .joined(separator: ", ")
  }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
