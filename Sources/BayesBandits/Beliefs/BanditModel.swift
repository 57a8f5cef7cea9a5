// From a declared bandit to what is believed about its arms.

public import BayesCore
import BayesGraph
public import BayesLanguage
import BayesNumerics

/// A declared bandit, bound to its data.
public struct BanditModel: Sendable {
  /// Arms, contexts and reward.
  public let declaration: BanditDeclaration
  let cells: RoundCells
  /// Rounds on values of parameters, by cell.
  let rounds: [TracedRound]
  private let coordinateRounds: @Sendable () throws -> [TracedRound]

  /// Traces a bandit's rounds.
  ///
  /// - Parameter armCount: how many arms there are, whatever model and data say.
  /// - Throws: `ModelError`, with every mistake of the model; `BeliefError` where it has more than 4 096 kinds of
  ///   rounds (arms times positions of the context).
  public init(_ model: some Bandit, data: DataSet = DataSet(), armCount: Int? = nil) throws {
    var declaration = try BayesLanguage.declaration(of: model, data: data)
    var sizes: [String: Int] = [:]
    if let armCount, armCount != declaration.arms.size {
      sizes[declaration.arms.name] = armCount
      declaration = try BayesLanguage.declaration(of: model, data: data, axisSizes: sizes)
    }
    self.declaration = declaration
    let (found, axisSizes) = (declaration, sizes)
    let cells = RoundCells(declaration)
    self.cells = cells
    guard cells.count <= RoundCells.limit else {
      throw BeliefError.noPosterior(
        "the model has \(cells.count) kinds of rounds (arms times positions of the context); expected at most "
          + "\(RoundCells.limit): make large axes numbers, or vectors of features")
    }
    let size = declaration.contextSize
    @Sendable func traced(_ parameters: RoundParameters) throws -> [TracedRound] {
      try (0..<cells.count).map { cell in
        let (arm, context) = cells.example(cell, contextSize: size)
        return try traceRound(
          of: model, declared: found, arm: arm, context: context, data: data,
          axisSizes: axisSizes, parameters: parameters)
      }
    }
    rounds = try traced(.values)
    coordinateRounds = { try traced(.coordinates) }
  }

  /// The belief before any reward, or the one that had learnt `state`.
  ///
  /// - Throws: `BeliefError.noPosterior` where the method asked for cannot be had; `ModelError`.
  public func belief(
    _ options: BeliefOptions, restoring state: [Double]? = nil
  ) throws -> any ArmBelief {
    var reason = ""
    if options.method == .automatic || options.method == .exact {
      do {
        var exact = try ConjugateBelief(rounds, cells: cells)
        try exact.check(against: rounds)
        if let state { try exact.restore(state) }
        return exact
      } catch let refusal as ConjugateReader.Refusal {
        if options.method == .exact {
          throw BeliefError.noPosterior("there is no closed form: \(refusal.reason)")
        }
        reason = "; there is no closed form, since \(refusal.reason)"
      }
    }
    return try SampledBelief(
      values: rounds, coordinates: try coordinateRounds(), cells: cells, options: options,
      reason: reason, restoring: state)
  }
}

extension ConjugateBelief {
  /// Compares the closed form with the model's own density after some rewards, at several places.
  ///
  /// - Throws: `ConjugateReader.Refusal` where they differ by more than rounding.
  func check(against rounds: [TracedRound]) throws {
    var belief = self
    var stream = RandomStream(seed: 1, chain: 0, purpose: .simulation, iteration: 0)
    var seen: [(round: TracedRound, context: [Double], reward: Double)] = []
    let truth = drawn(using: &stream)
    for cell in Set([0, rounds.count / 2, rounds.count - 1]).sorted() {
      let round = rounds[cell]
      guard let density = round.terms[0].density else { continue }
      let example = cells.example(cell, contextSize: contextSize).context
      let arm = cells.example(cell, contextSize: contextSize).arm
      let context = cells.isPosition(contextSize).enumerated().map { k, isPosition in
        isPosition ? example[k] : 0.2 + 0.8 * stream.uniform()
      }
      let arguments = Interpreter(round.graph).values(
        of: density.arguments, at: truth + context + [.nan])
      guard
        let reward = density.distribution.draw(arguments, size: 1, using: &stream)?.first,
        (try? belief.observe(arm: arm, reward: reward, context: context)) != nil
      else { continue }
      seen.append((round, context, reward))
    }
    func modelDensity(_ values: [Double]) -> Double {
      let first = rounds[0]
      let priors = Interpreter(first.graph).values(
        of: first.priors.map(\.total), at: values + first.neutralContext + [.nan])
      return priors.reduce(0) { $0 + $1[0] }
        + seen.reduce(0) { sum, item in
          sum
            + Interpreter(item.round.graph).values(
              of: item.round.terms.map(\.total), at: values + item.context + [item.reward]
            ).reduce(0) { $0 + $1[0] }
        }
    }
    let places = (0..<3).map { _ in belief.drawn(using: &stream) }
    let differences = places.map { (modelDensity($0), belief.logDensity($0)) }
    let (model, own) = differences[0]
    for (value, found) in differences.dropFirst() {
      let size = max(1, abs(value), abs(model), abs(found), abs(own))
      guard abs((value - model) - (found - own)) <= 1e-8 * size else {
        throw ConjugateReader.Refusal(
          reason: "its closed form differs from its density, which is an error of this program")
      }
    }
  }
}
