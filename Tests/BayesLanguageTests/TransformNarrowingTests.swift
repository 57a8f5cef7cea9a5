// Narrowing: which supports meet in which, and what that does to a density.

import BayesGraph
import Testing

@testable import BayesLanguage

@Suite("Narrowed supports")
struct TransformNarrowingTests {
  let builder = GraphBuilder()

  func support(_ distribution: some Distribution, _ arguments: [Double] = []) -> String {
    distribution.support(arguments.map { builder.constant($0) }).description
  }

  @Test("Supports intersect")
  func intersections() {
    #expect(support(Normal(0, 1).positive, [0, 1, 0]) == "positive")
    #expect(support(Normal(0, 1).negative, [0, 1, 0]) == "negative")
    #expect(support(Flat().bounded(0, 1), [0, 1]) == "between 0 and 1")
    #expect(support(Flat().lower(2), [2]) == "above 2")
    #expect(support(Flat().upper(2), [2]) == "below 2")
    #expect(support(Beta(1, 1).lower(0.5), [1, 1, 0.5]) == "between 0.5 and 1")
    #expect(support(Gamma(shape: 1, rate: 1).upper(3), [1, 1, 3]) == "between 0 and 3")
    #expect(support(Gamma(shape: 1, rate: 1).lower(-3), [1, 1, -3]) == "positive")
    #expect(support(Flat().lower(-Double.infinity), [-.infinity]) == "real")
    #expect(support(Normal(0, 1).ordered(), [0, 1]) == "ordered")
    #expect(support(Normal(0, 1).positive.ordered(), [0, 1, 0]) == "positive and ordered")
    #expect(support(Normal(0, 1).ordered().positive, [0, 1, 0]) == "positive and ordered")
    #expect(support(HalfNormal(1).ordered(), [1]) == "positive and ordered")
    #expect(support(Gamma(shape: 1, rate: 1).simplex(), [1, 1]) == "simplex")
    #expect(support(Normal(0, 1).sumToZero(), [0, 1]) == "sum to zero")
    #expect(support(Flat().unitVector()) == "unit vector")
    #expect(support(Flat().narrowed(.covariance)) == "covariance matrix")
  }

  @Test("What cannot be intersected is said in words")
  func impossible() {
    func conflict(_ distribution: some Distribution, _ arguments: [Double], _ shape: Shape)
      -> String
    {
      distribution.conflict(arguments.map { builder.constant($0) }, shape: shape) ?? ""
    }
    #expect(
      conflict(Dirichlet(1).ordered(), [1], .vector(3)).contains("the support is simplex"))
    #expect(conflict(Poisson(1).positive, [1, 0], .scalar).contains("cannot be narrowed"))
    #expect(conflict(Normal(0, 1).bounded(2, 1), [0, 1, 2, 1], .scalar).contains("not below"))
    #expect(conflict(Beta(1, 1).lower(2), [1, 1, 2], .scalar).contains("nothing lies between"))
    #expect(conflict(Normal(0, 1).ordered(), [0, 1], .scalar).contains("expected a vector"))
    #expect(conflict(Normal(0, 1).positive, [0, 1, 0], .vector(3)) == "")
  }

  @Test("A narrowed density is not renormalised")
  func density() {
    let arguments = [0, 1, 0].map { builder.constant(Double($0)) }
    let x = builder.data([0.5, 1.5], shape: .vector(2))
    let narrowed = Normal(0, 1).positive.logDensity(x, arguments)
    #expect(narrowed.dataValues == Normal(0, 1).logDensity(x, arguments).dataValues)
    let ordered = Normal(0, 1).ordered().logDensity(x, arguments)
    #expect(ordered.shape.isScalar)
    #expect(abs(ordered.dataValues![0] - narrowed.dataValues!.reduce(0, +)) < 1e-15)
    #expect(Normal(0, 1).ordered().event == .vector && Normal(0, 1).positive.event == .real)
  }

  @Test("A stated support lists its bounds' terms")
  func bounds() {
    #expect(SupportNarrowing.positive.bounds.count == 1)
    #expect(SupportNarrowing.bounded(0, 1).bounds.count == 2)
    #expect(SupportNarrowing.lower(0.5).bounds.count == 1)
    #expect(SupportNarrowing.ordered.bounds.isEmpty)
  }

  @Test("Of two bounds on one side the tighter holds, also when one is a parameter")
  func parameterBounds() throws {
    let bound = builder.position(offset: 0, shape: .scalar)
    let zero = builder.constant(0)
    let support = try SupportNarrowing.positive.narrowed(.lower(bound), bounds: [zero])
    guard case .lower(let tighter) = support else {
      Issue.record("not a lower bound")
      return
    }
    let interpreter = Interpreter(builder.graph)
    #expect(interpreter.values(of: [tighter.id], at: [2])[0] == [2])
    #expect(interpreter.values(of: [tighter.id], at: [-2])[0] == [0])
  }
}
