import Testing
@testable import BayesGraph
import BayesNumerics

@Suite("Gradient") struct GradientTests {
  @Test("gradient of a small regression agrees with finite differences") func small() {
    let b = GraphBuilder()
    let x = b.data([1, 2, 3, 4], shape: .vector(4))
    let y = b.data([2, 1, 4, 3], shape: .vector(4))
    let q = b.position(offset: 0, shape: .vector(2))
    let s = b.position(offset: 2, shape: .scalar).exponential
    let mu = q.element(0) + q.element(1) * x
    let z = (y - mu) / s
    let density = (-0.5 * z.squared - s.logarithm).sum
    let gradient = b.gradient(of: density)
    let interpreter = Interpreter(b.graph)
    let at = [0.3, -0.2, 0.4]
    for g in gradient {
      let value = interpreter.values(of: [g.node], at: at)[0]
      for (k, v) in value.enumerated() {
        var up = at, down = at
        up[g.offset + k] += 1e-6
        down[g.offset + k] -= 1e-6
        let fd = (interpreter.values(of: [density.id], at: up)[0][0]
          - interpreter.values(of: [density.id], at: down)[0][0]) / 2e-6
        #expect(abs(fd - v) < 1e-6 * (1 + abs(v)))
      }
    }
  }
}
