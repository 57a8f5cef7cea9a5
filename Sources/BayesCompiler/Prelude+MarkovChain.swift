// The C functions that kernels call: hidden Markov chains summed out.

extension Prelude {
  /// Forward and backward passes over chains of K states.
  ///
  /// ```
  /// p_t = Aᵀ a_{t−1},  a_t = 2^(−n_t) p_t ∘ e_t,  e_t(j) = exp(b_t(j) − max_j b_t(j))
  /// γ_t = a_t ∘ A w_{t+1},  w_t = γ_t / p_t,  ξ += a_t w_{t+1}ᵀ ∘ A
  /// ```
  ///
  /// with n_t such that 1 ≤ Σ a_t < 2, which no step has to wait for a division to find; log Z is that of the
  /// last Σ a_t, with Σ n_t log 2 and Σ max_j b_t(j). These are K exponentials and 3 K²
  /// multiplications a row. Where every entry of A is at least 1e−150 of the largest, a state whose
  /// a_t underflows has less than 1e−308 · 1e150 of the sum whatever follows, so the result is exact to
  /// rounding. Where some are 0, a state that underflows may be the only one that survives: products
  /// near underflow are watched for, and a sequence that has one (and any with entries below 1e−150 that
  /// are not 0) is done over in logarithms (`b_chain_log`).
  ///
  /// The backward pass divides by p and needs no observation; w_t(j) ≤ 1 / p_t(j) cannot overflow.
  /// Rounding lets Σ γ_t drift from 1 by some ε, which the factor 2 − Σ γ_t ≈ 1 / Σ γ_t takes off again.
  /// References: Rabiner 1989, Proceedings of the IEEE 77, 257–286; Askar & Derin 1981, IEEE Transactions
  /// on Automatic Control 26, 558–561.
  ///
  /// Row t of `alpha` and `back` has K numbers; loads and stores are of whole registers, beyond which
  /// stands the next row, multiplied by the zeros that pad A, or stored right after.
  static func markovChain(states k: Int) -> String {
    let shape = ChainShape(states: k)
    let (width, vectors, block) = (shape.width, shape.vectors, shape.block)
    let unrolled = k <= 16 ? "_Pragma(\"clang loop unroll(full)\") " : ""
    /// The lanes of a register array added up.
    let total = (0..<vectors).map { "x[\($0)]" }.joined(separator: " + ")
    var helpers = ""
    for count in [2, 4, 8] where count <= width {
      let type = "b_v\(k)_\(count)"
      helpers += "typedef double \(type) __attribute__((ext_vector_type(\(count)), aligned(8)));\n"
      helpers += "B_INLINE double b_lanes\(k)_\(count)(\(type) v) { return "
      helpers +=
        count == 2 ? "v.x + v.y" : "b_lanes\(k)_\(count / 2)(v.lo + v.hi)"
      helpers += "; }\n"
    }
    return helpers + #"""
      #define K \#(k)
      #define W \#(width)
      #define N \#(vectors)
      #define ROWS \#(block)
      #define EACH(i, n) \#(unrolled)for (int i = 0; i < (n); i++)
      typedef b_v\#(k)_\#(width) b_v\#(k);
      B_INLINE double b_chain\#(k)_total(const b_v\#(k) *x) { return b_lanes\#(k)_\#(width)(\#(total)); }
      // Σ_j x_j a_j for rows a_j, even and odd ones apart: additions wait for each other.
      B_INLINE void b_chain\#(k)_product(const b_v\#(k) *x, const b_v\#(k) *a, b_v\#(k) *y) {
        b_v\#(k) odd[N];
        EACH(v, N) { y[v] = x[0][0] * a[v]; odd[v] = (b_v\#(k))0; }
        EACH(j, K - 1) EACH(v, N) {
          const b_v\#(k) term = x[(j + 1) / W][(j + 1) % W] * a[(j + 1) * N + v];
          if (j % 2 == 0) odd[v] += term; else y[v] += term;
        }
        EACH(v, N) y[v] += odd[v];
      }
      // One sequence; 0 where it must be done in logarithms. a: A by rows, then A by columns, padded with zeros.
      B_INLINE int b_chain\#(k)_pass(const double *const *b, const double *initial, const double *a, long from, long to, long T,
                       int watched, double lowest, double *alpha, double *back, double *evidence, double *gamma, double *xi) {
        const b_v\#(k) *byRow = (const b_v\#(k) *)a, *byColumn = byRow + K * N;
        double e[ROWS * K + W], m[ROWS], sum = 0, c = 1, r = 1;
        long exponent = 0, next = 0;
        b_v\#(k) s[N];
        EACH(v, N) s[v] = (b_v\#(k))0;
        for (long t0 = from; t0 < to; t0 += ROWS) {
          const long n = to - t0 < ROWS ? to - t0 : ROWS;
          for (long i = 0; i < n; i++) m[i] = b[0][t0 + i];
          for (int j = 1; j < K; j++) for (long i = 0; i < n; i++) m[i] = b_max(m[i], b[j][t0 + i]);
          for (int j = 0; j < K; j++) {
            const double *x = b[j] + t0;
            if (watched) for (long i = 0; i < n; i++) { double y = b_exp(x[i] - m[i]); e[i * K + j] = x[i] > -B_INF && y < 1e-300 ? 1e-300 : y; }
            else for (long i = 0; i < n; i++) e[i * K + j] = b_exp(x[i] - m[i]);
          }
          for (int j = 0; j < W; j++) e[n * K + j] = 0;
          for (long i = 0; i < n; i++) sum += m[i];
          for (long i = 0; i < n; i++) {
            const long t = t0 + i;
            b_v\#(k) p[N], x[N];
            if (t == from) {
              // π may be as small as it likes: the first row is taken in logarithms.
              double most = -B_INF, l[K];
              for (int j = 0; j < K; j++) { l[j] = initial[j] + b[j][t]; most = b_max(most, l[j]); }
              if (!(most > -B_INF)) return 0;
              sum += most - m[0];
              EACH(v, N) p[v] = x[v] = (b_v\#(k))0;
              EACH(j, K) x[j / W][j % W] = b_exp(l[j] - most);
              if (watched) for (int j = 0; j < K; j++) if (x[j / W][j % W] < lowest && l[j] > -B_INF) return 0;
            } else {
              b_chain\#(k)_product(s, byRow, p);
              EACH(v, N) {
                p[v] *= r;
                const b_v\#(k) y = ((const b_v\#(k) *)(e + i * K))[v];
                x[v] = p[v] * y;
                if (watched) for (int l = 0; l < W && v * W + l < K; l++)
                  if (x[v][l] < lowest && p[v][l] > 0 && y[l] > 0) return 0;
              }
            }
            exponent += next;
            c = b_chain\#(k)_total(x);
            if (!(c > 1e-300 && c < B_INF)) return 0;
            const b_bits power = b_to_bits(c) & 0x7ff0000000000000ull;
            r = b_of_bits(0x7fe0000000000000ull - power);
            next = (long)(power >> 52) - 1023;
            EACH(v, N) {
              s[v] = x[v];
              ((b_v\#(k) *)(alpha + t * K))[v] = x[v] * r;
              ((b_v\#(k) *)(back + t * K))[v] = p[v] > 0 ? 1.0 / p[v] : (b_v\#(k))0;
            }
          }
        }
        *evidence = sum + exponent * 0.6931471805599453 + b_log(c);
        EACH(v, N) s[v] *= 1.0 / c;
        b_v\#(k) counts[K * N];
        EACH(i, K * N) counts[i] = (b_v\#(k))0;
        EACH(j, K) gamma[j * T + to - 1] = s[j / W][j % W];
        for (long t = to - 2; t >= from; t--) {
          b_v\#(k) w[N], x[N], own[N];
          EACH(v, N) w[v] = s[v] * ((const b_v\#(k) *)(back + (t + 1) * K))[v];
          b_chain\#(k)_product(w, byColumn, s);
          EACH(v, N) { own[v] = ((const b_v\#(k) *)(alpha + t * K))[v]; s[v] *= own[v]; x[v] = s[v]; }
          const double rescale = 2.0 - b_chain\#(k)_total(x);
          EACH(v, N) { own[v] *= rescale; x[v] *= rescale; }
          EACH(i, K) EACH(v, N) counts[i * N + v] += own[i / W][i % W] * w[v];
          EACH(j, K) gamma[j * T + t] = x[j / W][j % W];
        }
        EACH(i, K) EACH(j, K) xi[i * K + j] = a[i * N * W + j] * counts[i * N + j / W][j % W];
        return 1;
      }
      static __attribute__((noinline)) int b_chain\#(k)_sure(const double *const *b, const double *initial, const double *a, long from, long to, long T,
                       double *alpha, double *back, double *evidence, double *gamma, double *xi) {
        return b_chain\#(k)_pass(b, initial, a, from, to, T, 0, 0, alpha, back, evidence, gamma, xi);
      }
      static __attribute__((noinline)) int b_chain\#(k)_watched(const double *const *b, const double *initial, const double *a, long from, long to, long T,
                       double lowest, double *alpha, double *back, double *evidence, double *gamma, double *xi) {
        return b_chain\#(k)_pass(b, initial, a, from, to, T, 1, lowest, alpha, back, evidence, gamma, xi);
      }
      static __attribute__((noinline, unused)) void b_chain\#(k)(const double *const *b, const double *initial, const double *transition,
                       const int *starts, long S, long T, double *y, double *work) {
        double *alpha = work, *back = work + T * K + W, *a = back + T * K + W;
        double largest = -B_INF, least = 1;
        for (int i = 0; i < K * K; i++) largest = b_max(largest, transition[i]);
        if (largest == -B_INF) largest = 0;
        for (int i = 0; i < N * W * 2 * K; i++) a[i] = 0;
        int hasZeros = 0;
        for (int i = 0; i < K; i++) {
          for (int j = 0; j < K; j++) {
            const double x = b_exp(transition[i * K + j] - largest);
            if (transition[i * K + j] == -B_INF) hasZeros = 1; else least = b_min(least, x);
            a[i * N * W + j] = x;
            a[(K + j) * N * W + i] = x;
          }
        }
        const double lowest = b_max(1e-290, 1e-300 / least);
        for (long s = 0; s < S; s++) {
          const long from = starts[s], to = s + 1 < S ? starts[s + 1] : T;
          double *xi = y + S + K * T + s * K * K;
          int done = 0;
          if (least >= 1e-150) done = hasZeros
            ? b_chain\#(k)_watched(b, initial, a, from, to, T, lowest, alpha, back, y + s, y + S, xi)
            : b_chain\#(k)_sure(b, initial, a, from, to, T, alpha, back, y + s, y + S, xi);
          if (done) y[s] += (to - from - 1) * largest;
          else b_chain_log(b, initial, transition, K, from, to, T, alpha, back, y + s, y + S, xi);
        }
      }
      #undef K
      #undef W
      #undef N
      #undef ROWS
      #undef EACH

      """#
  }

  /// One sequence in logarithms, as the interpreter does it.
  static let markovChainInLogarithms = #"""
    static __attribute__((noinline, unused)) void b_chain_log(const double *const *b, const double *initial, const double *transition,
                     long K, long from, long to, long T, double *alpha, double *back, double *evidence, double *gamma, double *xi) {
      double sum = 0;
      for (long t = from; t < to; t++) {
        double *a = alpha + t * K, *p = back + t * K;
        const double *o = a - K;
        for (long j = 0; j < K; j++) {
          p[j] = initial[j];
          if (t > from) {
            double m = -B_INF, s = 0;
            for (long i = 0; i < K; i++) m = b_max(m, o[i] + transition[i * K + j]);
            for (long i = 0; i < K; i++) s += b_exp(o[i] + transition[i * K + j] - m);
            p[j] = m > -B_INF || m != m ? m + b_log(s) : m;
          }
          a[j] = p[j] + b[j][t];
        }
        double c;
        b_logsumexp(a, K, &c);
        for (long j = 0; j < K; j++) a[j] -= c;
        sum += c;
        if (!(__builtin_fabs(sum) < B_INF)) {
          *evidence = sum == -B_INF ? sum : B_NAN;
          for (long j = 0; j < K; j++) for (long t = from; t < to; t++) gamma[j * T + t] = B_NAN;
          for (long i = 0; i < K * K; i++) xi[i] = B_NAN;
          return;
        }
      }
      *evidence = sum;
      for (long i = 0; i < K * K; i++) xi[i] = 0;
      for (long j = 0; j < K; j++) gamma[j * T + to - 1] = b_exp(alpha[(to - 1) * K + j]);
      for (long t = to - 2; t >= from; t--) {
        // The row after holds log a, made log γ below, and log p, made log w.
        double *a = alpha + t * K, *g = a + K, *w = back + (t + 1) * K, whole = 0, m = -B_INF;
        for (long j = 0; j < K; j++) w[j] = g[j] > -B_INF ? g[j] - w[j] : g[j];
        for (long i = 0; i < K; i++) for (long j = 0; j < K; j++) m = b_max(m, a[i] + transition[i * K + j] + w[j]);
        for (long i = 0; i < K; i++) for (long j = 0; j < K; j++) whole += b_exp(a[i] + transition[i * K + j] + w[j] - m);
        whole = m + b_log(whole);
        for (long i = 0; i < K; i++) {
          double largest = -B_INF, s = 0;
          for (long j = 0; j < K; j++) largest = b_max(largest, transition[i * K + j] + w[j]);
          for (long j = 0; j < K; j++) {
            const double x = transition[i * K + j] + w[j];
            s += b_exp(x - largest);
            xi[i * K + j] += b_exp(a[i] + x - whole);
          }
          a[i] = largest > -B_INF ? a[i] + largest + b_log(s) - whole : largest;
          gamma[i * T + t] = b_exp(a[i]);
        }
      }
    }

    """#
}

/// How a chain's states fill registers, and the scratch memory that it takes.
struct ChainShape {
  let states: Int

  /// Lanes of a register.
  var width: Int { states <= 2 ? 2 : (states <= 4 ? 4 : 8) }
  /// Registers for one number per state.
  var vectors: Int { (states + width - 1) / width }
  /// Rows whose exponentials are taken at a time.
  var block: Int { max(8, min(64, 4096 / states)) }

  /// Doubles of scratch memory for so many rows.
  func scratch(rows: Int) -> Int {
    2 * (rows * states + width) + vectors * width * 2 * states
  }
}
