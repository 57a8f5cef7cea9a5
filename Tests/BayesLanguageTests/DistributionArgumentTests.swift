// What distributions refuse: arguments, shapes and data.

import BayesGraph
import Testing

@testable import BayesLanguage

@Suite("Refused arguments and values")
struct DistributionArgumentTests {
  @Test("Every row of the invalid table is refused", arguments: DensityRow.all("invalid"))
  func invalid(_ row: DensityRow) {
    let builder = GraphBuilder()
    let tensors = row.refusedTensors(in: builder)
    let distribution = row.subject
    let mistakes = distribution.argumentMistakes(tensors, shape: row.value.shape)
    if row.json["kind"]?.string == "argument" {
      #expect(!mistakes.isEmpty)
    } else {
      #expect(mistakes.isEmpty, "\(mistakes)")
      let support = distribution.support(tensors)
      #expect(support.firstViolation(of: row.value.values, shape: row.value.shape) != nil)
    }
  }

  @Test(
    "Every row of the value table is accepted",
    arguments: DensityRow.all("rows") + DensityRow.all("edges"))
  func valid(_ row: DensityRow) {
    let builder = GraphBuilder()
    let tensors = row.refusedTensors(in: builder)
    let mistakes = row.subject.argumentMistakes(tensors, shape: row.value.shape)
    #expect(mistakes.isEmpty, "\(mistakes)")
    let support = row.subject.support(tensors)
    #expect(support.firstViolation(of: row.value.values, shape: row.value.shape) == nil)
  }

  @Test("A message names the argument, the element from 1, what was found and what was expected")
  func message() {
    let builder = GraphBuilder()
    let scale = builder.data([1, 2, -0.5], shape: .vector(3))
    let mistakes = Normal(0, 1).argumentMistakes(
      [builder.constant(0), scale], shape: .vector(3))
    #expect(mistakes == ["element 3 of scale of Normal is -0.5; expected positive and finite"])
  }

  @Test("A shape that fits neither a scalar nor the left side is refused")
  func shapes() {
    let builder = GraphBuilder()
    let mistakes = Normal(0, 1).argumentMistakes(
      [builder.data([1, 2], shape: .vector(2)), builder.constant(1)], shape: .vector(3))
    #expect(mistakes.count == 1 && mistakes[0].contains("vector[2]"))
  }

  @Test("Mixtures refuse components of different events and scalar weights that do not sum to 1")
  func mixtures() {
    let builder = GraphBuilder()
    let one = builder.constant(1)
    let half = builder.constant(0.5)
    #expect(
      Mixture([0.5, 0.5], Normal(0, 1), Poisson(1)).conflict(
        [half, half, one, one, one], shape: .scalar)?
        .contains("same kind") == true)
    #expect(
      Mixture([0.5, 0.5], Normal(0, 1), Normal(0, 1)).conflict(
        [half, one, one, one, one, one], shape: .scalar)?.contains("add up to 1.5") == true)
  }

  @Test("Arguments that depend on parameters are not judged")
  func parameters() {
    let builder = GraphBuilder()
    let scale = builder.position(offset: 0, shape: .scalar)
    #expect(Normal(0, 1).argumentMistakes([builder.constant(0), scale], shape: .scalar).isEmpty)
    #expect(Uniform(0, 1).argumentMistakes([builder.constant(9), scale], shape: .scalar).isEmpty)
  }
}

extension DensityRow {
  /// All arguments as data; a mixture whose lists differ in length keeps its number of components.
  func refusedTensors(in builder: GraphBuilder) -> [Tensor] {
    tensors { _, value in builder.data(value.values, shape: value.shape) }
  }
}
