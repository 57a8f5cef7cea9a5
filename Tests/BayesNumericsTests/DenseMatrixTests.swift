import Glibc
import Testing

@testable import BayesNumerics

@Suite struct DenseMatrixTests {
  /// A matrix of independent normals.
  static func random(_ rows: Int, _ columns: Int, seed: UInt64 = 1) -> DenseMatrix {
    var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
    return DenseMatrix(
      rows: rows, columns: columns, values: (0..<rows * columns).map { _ in stream.normal() })
  }

  static func largestDifference(_ a: DenseMatrix, _ b: DenseMatrix) -> Double {
    #expect(a.rows == b.rows && a.columns == b.columns)
    return zip(a.values, b.values).reduce(0) { Swift.max($0, abs($1.0 - $1.1)) }
  }

  @Test("Products agree with the sums that define them")
  func products() {
    let a = Self.random(7, 5)
    let b = Self.random(5, 3, seed: 2)
    let c = a.multiply(b)
    for i in 0..<7 {
      for j in 0..<3 {
        let sum = (0..<5).reduce(0.0) { $0 + a[i, $1] * b[$1, j] }
        #expect(abs(c[i, j] - sum) < 1e-14)
      }
    }
    let v = (0..<5).map { b[$0, 1] }
    for (x, i) in zip(a.multiply(v), 0..<7) { #expect(abs(x - c[i, 1]) < 1e-14) }
    #expect(a.transposed().transposed() == a)
    #expect(a.transposed()[4, 6] == a[6, 4])
    #expect(DenseMatrix(rows: 0, columns: 7).multiply(a) == DenseMatrix(rows: 0, columns: 5))
  }

  @Test(
    "A Cholesky factor rebuilds its matrix, solves its systems and knows its determinant",
    arguments: [1, 2, 9, 16, 17, 70])
  func choleskyFactor(size: Int) throws {
    let root = Self.random(size, size + 3)
    let matrix = root.multiply(root.transposed())
    let lower = try #require(cholesky(matrix))
    for i in 0..<size { for j in 0..<size where j > i { #expect(lower[i, j] == 0) } }
    #expect(
      Self.largestDifference(lower.multiply(lower.transposed()), matrix) < 1e-12 * Double(size))
    let b = (0..<size).map { Double($0) - 2 }
    let x = solveTriangular(lower: lower, solveTriangular(lower: lower, b), transposed: true)
    for (value, expected) in zip(matrix.multiply(x), b) { #expect(abs(value - expected) < 1e-8) }
    let inverse = solveTriangular(lower: lower, DenseMatrix.identity(size))
    #expect(Self.largestDifference(lower.multiply(inverse), .identity(size)) < 1e-9)
    let values = try #require(symmetricEigen(matrix)).values
    let expected = values.reduce(0) { $0 + log($1) }
    #expect(abs(logDeterminant(ofCholesky: lower) - expected) < 1e-8)
  }

  @Test("A matrix that is not positive definite has no Cholesky factor")
  func indefinite() {
    #expect(cholesky(DenseMatrix(rows: 2, columns: 2, values: [1, 2, 2, 1])) == nil)
    #expect(cholesky(DenseMatrix(rows: 2, columns: 2, values: [1, 0, .nan, 1])) == nil)
    #expect(cholesky(DenseMatrix(rows: 1, columns: 1, values: [.infinity])) == nil)
    #expect(cholesky(DenseMatrix(rows: 1, columns: 1, values: [0])) == nil)
    #expect(symmetricEigen(DenseMatrix(rows: 1, columns: 1, values: [.nan])) == nil)
  }

  @Test("Eigenvectors diagonalise their matrix and are orthonormal", arguments: [1, 3, 10, 16, 40])
  func eigen(size: Int) throws {
    let half = Self.random(size, size)
    let matrix = DenseMatrix(
      rows: size, columns: size,
      values: zip(half.values, half.transposed().values).map { $0 + $1 })
    let (values, vectors) = try #require(symmetricEigen(matrix))
    #expect(values == values.sorted())
    var scaled = vectors
    for i in 0..<size { for j in 0..<size { scaled[i, j] *= values[j] } }
    #expect(Self.largestDifference(matrix.multiply(vectors), scaled) < 1e-12 * Double(size))
    #expect(
      Self.largestDifference(vectors.transposed().multiply(vectors), .identity(size)) < 1e-13
        * Double(size))
  }

  @Test(
    "The triangular factor has the matrix's cross products, whatever its shape",
    arguments: [(1, 1), (1, 4), (3, 5), (5, 5), (50, 7), (20_000, 30), (9000, 1), (400, 200)])
  func triangularFactor(rows: Int, columns: Int) {
    let matrix = Self.random(rows, columns)
    let factor = qrFactor(matrix)
    #expect(factor.rows == Swift.min(rows, columns) && factor.columns == columns)
    for i in 0..<factor.rows {
      #expect(factor[i, i] >= 0)
      for j in 0..<i { #expect(factor[i, j] == 0) }
    }
    let difference = Self.largestDifference(
      factor.transposed().multiply(factor), matrix.transposed().multiply(matrix))
    #expect(difference < 1e-14 * Double(rows + 100))
  }

  @Test("Least squares recovers coefficients and the residual", arguments: [5, 6, 100, 5000])
  func leastSquares(rows: Int) {
    let x = Self.random(rows, 4)
    let truth: [Double] = [1, -2, 0.5, 1e3]
    let residual = (0..<rows).map { sin(Double($0)) }
    let y = zip(x.multiply(truth), residual).map { $0 + $1 }
    let design = (0..<4).map { j in (0..<rows).map { x[$0, j] } }
    let result = leastSquaresFactor(design: design, response: y)
    #expect(result.rank == 4)
    // The residual is orthogonal to the design.
    let left = zip(y, x.multiply(result.coefficients)).map { $0 - $1 }
    for column in design {
      #expect(abs(zip(column, left).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-9 * Double(rows))
    }
    let squares = left.reduce(0) { $0 + $1 * $1 }
    #expect(abs(result.residualSumOfSquares - squares) <= 1e-11 * (1 + squares))
    // The identity that the factor is for, at another vector of coefficients.
    let shift = result.R.multiply([0.3, 0.1, -2, 1])
    let other = zip(result.coefficients, [0.3, 0.1, -2, 1]).map { $0 + $1 }
    let direct = zip(y, x.multiply(other)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let identity = shift.reduce(squares) { $0 + $1 * $1 }
    #expect(abs(direct - identity) <= 1e-11 * (1 + direct))
  }

  @Test("Dependent, constant zero and surplus columns lower the rank and nothing else")
  func rankDeficient() {
    let first = (0..<50).map { 1e6 * cos(Double($0)) }
    let second = (0..<50).map { 1e-6 * Double($0 * $0 % 17) }
    let both = zip(first, second).map { 1e-3 * $0 + 1e6 * $1 }
    let y = zip(first, second).map { 3e-6 * $0 + 2e6 * $1 }
    let zero = [Double](repeating: 0, count: 50)
    let result = leastSquaresFactor(design: [first, second, zero, both], response: y)
    #expect(result.rank == 2)
    #expect(result.residualSumOfSquares < 1e-18)
    #expect(result.coefficients.allSatisfy { $0.isFinite } && result.coefficients[2] == 0)
    let short = leastSquaresFactor(design: [[1], [2], [3]], response: [6])
    #expect(short.rank == 1 && short.R.rows == 1 && short.residualSumOfSquares < 1e-28)
    let none = leastSquaresFactor(design: [], response: [3, 4])
    #expect(none.rank == 0 && abs(none.residualSumOfSquares - 25) < 1e-13)
    let bad = leastSquaresFactor(design: [[1, .nan]], response: [1, 2])
    #expect(bad.rank == 0 && bad.coefficients[0].isNaN)
  }

  @Test("The BLAS of the process is OpenBLAS's, not the reference that GSL brings along")
  func symbolsOfOpenBLAS() throws {
    setBLASThreads(1)
    let symbol = try #require(dlsym(nil, "cblas_ddot"))
    let library = try #require(mappedFile(holding: UInt(bitPattern: symbol)))
    #expect(library.contains("libopenblas"), "cblas_ddot comes from \(library)")
  }

  /// The file that is mapped at an address of this process; what `dladdr`, which Glibc does not show
  /// to Swift, would say.
  private func mappedFile(holding address: UInt) -> String? {
    guard let file = fopen("/proc/self/maps", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 8192)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let fields = text.split(whereSeparator: { " \n".contains($0) })
      let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      if ends.count == 2, (ends[0]..<ends[1]).contains(address) {
        return fields.last.map(String.init)
      }
    }
    return nil
  }
}
