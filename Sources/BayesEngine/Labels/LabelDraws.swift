// Joint draws of discrete unknowns, one for each posterior draw of the continuous ones.

public import BayesCompiler
public import BayesCore
import BayesGraph
import BayesInference
import BayesLanguage
import BayesNumerics

/// Draws of a discrete unknown's labels from the posterior, jointly with those of all other unknowns.
public struct LabelDraws: Sendable, Equatable {
  /// The unknown and the axis that it lies over.
  public let variable: Variable
  /// The labels it can have.
  public let labels: Dimension
  /// The recorded draws that there are labels for, counted from 0; the same in all chains.
  public let draws: [Int]
  /// By chain, draw after draw, in each a label for every position, counted from 0.
  public let chains: [[Int32]]

  /// The labels of one draw; `draw` counts those in `draws`.
  public subscript(chain: Int, draw: Int) -> ArraySlice<Int32> {
    let count = variable.count
    return chains[chain][(draw * count)..<((draw + 1) * count)]
  }
}

extension CompiledModel {
  /// Draws the labels of all discrete unknowns, once for each posterior draw of the parameters.
  ///
  /// Labels that depend on each other are drawn jointly, a Markov chain's path by forward filtering and
  /// backward sampling (`HiddenChain.draw`). What a draw's labels are depends on the fit's seed, its chain and its
  /// number only, not on threads or on `thinning`. Where the fit's draws were relabelled, so are these. The probabilities in `Fit.labels` are more precise than
  /// frequencies of draws; draws are for what depends on several labels together.
  ///
  /// - Parameters:
  ///   - fit: a fit of this model.
  ///   - thinning: every how many draws labels are drawn, from the first draw on.
  /// - Returns: one element for each discrete unknown, in the order of `Fit.labels`.
  /// - Precondition: the fit is of a model of this dimension, and `thinning` is positive.
  public func labelDraws(
    of fit: Fit, every thinning: Int = 1, kernelSettings: KernelSettings = KernelSettings()
  ) throws -> [LabelDraws] {
    precondition(thinning > 0, "every how many draws")
    precondition(fit.run.dimension == traced.dimension, "the fit is of another model")
    guard !traced.latents.isEmpty else { return [] }
    let sampler = LabelSampler(traced.latentBlocks, traced.graph)
    let builder = GraphBuilder(traced.graph)
    let zero = builder.constant(0).id
    let kernel = try Kernel(
      graph: builder.graph, dimension: traced.dimension, logDensity: zero, outputs: sampler.nodes,
      settings: kernelSettings)
    let draws = Array(stride(from: 0, to: fit.draws.drawCount, by: thinning))
    let (latents, dimension, run) = (traced.latents, traced.dimension, fit.run)
    let chains = try parallelMap(count: run.chains.count, threads: run.settings.threads) { chain in
      let evaluator = kernel.makeKernelEvaluator()
      var outputs = [Double](repeating: 0, count: kernel.outputCount)
      var labels = latents.map { [Int32](repeating: 0, count: $0.variable.count) }
      var recorded = labels.map { _ in [Int32]() }
      for draw in draws {
        withPointer(run.chains[chain].positions) { positions in
          outputs.withUnsafeMutableBufferPointer {
            evaluator.outputs(at: positions + draw * dimension, into: $0.baseAddress!)
          }
        }
        var stream = RandomStream(
          seed: run.settings.seed, chain: run.chains[chain].chain, purpose: .labels,
          iteration: draw)
        sampler.draw(outputs, into: &labels, using: &stream)
        for relabelling in fit.relabellings {
          let numbers = relabelling.newNumbers(chain: chain, draw: draw)
          for latent in latents.indices where latents[latent].labels.name == relabelling.axis {
            for row in labels[latent].indices {
              labels[latent][row] = Int32(numbers[Int(labels[latent][row])])
            }
          }
        }
        for latent in labels.indices { recorded[latent] += labels[latent] }
      }
      return recorded
    }
    return latents.indices.map { latent in
      LabelDraws(
        variable: latents[latent].variable, labels: latents[latent].labels, draws: draws,
        chains: chains.map { $0[latent] })
    }
  }
}

extension [LabelDraws] {
  /// The draws of one unknown by its name.
  public subscript(name: String) -> LabelDraws? { first { $0.variable.name == name } }
}
