// From a model and its data to a fit by EM.

public import BayesCompiler
public import BayesCore
import BayesGraph
public import BayesInference
public import BayesLanguage

/// Fits a model by EM: maximum likelihood, or maximum a posteriori density.
///
/// The E-step takes the probabilities of labels from the model's own sum over them; the M-step has closed forms
/// where statements allow (see `RuleBuilder`), and L-BFGS for the rest. See `expectationMaximisation` for
/// restarts, acceleration and convergence.
///
/// - Throws: `ModelError` for what is wrong with model or data; `EngineError.notEstimable`;
///   `EngineError.noMaximum` where no restart ended at a proper maximum; `EMError`.
public func fitEM(
  _ model: some Model, data: DataSet = DataSet(), options: EMOptions,
  kernelSettings: KernelSettings = KernelSettings(), progress: EMProgress? = nil,
  isCancelled: @escaping @Sendable () -> Bool = { false }
) throws -> EMFit {
  let start = secondsNow()
  let traced = try trace(model, data: data, axisSizes: options.axisSizes)
  let complete = try traceCompleteData(
    model, data: data, axisSizes: options.axisSizes, rowWeights: options.rowWeights)
  let given = try options.start.map { try slots(of: $0, traced, complete) }
  let program = try EMProgram(
    traced, complete, form: options.covariance, usesPriors: options.usesPriors, seed: options.seed,
    given: given, settings: kernelSettings)
  var driver = options.driver
  if given != nil { driver.restarts = 1 }
  let compiled = secondsNow()
  let run = try expectationMaximisation(
    program, settings: driver, progress: progress, isCancelled: isCancelled)
  let ended = secondsNow()
  guard let best = run.bestRestart else { throw EngineError.noMaximum(reasons: reasons(run)) }
  let (x, unordered) = Relabelling(
    complete: complete,
    objective: options.usesPriors ? complete.logPosterior : complete.logLikelihood
  ).canonical(best.x)
  let steps = run.restarts.reduce(0) { $0 + $1.iterations }
  let perStep =
    (ended - compiled) * Double(min(driver.threads, driver.restarts)) / Double(max(1, steps))
  let errors = try standardErrors(
    ObservedInformation(complete: complete, map: program.map, usesPriors: options.usesPriors), x,
    options, settings: kernelSettings)

  let derivedCount = complete.derived.count
  let values = Interpreter(complete.graph).values(
    of: [complete.logLikelihood, complete.logPosterior] + complete.derived.map(\.node)
      + complete.latents.flatMap(\.probabilities), at: x)
  let parameters = complete.parameters.map { parameter in
    EMEstimate(
      variable: parameter.variable, values: Array(x[parameter.slots]),
      standardErrors: parameter.slots.map { errors.values?[$0] })
  }
  let derived = zip(complete.derived, values[2...]).map { derived, value in
    EMEstimate(
      variable: derived.variable, values: value,
      standardErrors: [Double?](repeating: nil, count: value.count))
  }
  let updates =
    program.rules.map(\.summary)
    + program.open.sorted { $0.key < $1.key }.map { index, reason in
      "\(complete.parameters[index].variable.name): L-BFGS, since \(reason)"
    }
  let seconds = EMSeconds(
    compile: compiled - start, restarts: ended - compiled, after: secondsNow() - ended,
    perIteration: perStep)
  return EMFit(
    model: complete.name, isMAP: options.usesPriors, estimates: parameters + derived,
    errorNote: errors.note, logLikelihood: values[0][0],
    logPosterior: options.usesPriors ? values[1][0] : nil,
    parameterCount: freeParameterCount(traced, program.rules, options.covariance),
    rowCount: options.rowWeights?.reduce(0, +) ?? Double(rowCount(complete)),
    labels: withPaths(
      labelProbabilities(complete.latents, Array(values[(2 + derivedCount)...])),
      complete.latentBlocks, complete.graph, at: x), run: run,
    updates: updates, covariance: options.covariance, seed: options.seed,
    notes: remarks(run, unordered: unordered), seconds: seconds, rowWeights: options.rowWeights,
    names: complete.names)
}

/// Standard errors where they can be had in a time that fits the fit's.
private func standardErrors(
  _ information: ObservedInformation, _ x: [Double], _ options: EMOptions,
  settings: KernelSettings
) throws -> (values: [Double?]?, note: String?) {
  if options.computesErrors == false { return (nil, "standard errors were not asked for") }
  if options.covariance != .full {
    return (
      nil,
      "they are not computed for \(options.covariance.rawValue) covariances of a model with full ones"
    )
  }
  // Two gradients per coordinate, each a pass over all rows; counted, so that a seed gives the same bytes.
  let rows = information.complete.terms.reduce(0) { $0 + $1.rows }
  if options.computesErrors == nil, rows * information.map.dimension > 200_000_000 {
    return (
      nil,
      "standard errors of \(information.map.dimension) parameters would take long; ask for them with "
        + "--standard-errors"
    )
  }
  return try information.standardErrors(at: x, settings: settings)
}

/// The slots of values given by parameter name.
private func slots(
  of values: DataSet, _ traced: TracedModel, _ complete: TracedCompleteData
) throws -> [Double] {
  let names = complete.parameters.map(\.variable.name)
  for entry in values.entries where !names.contains(entry.name) {
    throw EngineError.unknownParameter(
      name: entry.name, place: entry.origin.description(),
      closest: closestName(to: entry.name, among: names))
  }
  let missing = names.filter { values[$0] == nil }
  guard missing.isEmpty else { throw EngineError.missingParameters(missing) }
  return try complete.parameters.flatMap { parameter -> [Double] in
    let entry = values[parameter.variable.name]!
    let expected = parameter.variable.dimensions.map(\.size)
    guard case .numbers(let shape, let numbers) = entry.value, shape == expected,
      numbers.allSatisfy(\.isFinite)
    else {
      throw EngineError.invalidValue(
        parameter: parameter.variable.name, place: entry.origin.description(),
        message: "is not what was expected: finite numbers of shape \(expected)")
    }
    return numbers
  }
}
