import BayesCore
import BayesNumerics
import Glibc
import Testing
@testable import BayesInference

@Suite("Scratch")
struct Scratch {
  @Test func compare() throws {
    func report(_ name: String, _ problem: any EMProblem, _ restarts: Int = 3) throws {
      for accelerates in [false, true] {
        var s = EMSettings(); s.restarts = restarts; s.accelerates = accelerates; s.maxIterations = 200_000
        let run = try expectationMaximisation(problem, settings: s)
        for r in run.restarts { print(name, accelerates, r.index, r.iterations, r.objective, r.extrapolations, r.rejections, r.outcome) }
      }
    }
    try report("hmm", HiddenChain.example, 1)
    var g = RandomStream(seed: 3, chain: 0, purpose: .test, iteration: 0)
    let near = (0..<1000).map { _ in g.normal() + (g.uniform() < 0.4 ? 2.0 : 0) }
    try report("1d overlap", GaussianMixture(rows: near, columns: 1, components: 2, seed: 1))
    try report("1d overlap3", GaussianMixture(rows: near, columns: 1, components: 3, seed: 1), 5)
    let counts = (0..<2000).map { _ in g.poisson(mean: g.uniform() < 0.3 ? 5 : 2.5) }
    try report("poisson", PoissonMixture(counts: counts, components: 2, seed: 1))
    try report("poisson3", PoissonMixture(counts: counts, components: 3, seed: 1))
  }
}
