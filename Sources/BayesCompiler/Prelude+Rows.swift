// The C functions of quadratic forms and moments of rows, eight rows in a register.

internal import BayesGraph

extension Prelude {
  /// The functions that a graph's row ops call, one for each number of columns.
  static func rowFunctions(of graph: Graph) -> String {
    var quadratics: Set<RowQuadraticText> = []
    var moments: Set<Int> = []
    for node in graph.nodes {
      switch node.op {
      case .rowQuadratic: quadratics.insert(RowQuadraticText(node, graph))
      case .rowMoments: moments.insert(graph[node.inputs[1]].shape.count)
      default: break
      }
    }
    if quadratics.isEmpty, moments.isEmpty { return "" }
    return rows + quadratics.sorted { $0.name < $1.name }.map(\.text).joined()
      + (moments.isEmpty ? "" : momentTiles)
      + moments.sorted().map(RowMomentsText.text).joined()
  }

  /// Registers of eight rows, and the ops on a few rows as plain loops.
  private static let rows = #"""
    typedef double b_wide __attribute__((ext_vector_type(8)));
    typedef b_wide b_loose __attribute__((aligned(8)));
    B_INLINE b_wide b_load(const double *p) { return *(const b_loose *)p; }
    B_INLINE void b_store(double *p, b_wide v) { *(b_loose *)p = v; }
    B_INLINE double b_total(const double *p) {
      return ((p[0] + p[4]) + (p[1] + p[5])) + ((p[2] + p[6]) + (p[3] + p[7]));
    }
    static __attribute__((unused)) void b_row_quadratic(const double *x, long n, long d, const double *m, const double *w, long p, int triangular, double *y) {
      for (long k = 0; k < n; k++) {
        double q = 0;
        for (long i = 0; i < p; i++) {
          double z = 0;
          for (long j = 0; j < (triangular ? i + 1 : d); j++) z += w[i * d + j] * (x[k * d + j] - m[j]);
          q += z * z;
        }
        y[k] = q;
      }
    }
    static __attribute__((unused)) void b_row_moments(const double *x, long n, long d, const double *m, const double *g, double *y) {
      for (long i = 0; i < d + d * d; i++) y[i] = 0;
      for (long k = 0; k < n; k++) for (long i = 0; i < d; i++) {
        const double v = g[k] * (x[k * d + i] - m[i]);
        y[i] += v;
        for (long j = 0; j < d; j++) y[d + i * d + j] += v * (x[k * d + j] - m[j]);
      }
    }

    """#

  /// Four features beside four features, and four beside themselves, in registers over a part of a block.
  private static var momentTiles: String {
    func tile(_ name: String, _ pairs: [(Int, Int)]) -> String {
      func all(_ make: ((Int, Int)) -> String) -> String { pairs.map(make).joined(separator: " ") }
      return """
        static __attribute__((noinline, unused)) void \(name)(const b_wide *restrict e, const b_wide *restrict f, long stride, long n, double *restrict a) {
          b_wide \(pairs.map { "t\($0)\($1) = 0" }.joined(separator: ", "));
          for (long i = 0; i < n; i++) {
            const b_wide \((0..<4).map { "e\($0) = e[\($0) * stride + i], f\($0) = f[\($0) * stride + i]" }.joined(separator: ", "));
            \(all { "t\($0)\($1) += f\($0) * e\($1);" })
          }
          \(all { "b_store(a + \(8 * (4 * $0 + $1)), b_load(a + \(8 * (4 * $0 + $1))) + t\($0)\($1));" })
        }

        """
    }
    let square = (0..<4).flatMap { i in (0..<4).map { (i, $0) } }
    return tile("b_rowm_square", square) + tile("b_rowm_corner", square.filter { $0.1 <= $0.0 })
      + #"""
      B_INLINE void b_rowm_finish(const double *a, long d, double *y) {
        const long groups = (d + 3) / 4;
        for (long i = 0; i < d; i++) y[i] = b_total(a + 8 * i);
        const double *t = a + 8 * 4 * groups;
        for (long k = 0; k < groups; k++) for (long l = 0; l <= k; l++, t += 128)
          for (long i = 4 * k; i < 4 * k + 4 && i < d; i++) for (long j = 4 * l; j < 4 * l + 4 && j <= i; j++) {
            const double s = b_total(t + 8 * (4 * (i - 4 * k) + j - 4 * l));
            y[d + i * d + j] = s;
            y[d + j * d + i] = s;
          }
      }

      """#
  }
}

/// The C function of `rowQuadratic` for one size.
struct RowQuadraticText: Hashable {
  let columns: Int
  let rows: Int
  let isTriangular: Bool

  init(_ node: Node, _ graph: Graph) {
    let shape = graph[node.inputs[2]].shape
    (columns, rows) = (shape.columns, shape.rows)
    isTriangular = node.op == .rowQuadratic(isTriangular: true)
  }

  var name: String { "b_rowq_\(columns)_\(rows)_\(isTriangular ? 1 : 0)" }

  /// So many centred features stay in registers.
  private static let registers = 16

  /// From a block of `rows` (a multiple of eight) rows, feature by feature, to `y`.
  var text: String {
    let head =
      "static __attribute__((noinline, unused)) void \(name)(const double *restrict x, const double *restrict m, const double *restrict w, long block, long rows, double *restrict y) {\n"
    if columns <= Self.registers && columns * rows <= Self.registers * Self.registers {
      return head + unrolled + "}\n"
    }
    // Several registers of rows for each weight: the sums of one row alone would wait for each other.
    return head + "  long i = 0;\n" + looped(registers: 4) + looped(registers: 1) + "}\n"
  }

  private var unrolled: String {
    var text = "  for (long i = 0; i < rows; i += 8) {\n    b_wide z, q0 = 0, q1 = 0;\n"
    for j in 0..<columns {
      text += "    const b_wide e\(j) = b_load(x + \(j) * block + i) - m[\(j)];\n"
    }
    for i in 0..<rows {
      let terms = (0..<(isTriangular ? min(i + 1, columns) : columns)).map {
        "w[\(i * columns + $0)] * e\($0)"
      }
      text += "    z = \(terms.joined(separator: " + ")); q\(i % 2) += z * z;\n"
    }
    return text + "    b_store(y + i, q0 + q1);\n  }\n"
  }

  private func looped(registers: Int) -> String {
    func each(_ make: (Int) -> String) -> String {
      (0..<registers).map(make).joined(separator: " ")
    }
    return """
        for (; i + \(8 * registers) <= rows; i += \(8 * registers)) {
          b_wide e[\(columns * registers)];
          for (long j = 0; j < \(columns); j++) { \(each { "e[j * \(registers) + \($0)] = b_load(x + j * block + i + \(8 * $0)) - m[j];" }) }
          b_wide \((0..<registers).map { "q\($0) = 0" }.joined(separator: ", "));
          for (long r = 0; r < \(rows); r++) {
            b_wide \((0..<registers).map { "z\($0) = 0" }.joined(separator: ", "));
            for (long j = 0; j < \(isTriangular ? "r + 1" : "\(columns)"); j++) {
              const double s = w[r * \(columns) + j];
              \(each { "z\($0) += s * e[j * \(registers) + \($0)];" })
            }
            \(each { "q\($0) += z\($0) * z\($0);" })
          }
          \(each { "b_store(y + i + \(8 * $0), q\($0));" })
        }

      """
  }
}

/// The C function of `rowMoments` for one number of columns.
enum RowMomentsText {
  static func name(_ columns: Int) -> String { "b_rowm_\(columns)" }

  /// Doubles in which sums are added up: eight for each feature and each pair of features, in tiles of
  /// four by four of the lower triangle.
  static func accumulatorCount(columns: Int) -> Int {
    let groups = (columns + 3) / 4
    return 8 * (4 * groups + 16 * groups * (groups + 1) / 2)
  }

  /// Adds a block's rows (a multiple of eight) to the accumulators.
  ///
  /// A part of a block small enough that its centred and its weighted features stay in the first-level
  /// cache is used for all pairs before the next one.
  static func text(_ columns: Int) -> String {
    let width = (columns + 3) / 4 * 4
    var part = 2
    while part < 32, 2 * width * 64 * part * 2 <= 28_000 { part *= 2 }
    return """
      static __attribute__((noinline, unused)) void \(name(columns))(const double *restrict x, const double *restrict m, long block, long rows, const double *restrict g, double *restrict a) {
        b_wide e[\(width * part)], f[\(width * part)];
        for (long k = \(columns * part); k < \(width * part); k++) e[k] = f[k] = 0;
        for (long start = 0; start < rows; start += \(8 * part)) {
          const long n = rows - start < \(8 * part) ? (rows - start) / 8 : \(part);
          for (long j = 0; j < \(columns); j++) {
            const double *restrict p = x + j * block + start;
            const double mean = m[j];
            b_wide s = b_load(a + 8 * j);
            for (long i = 0; i < n; i++) {
              const b_wide v = b_load(p + 8 * i) - mean, h = v * b_load(g + start + 8 * i);
              e[j * \(part) + i] = v;
              f[j * \(part) + i] = h;
              s += h;
            }
            b_store(a + 8 * j, s);
          }
          double *t = a + \(8 * width);
          for (long k = 0; k < \(width / 4); k++) {
            for (long l = 0; l < k; l++, t += 128) b_rowm_square(e + l * \(4 * part), f + k * \(4 * part), \(part), n, t);
            b_rowm_corner(e + k * \(4 * part), f + k * \(4 * part), \(part), n, t);
            t += 128;
          }
        }
      }

      """
  }
}
