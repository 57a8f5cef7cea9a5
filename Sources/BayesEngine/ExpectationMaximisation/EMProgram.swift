// A model compiled for EM: the kernel of a step, the rules of the M-step, and starts.

import BayesCompiler
import BayesGraph
import BayesInference
import BayesLanguage

/// Everything that a step of EM needs, shared by threads.
struct EMProgram: EMProblem {
  let complete: TracedCompleteData
  let map: ParameterMap
  let rules: [any MaximisationRule]
  /// Parameters that are maximised numerically, with the reason.
  let open: [Int: String]
  /// Outputs: the objective, then the statistics.
  let kernel: Kernel
  let starts: EMStarts
  let numerical: NumericalMaximisation?
  /// The start of the only restart, where it is given.
  let given: [Double]?

  init(
    _ traced: TracedModel, _ complete: TracedCompleteData, form: CovarianceForm, usesPriors: Bool,
    seed: UInt64, given: [Double]? = nil, settings: KernelSettings
  ) throws {
    self.complete = complete
    self.given = given
    let builder = GraphBuilder(complete.graph)
    let table = StatisticsTable(builder)
    let recogniser = RuleBuilder(complete, table, form: form)
    for term in complete.terms {
      recogniser.read(term, weight: Tensor(builder: builder, id: term.weight))
    }
    for chain in complete.chains {
      recogniser.read(
        chain, starts: Tensor(builder: builder, id: chain.starts),
        moves: Tensor(builder: builder, id: chain.moves))
    }
    if usesPriors { for prior in complete.priors { recogniser.read(prior: prior) } }
    rules = recogniser.rules()
    open = recogniser.open
    try Self.checkThatAllAreRead(recogniser, complete, usesPriors: usesPriors)
    map = ParameterMap(traced, complete) { recogniser.open[$0] == nil }
    let objective = usesPriors ? complete.logPosterior : complete.logLikelihood
    let numerical =
      try recogniser.open.isEmpty
      ? nil
      : NumericalMaximisation(
        complete, open: recogniser.open.keys.sorted(), map: map, usesPriors: usesPriors,
        settings: settings)
    self.numerical = numerical
    kernel = try Kernel(
      graph: builder.graph, dimension: complete.slotCount, logDensity: builder.constant(0).id,
      outputs: [objective] + table.nodes + (numerical?.weights ?? []), settings: settings)
    starts = EMStarts(complete, form: form, usesPriors: usesPriors, seed: seed)
  }

  /// - Throws: `EngineError.notEstimable` for a parameter that no data inform.
  private static func checkThatAllAreRead(
    _ recogniser: RuleBuilder, _ complete: TracedCompleteData, usesPriors: Bool
  ) throws {
    for (index, parameter) in complete.parameters.enumerated() where !recogniser.isRead(index) {
      throw EngineError.notEstimable(parameter: parameter.variable.name, isMAP: usesPriors)
    }
  }

  func makeWorker() throws -> any EMWorker { EMProgramWorker(self) }
}

/// One thread's steps.
final class EMProgramWorker: EMWorker {
  private let program: EMProgram
  private let evaluator: KernelEvaluator
  private let numerical: NumericalMaximisation.Worker?
  private var outputs: [Double]

  init(_ program: EMProgram) {
    self.program = program
    evaluator = program.kernel.makeKernelEvaluator()
    numerical = program.numerical?.makeWorker()
    outputs = [Double](repeating: 0, count: program.kernel.outputCount)
  }

  func start(restart: Int) throws -> [Double] {
    program.given
      ?? program.starts.start(restart, map: program.map, open: program.open.keys.sorted())
  }

  func step(_ x: [Double]) throws -> EMStep {
    let objective = evaluate(x)
    guard objective.isFinite else { return EMStep(objective: objective, next: x) }
    let sums = Array(outputs[1...])
    var (next, degeneracy) = maximised(from: x, sums)
    if let numerical { next = try numerical.maximised(from: next, weights: sums) }
    let isFatal = (degeneracy?.relativeVariance ?? 1) < Self.collapsedVariance
    return EMStep(
      objective: objective, next: next, degeneracy: isFatal ? degeneracy?.reason : nil)
  }

  func degeneracy(ofConverged x: [Double]) -> String? {
    _ = evaluate(x)
    return maximised(from: x, Array(outputs[1...])).degeneracy?.reason
  }

  /// Writes the statistics at `x` into `outputs`; returns the objective.
  private func evaluate(_ x: [Double]) -> Double {
    withPointer(x) { position in
      outputs.withUnsafeMutableBufferPointer {
        evaluator.outputs(at: position, into: $0.baseAddress!)
      }
    }
    return outputs[0]
  }

  /// What the rules make of the statistics.
  private func maximised(
    from x: [Double], _ sums: [Double]
  ) -> (next: [Double], degeneracy: Degeneracy?) {
    var next = x
    var worst: Degeneracy?
    for rule in program.rules {
      guard let found = rule.maximise(&next, sums) else { continue }
      if found.relativeVariance < worst?.relativeVariance ?? .infinity { worst = found }
    }
    return (next, worst)
  }

  /// Below this part of the data's variance a path does not come back; a tight cluster far from the others is
  /// well above it.
  private static let collapsedVariance = 1e-12

  func unconstrained(_ x: [Double]) -> [Double]? { program.map.unconstrained(x) }
  func constrained(_ coordinates: [Double]) -> [Double] { program.map.constrained(coordinates) }
}
