// The quadrature of a model against the engine's own sampler.

import BayesEngine
import BayesLanguage
import Testing

@testable import BayesCalibration

@Suite struct SamplerTests {
  @Test("Draws of the line have the means and deviations of its quadrature")
  func platt() throws {
    let data = try calibrated(80, seed: 71)
    let line = try BayesianPlatt(fittedTo: data)
    let model = PlattModel(data, try LinePrior())
    let fit = try model.sample(seed: 4, chains: 2, warmup: 500, draws: 2000)
    for (draws, moments) in [
      (fit[model.$slope], line.slope), (fit[model.$intercept], line.intercept),
    ] {
      let all = draws.flatMap { $0 }
      let mean = all.reduce(0, +) / Double(all.count)
      let squares = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(all.count)).squareRoot()
      // At least a thousand of the 4 000 draws count as independent.
      #expect(abs(mean - moments.mean) < 5 * deviation / 1000.0.squareRoot())
      #expect(abs(deviation / moments.standardDeviation - 1) < 5 / 1000.0.squareRoot())
    }
  }
}
