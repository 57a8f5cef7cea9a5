// Reverse-mode derivatives of matrix products, Cholesky factors and triangular solves.

extension ReverseSweep {
  mutating func propagateLinearAlgebra(
    _ op: Op, _ inputs: [Tensor], _ y: Tensor, _ g: Tensor
  ) {
    let a = inputs[0]
    switch op {
    case .matrixVector(let transposed):
      let x = inputs[1]
      if isActive(a) { add(gatedWhole(transposed ? x.outer(g) : g.outer(x)), to: a, of: a.shape) }
      if isActive(x) {
        add(gatedWhole(a.times(vector: g, transposed: !transposed)), to: x, of: x.shape)
      }
    case .matrixMatrix(let left, let right):
      let b = inputs[1]
      if isActive(a) {
        add(
          gatedWhole(
            left
              ? b.times(matrix: g, transposedLeft: right, transposedRight: true)
              : g.times(matrix: b, transposedRight: !right)), to: a, of: a.shape)
      }
      if isActive(b) {
        add(
          gatedWhole(
            right
              ? g.times(matrix: a, transposedLeft: true, transposedRight: left)
              : a.times(matrix: g, transposedLeft: !left)), to: b, of: b.shape)
      }
    case .outer:
      let b = inputs[1]
      if isActive(a) { add(gatedWhole(g.times(vector: b)), to: a, of: a.shape) }
      if isActive(b) {
        add(gatedWhole(g.times(vector: a, transposed: true)), to: b, of: b.shape)
      }
    case .cholesky:
      // Ā = ½ (S + Sᵀ), S = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹, Φ = lower triangle with a halved diagonal.
      // Reference: Murray 2016, "Differentiation of the Cholesky decomposition", arXiv 1602.07527.
      let phi = lowerTriangle(
        y.times(matrix: lowerTriangle(g, diagonal: 1), transposedLeft: true), diagonal: 0.5)
      let left = y.solve(phi, transposed: true)
      let both = y.solve(left.transposed, transposed: true)
      add(gatedWhole(0.5 * (both + both.transposed)), to: a, of: a.shape)
    case .triangularSolve(let transposed):
      let b = inputs[1]
      let back = a.solve(g, transposed: !transposed)
      add(gatedWhole(back), to: b, of: b.shape)
      if isActive(a) {
        let (u, v) = transposed ? (y, back) : (back, y)
        let product = u.shape.rank == 1 ? u.outer(v) : u.times(matrix: v, transposedRight: true)
        add(gatedWhole(-lowerTriangle(product, diagonal: 1)), to: a, of: a.shape)
      }
    default: preconditionFailure("not a linear-algebra op")
    }
  }

  /// The lower triangle with its diagonal scaled, zeros above.
  func lowerTriangle(_ x: Tensor, diagonal: Double) -> Tensor {
    x.lowerTriangle(diagonal: diagonal)
  }
}

extension Tensor {
  /// The lower triangle of a square matrix with its diagonal scaled, zeros above.
  func lowerTriangle(diagonal: Double) -> Tensor {
    let n = shape.rows
    let mask = (0..<(n * n)).map { place -> Double in
      let (i, j) = (place / n, place % n)
      return i > j ? 1 : (i == j ? diagonal : 0)
    }
    return self * builder.data(mask, shape: shape)
  }
}
