// The constant arrays a kernel reads, and how the C text refers to them.

internal import BayesGraph

/// Collects data arrays, packed matrices and index arrays while a kernel is rendered.
///
/// Short arrays stand in the C text itself, so that clang can fold and unroll with them; long ones
/// are passed by pointer, so that the text (and its hash) stays small.
struct DataTable {
  /// How a matrix is laid out for a loop over its rows: blocks of rows, each column-major.
  private struct Packing: Hashable {
    let array: Int
    let rows: Int
    let columns: Int
    let isTransposed: Bool
    let block: Int
  }

  private(set) var doubles: [[Double]] = []
  private(set) var integers: [[Int32]] = []
  /// C definitions of the arrays that stand in the text.
  private(set) var definitions = ""
  private var names: [Int: String] = [:]
  private var indexNames: [Int: String] = [:]
  private var matrixNames: [Packing: String] = [:]

  /// Arrays up to this length stand in the text.
  static let inlineLimit = 64

  /// The C name of a data array, row-major as the graph holds it.
  mutating func array(_ id: Int, _ graph: Graph) -> String {
    if let name = names[id] { return name }
    let name = add(graph.arrays[id], "d\(id)")
    names[id] = name
    return name
  }

  /// The C name of an index array.
  mutating func indices(_ id: Int, _ graph: Graph) -> String {
    if let name = indexNames[id] { return name }
    let values = graph.indexArrays[id]
    let name: String
    if values.count <= Self.inlineLimit {
      name = "i\(id)"
      definitions +=
        "static const int \(name)[] = {\(values.map(String.init).joined(separator: ", "))};\n"
    } else {
      name = "x->integers[\(integers.count)]"
      integers.append(values)
    }
    indexNames[id] = name
    return name
  }

  /// The C name of op(A), packed: element (i, k) at (i / block)·block·columns + k·block + i % block,
  /// the last block padded with zeros.
  mutating func packed(
    _ array: Int, rows: Int, columns: Int, isTransposed: Bool, block: Int, _ graph: Graph
  ) -> String {
    let key = Packing(
      array: array, rows: rows, columns: columns, isTransposed: isTransposed, block: block)
    if let name = matrixNames[key] { return name }
    let source = graph.arrays[array]
    let blocks = (rows + block - 1) / block
    var values = [Double](repeating: 0, count: blocks * block * columns)
    for i in 0..<rows {
      let start = (i / block) * block * columns + i % block
      for k in 0..<columns {
        values[start + k * block] = isTransposed ? source[k * rows + i] : source[i * columns + k]
      }
    }
    let name = add(values, "m\(matrixNames.count)")
    matrixNames[key] = name
    return name
  }

  private mutating func add(_ values: [Double], _ inlineName: String) -> String {
    if values.count <= Self.inlineLimit {
      definitions +=
        "static const double \(inlineName)[] = {"
        + values.map(literal).joined(separator: ", ") + "};\n"
      return inlineName
    }
    doubles.append(values)
    return "x->doubles[\(doubles.count - 1)]"
  }
}

/// A number as C text that reads back to the same bits.
func literal(_ value: Double) -> String {
  if value.isNaN { return "__builtin_nan(\"\")" }
  if value.isInfinite { return value > 0 ? "__builtin_inf()" : "(-__builtin_inf())" }
  return value.sign == .minus ? "(\(value))" : "\(value)"
}
