// The C functions that kernels call: elementary functions written so that clang vectorises them.

/// C text that stands before every kernel.
enum Prelude {
  /// Elementwise functions, branch-free: both sides of a choice are computed and one is selected.
  ///
  /// exp and log reduce their argument (Cody & Waite 1980) and sum a Taylor series far enough that
  /// the remainder is below half a unit in the last place; the reductions must not be
  /// reassociated, hence the pragma in each function that depends on it.
  static let elementary = #"""
    typedef unsigned long long b_bits;
    struct blas;
    struct context { const double *const *doubles; const int *const *integers; const struct blas *blas; };
    #define B_INLINE static inline __attribute__((always_inline, unused))
    #define B_INF __builtin_inf()
    #define B_NAN __builtin_nan("")
    #define B_PI 3.14159265358979323846

    B_INLINE b_bits b_to_bits(double x) { b_bits k; __builtin_memcpy(&k, &x, 8); return k; }
    B_INLINE double b_of_bits(b_bits k) { double x; __builtin_memcpy(&x, &k, 8); return x; }
    B_INLINE double b_square(double x) { return x * x; }
    B_INLINE double b_sign(double x) { return x > 0 ? 1.0 : (x < 0 ? -1.0 : x); }
    B_INLINE double b_max(double a, double b) { return a > b ? a : (a == a ? b : a); }
    B_INLINE double b_min(double a, double b) { return a < b ? a : (a == a ? b : a); }

    // exp x for −707.5 ≤ x ≤ 709.78 (n within the exponent's range), by exp r · 2ⁿ.
    B_INLINE double b_exp_core(double x) {
    #pragma clang fp reassociate(off)
      double n = __builtin_rint(x * 1.4426950408889634);
      double r = __builtin_fma(-n, 0x1.62e42fefa39efp-1, x);
      r = __builtin_fma(-n, 0x1.abc9e3b39803fp-56, r);
      double s = r * r, t = s * s;
      double a = __builtin_fma(1.0 / 6.0, r, 0.5);
      double b = __builtin_fma(1.0 / 120.0, r, 1.0 / 24.0);
      double c = __builtin_fma(1.0 / 5040.0, r, 1.0 / 720.0);
      double d = __builtin_fma(1.0 / 362880.0, r, 1.0 / 40320.0);
      double e = __builtin_fma(1.0 / 39916800.0, r, 1.0 / 3628800.0);
      double f = __builtin_fma(1.0 / 6227020800.0, r, 1.0 / 479001600.0);
      double low = __builtin_fma(b, s, a);
      double middle = __builtin_fma(d, s, c);
      double high = __builtin_fma(f, s, e);
      double q = __builtin_fma(__builtin_fma(high, t, middle), t, low);
      double p = __builtin_fma(q, s, r) + 1.0;
      b_bits k = b_to_bits(n + 0x1.8p52);
      return p * b_of_bits((k + 1022) << 52) * 2.0;
    }
    B_INLINE double b_exp(double x) {
      double y = b_exp_core(x);
      return x > 709.782712893384 ? B_INF : (x < -707.5 ? 0.0 : y);
    }
    // exp x for x ≤ 0; NaN goes through.
    B_INLINE double b_exp_negative(double x) {
      double y = b_exp_core(x);
      return x < -707.5 ? 0.0 : y;
    }

    // Σ_{k≥1} 2 w^(k−1) / (2k + 1), so that 2 artanh s = 2s + s·w·tail for w = s² ≤ 0.0295.
    B_INLINE double b_artanh_tail(double w) {
      double v = w * w, u = v * v;
      double a = __builtin_fma(2.0 / 5.0, w, 2.0 / 3.0);
      double b = __builtin_fma(2.0 / 9.0, w, 2.0 / 7.0);
      double c = __builtin_fma(2.0 / 13.0, w, 2.0 / 11.0);
      double d = __builtin_fma(2.0 / 17.0, w, 2.0 / 15.0);
      double e = __builtin_fma(2.0 / 21.0, w, 2.0 / 19.0);
      double low = __builtin_fma(b, v, a);
      double middle = __builtin_fma(d, v, c);
      double high = __builtin_fma(2.0 / 23.0, v, e);
      return __builtin_fma(__builtin_fma(high, u, middle), u, low);
    }

    B_INLINE double b_log(double x) {
    #pragma clang fp reassociate(off)
      double z = x < 0x1p-1022 ? x * 0x1p54 : x;
      b_bits k = b_to_bits(z);
      b_bits e = (k - 0x3fe6a09e667f3bcdull + (1024ull << 52)) >> 52;
      double m = b_of_bits(k - ((e - 1024) << 52));
      double n = b_of_bits(0x4330000000000000ull + e) - 0x1p52 - 1024.0;
      n = x < 0x1p-1022 ? n - 54.0 : n;
      double f = m - 1.0;
      double s = f / (2.0 + f);
      double w = s * s;
      double p = b_artanh_tail(w);
      // log m = 2s + s³·p = f − s·(f − s²·p), which keeps f's digits.
      double y = f - s * (f - w * p);
      y = __builtin_fma(n, 0x1.62e42fefa39efp-1, __builtin_fma(n, 0x1.abc9e3b39803fp-56, y));
      y = x == 0 ? -B_INF : y;
      y = x < 0 ? B_NAN : y;
      return x < B_INF ? y : x;
    }

    B_INLINE double b_log1p(double x) {
    #pragma clang fp reassociate(off)
      double u = 1.0 + x;
      double d = u - 1.0;
      double y = b_log(u) + (x - d) / u;
      y = u == 0 ? -B_INF : y;
      return x < 0x1p1000 ? y : b_log(x);
    }

    B_INLINE double b_expm1(double x) {
    #pragma clang fp reassociate(off)
      double p = 1.0 / 1307674368000.0;
      p = __builtin_fma(p, x, 1.0 / 87178291200.0);
      p = __builtin_fma(p, x, 1.0 / 6227020800.0);
      p = __builtin_fma(p, x, 1.0 / 479001600.0);
      p = __builtin_fma(p, x, 1.0 / 39916800.0);
      p = __builtin_fma(p, x, 1.0 / 3628800.0);
      p = __builtin_fma(p, x, 1.0 / 362880.0);
      p = __builtin_fma(p, x, 1.0 / 40320.0);
      p = __builtin_fma(p, x, 1.0 / 5040.0);
      p = __builtin_fma(p, x, 1.0 / 720.0);
      p = __builtin_fma(p, x, 1.0 / 120.0);
      p = __builtin_fma(p, x, 1.0 / 24.0);
      p = __builtin_fma(p, x, 1.0 / 6.0);
      p = __builtin_fma(p, x, 0.5);
      double small = __builtin_fma(p * x, x, x);
      return __builtin_fabs(x) < 0.5 ? small : b_exp(x) - 1.0;
    }

    // log(1 + e) for 0 ≤ e ≤ 1: above √2 − 1 as log 2 + log1p((e − 1)/2), then 2 artanh(f/(2 + f)).
    B_INLINE double b_log1p01(double e) {
    #pragma clang fp reassociate(off)
      int high = e > 0.41421356237309503;
      double f = high ? 0.5 * (e - 1.0) : e;
      double s = f / (2.0 + f);
      double w = s * s;
      double p = b_artanh_tail(w);
      double y = f - s * (f - w * p);
      return high ? y + 0.6931471805599453 : y;
    }
    B_INLINE double b_log1pexp(double x) {
      double y = b_log1p01(b_exp_negative(-__builtin_fabs(x)));
      return (x > 0 ? x : 0.0) + y;
    }
    B_INLINE double b_log1mexp(double x) {
      double y = x > -0.6931471805599453 ? b_log(-b_expm1(x)) : b_log1p(-b_exp(x));
      return y;
    }
    B_INLINE double b_logistic(double x) {
      double e = b_exp_negative(-__builtin_fabs(x));
      return (x >= 0 ? 1.0 : e) / (1.0 + e);
    }
    B_INLINE double b_tanh(double x) {
      double t = b_expm1(-2.0 * __builtin_fabs(x));
      return __builtin_copysign(-t / (t + 2.0), x);
    }

    // With no mass at all (both −∞) the result is −∞; NaN goes through.
    B_INLINE double b_lse2(double a, double b) {
      double m = a > b ? a : b, d = __builtin_fabs(a - b);
      double y = m + b_log1p01(b_exp_negative(-d));
      return d == d ? y : (a == b ? a : a + b);
    }
    B_INLINE double b_softmax2(int k, double a, double b) {
      double e = b_exp_negative(-__builtin_fabs(a - b));
      double larger = 1.0 / (1.0 + e);
      return (k == 0 ? a >= b : b >= a) ? larger : e * larger;
    }

    """#

  /// The same functions out of line, for kernels with very many scalar statements.
  static func outOfLine(softmaxCounts: [Int]) -> String {
    let unary = [
      "exp", "expm1", "log", "log1p", "log1pexp", "log1mexp", "logistic", "tanh", "lgamma",
      "digamma",
      "trigamma",
    ]
    var text = "#define N_CALL static __attribute__((noinline, unused)) double\n"
    for name in unary { text += "N_CALL n_\(name)(double x) { return b_\(name)(x); }\n" }
    for name in ["logrising", "digammarising"] {
      text += "N_CALL n_\(name)(double a, double b) { return b_\(name)(a, b); }\n"
    }
    for count in softmaxCounts {
      let names = (0..<count).map { "a\($0)" }
      let parameters = names.map { "double \($0)" }.joined(separator: ", ")
      let arguments = names.joined(separator: ", ")
      text += "N_CALL n_lse\(count)(\(parameters)) { return b_lse\(count)(\(arguments)); }\n"
      text +=
        "N_CALL n_softmax\(count)(int k, \(parameters)) { return b_softmax\(count)(k, \(arguments)); }\n"
    }
    return text
  }

  /// log-sum-exp and softmax over `count` ≥ 3 values held in registers.
  static func softmax(count: Int) -> String {
    let names = (0..<count).map { "a\($0)" }
    let parameters = names.map { "double \($0)" }.joined(separator: ", ")
    let largest = names.dropFirst().reduce(names[0]) { "b_max(\($0), \($1))" }
    let exponentials = names.map { "b_exp(\($0) - m)" }.joined(separator: " + ")
    let choice = (0..<(count - 1)).reversed().reduce(names[count - 1]) {
      "(k == \($1) ? a\($1) : \($0))"
    }
    return """
      B_INLINE double b_lse\(count)(\(parameters)) {
        double m = \(largest);
        double y = m + b_log(\(exponentials));
        return __builtin_fabs(m) < B_INF ? y : m;
      }
      B_INLINE double b_softmax\(count)(int k, \(parameters)) {
        double m = \(largest);
        return b_exp(\(choice) - m) / (\(exponentials));
      }

      """
  }
}
