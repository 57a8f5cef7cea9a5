// Quadratic forms and moments of the rows of data: their meaning, terms and derivatives.

extension Interpreter {
  /// `rowQuadratic` and `rowMoments`, row by row.
  func evaluateRows(_ node: Node, _ inputs: [[Double]]) -> [Double] {
    let x = graph[node.inputs[0]].shape
    let (d, data, mean) = (x.columns, inputs[0], inputs[1])
    var row = [Double](repeating: 0, count: d)
    guard case .rowQuadratic(let isTriangular) = node.op else {
      var sums = [Double](repeating: 0, count: d + d * d)
      for n in 0..<x.rows {
        let weight = inputs[2][n]
        for i in 0..<d { row[i] = data[n * d + i] - mean[i] }
        for i in 0..<d {
          let weighted = weight * row[i]
          sums[i] += weighted
          for j in 0..<d { sums[d + i * d + j] += weighted * row[j] }
        }
      }
      return sums
    }
    let w = inputs[2]
    let height = graph[node.inputs[2]].shape.rows
    var result = [Double](repeating: 0, count: x.rows)
    for n in 0..<x.rows {
      for i in 0..<d { row[i] = data[n * d + i] - mean[i] }
      for i in 0..<height {
        var z = 0.0
        for j in 0..<(isTriangular ? min(i + 1, d) : d) { z += w[i * d + j] * row[j] }
        result[n] += z * z
      }
    }
    return result
  }

  /// The sums of the absolute values of the terms, by the rules for differences, products and sums:
  /// T(a − b) = T(a) + T(b), T(a b) = T(a) |b| + |a| T(b) − |a b|.
  func rowTermSums(_ node: Node, _ values: [[Double]], _ sums: [[Double]]) -> [Double] {
    let x = graph[node.inputs[0]].shape
    let (d, data, mean) = (x.columns, values[0], values[1])
    // |x_n − m| and its terms.
    var row = [Double](repeating: 0, count: d)
    var terms = row
    func centre(_ n: Int) {
      for i in 0..<d {
        row[i] = (data[n * d + i] - mean[i]).magnitude
        terms[i] = data[n * d + i].magnitude + sums[1][i]
      }
    }
    guard case .rowQuadratic(let isTriangular) = node.op else {
      var total = [Double](repeating: 0, count: d + d * d)
      for n in 0..<x.rows {
        centre(n)
        let (weight, weightTerms) = (values[2][n].magnitude, sums[2][n])
        for i in 0..<d {
          let product = weight * row[i]
          let own = weightTerms * row[i] + weight * terms[i] - product
          total[i] += own
          for j in 0..<d {
            total[d + i * d + j] += own * row[j] + product * terms[j] - product * row[j]
          }
        }
      }
      return total
    }
    let (w, wTerms) = (values[2], sums[2])
    let height = graph[node.inputs[2]].shape.rows
    var result = [Double](repeating: 0, count: x.rows)
    for n in 0..<x.rows {
      centre(n)
      for i in 0..<height {
        var (z, zTerms) = (0.0, 0.0)
        for j in 0..<(isTriangular ? min(i + 1, d) : d) {
          let k = i * d + j
          z += w[k] * (data[n * d + j] - mean[j])
          zTerms += wTerms[k] * row[j] + w[k].magnitude * (terms[j] - row[j])
        }
        result[n] += 2 * zTerms * z.magnitude - z * z
      }
    }
    return result
  }
}

extension ReverseSweep {
  /// The adjoints of `rowQuadratic` and `rowMoments`; their data take none.
  ///
  /// With q_n = ‖W d_n‖², d_n = x_n − m, and s = Σ g_n d_n, S = Σ g_n d_n d_nᵀ, which one `rowMoments`
  /// yields: Σ g_n ∂q_n/∂m = −2 WᵀW s and Σ g_n ∂q_n/∂W = 2 W S. The derivatives of the moments are
  /// products of matrices of as many rows as there are data, which only second derivatives need.
  mutating func propagateRows(_ op: Op, _ inputs: [Tensor], _ y: Tensor, _ g: Tensor) {
    let (x, mean, other) = (inputs[0], inputs[1], inputs[2])
    let d = x.shape.columns
    if case .rowQuadratic(let isTriangular) = op {
      let moments = builder.rowMoments(x, mean: mean, weights: g)
      let weight = isTriangular ? lowerTriangle(other, diagonal: 1) : other
      if isActive(mean) {
        let image = weight.times(vector: moments.slice(0..<d))
        add(
          gatedWhole(-2 * weight.times(vector: image, transposed: true)), to: mean, of: mean.shape)
      }
      if isActive(other) {
        let square = moments.slice(Stride(start: d, count: d * d), shape: .matrix(d, d))
        let product = 2 * weight.times(matrix: square)
        let part = isTriangular ? lowerTriangle(product, diagonal: 1) : product
        add(gatedWhole(part), to: other, of: other.shape)
      }
      return
    }
    let a = g.slice(0..<d)
    let b = g.slice(Stride(start: d, count: d * d), shape: .matrix(d, d))
    if isActive(mean) {
      let sums = y.slice(0..<d)
      let part = other.sum * a + (b + b.transposed).times(vector: sums)
      add(gatedWhole(-part), to: mean, of: mean.shape)
    }
    if isActive(other) {
      let centred = x - builder.spreadRows(mean, rows: x.shape.rows)
      let quadratic = builder.rowSums(centred.times(matrix: b) * centred)
      add(gatedWhole(centred.times(vector: a) + quadratic), to: other, of: other.shape)
    }
  }
}

extension Tensor {
  /// ‖W (x_n − m)‖² for each row x_n of this data matrix.
  public func rowQuadratic(mean: Tensor, weight: Tensor, isTriangular: Bool) -> Tensor {
    builder.rowQuadratic(self, mean: mean, weight: weight, isTriangular: isTriangular)
  }
}

extension Tensor {
  /// The vector that every row of this matrix repeats, where the graph shows that: a scalar filled in, or
  /// a vector gathered row after row.
  public var repeatedRow: Tensor? {
    guard shape.rank == 2, shape.rows > 0, shape.columns > 0 else { return nil }
    let width = shape.columns
    if let scalar = filledScalar { return builder.fill(scalar, .vector(width)) }
    guard case .gather(let index) = node.op else { return nil }
    let places = builder.graph.indexArrays[index]
    guard (width..<max(width, places.count)).allSatisfy({ places[$0] == places[$0 - width] })
    else { return nil }
    let first = places[..<width].map(Int.init)
    let source = input(0)
    if source.shape.count == width, first == Array(0..<width) {
      return source.reshaped(.vector(width))
    }
    return source.gathered(first)
  }

  /// The sum of each row of a matrix.
  ///
  /// A few columns are added one to the other, which stays inside a fused loop over the rows; many are a
  /// product with ones.
  public var rowTotals: Tensor {
    let (rows, columns) = (shape.rows, shape.columns)
    if columns > 16 {
      return times(
        vector: builder.data([Double](repeating: 1, count: columns), shape: .vector(columns)))
    }
    return (0..<columns).reduce(builder.fill(builder.constant(0), .vector(rows))) {
      $0 + slice(Stride(start: $1, count: rows, step: columns))
    }
  }

  /// The sum of each column of a matrix.
  public var columnTotals: Tensor {
    let (rows, columns) = (shape.rows, shape.columns)
    if rows > 16 {
      let ones = builder.data([Double](repeating: 1, count: rows), shape: .vector(rows))
      return times(vector: ones, transposed: true)
    }
    return (0..<rows).reduce(builder.fill(builder.constant(0), .vector(columns))) {
      $0 + slice(Stride(start: $1 * columns, count: columns))
    }
  }
}
