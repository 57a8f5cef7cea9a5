// The C functions that kernels call: elementary functions written so that clang vectorises them.

/// C text that stands before every kernel.
enum Prelude {
  /// Elementwise functions, branch-free: both sides of a choice are computed and one is selected.
  ///
  /// exp and log reduce their argument (Cody & Waite 1980) and sum a Taylor series far enough that
  /// the remainder is below half a unit in the last place; the reductions must not be
  /// reassociated, hence the pragma in each function that depends on it. log Γ and its derivatives
  /// shift the argument above 8 by the recurrence and use Stirling's series there (Abramowitz &
  /// Stegun 1964, 6.1.41, 6.3.18, 6.4.12), and reflect for negative arguments.
  static let elementary = #"""
    typedef unsigned long long b_bits;
    struct context { const double *const *doubles; const int *const *integers; };
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

    // sin(πr) and cos(πr) for |r| ≤ ½.
    B_INLINE double b_sinpi(double r) {
      double x = B_PI * r, w = x * x, p = -1.0 / 121645100408832000.0;
      p = p * w + 1.0 / 355687428096000.0;
      p = p * w - 1.0 / 1307674368000.0;
      p = p * w + 1.0 / 6227020800.0;
      p = p * w - 1.0 / 39916800.0;
      p = p * w + 1.0 / 362880.0;
      p = p * w - 1.0 / 5040.0;
      p = p * w + 1.0 / 120.0;
      p = p * w - 1.0 / 6.0;
      return x + x * w * p;
    }
    B_INLINE double b_cospi(double r) { return 1.0 - 2.0 * b_square(b_sinpi(0.5 * r)); }

    B_INLINE double b_stirling(double z) {
      double w = 1.0 / (z * z);
      double p = -3617.0 / 122400.0;
      p = p * w + 1.0 / 156.0;
      p = p * w - 691.0 / 360360.0;
      p = p * w + 1.0 / 1188.0;
      p = p * w - 1.0 / 1680.0;
      p = p * w + 1.0 / 1260.0;
      p = p * w - 1.0 / 360.0;
      p = p * w + 1.0 / 12.0;
      return p / z;
    }
    B_INLINE double b_lgamma_positive(double x) {
      double product = x * (x + 1.0) * (x + 2.0) * (x + 3.0) * (x + 4.0) * (x + 5.0) * (x + 6.0) * (x + 7.0);
      double z = x < 8.0 ? x + 8.0 : x;
      double shift = b_log(x < 8.0 ? product : 1.0);
      double y = (z - 0.5) * b_log(z) - z + 0.91893853320467274178 + b_stirling(z) - shift;
      return x < B_INF ? y : x;
    }
    B_INLINE double b_lgamma(double x) {
      double a = x > 0 ? x : 1.0 - x;
      double y = b_lgamma_positive(a);
      double s = __builtin_fabs(b_sinpi(x - __builtin_rint(x)));
      return x > 0 ? y : (x == -B_INF ? B_INF : b_log(B_PI / s) - y);
    }
    B_INLINE double b_digamma_tail(double z) {
      double w = 1.0 / (z * z);
      double p = 3617.0 / 8160.0;
      p = p * w - 1.0 / 12.0;
      p = p * w + 691.0 / 32760.0;
      p = p * w - 1.0 / 132.0;
      p = p * w + 1.0 / 240.0;
      p = p * w - 1.0 / 252.0;
      p = p * w + 1.0 / 120.0;
      p = p * w - 1.0 / 12.0;
      return p * w;
    }
    B_INLINE double b_digamma_positive(double x) {
      double n = 1.0, d = x;
      for (int k = 1; k < 8; k++) { double y = x + k; n = n * y + d; d = d * y; }
      double z = x < 8.0 ? x + 8.0 : x;
      return b_log(z) - 0.5 / z + b_digamma_tail(z) - (x < 8.0 ? n / d : 0.0);
    }
    B_INLINE double b_digamma(double x) {
      double y = b_digamma_positive(x > 0 ? x : 1.0 - x);
      double r = x - __builtin_rint(x);
      double reflected = y - B_PI * b_cospi(r) / b_sinpi(r);
      return x > 0 ? y : (r == 0 ? B_NAN : reflected);
    }
    B_INLINE double b_trigamma_positive(double x) {
      double s = 0;
      for (int k = 0; k < 10; k++) { double y = 1.0 / (x + k); s += y * y; }
      double z = x < 10.0 ? x + 10.0 : x, v = 1.0 / z, w = v * v;
      double p = 7.0 / 6.0;
      p = p * w - 691.0 / 2730.0;
      p = p * w + 5.0 / 66.0;
      p = p * w - 1.0 / 30.0;
      p = p * w + 1.0 / 42.0;
      p = p * w - 1.0 / 30.0;
      p = p * w + 1.0 / 6.0;
      return v + 0.5 * w + p * w * v + (x < 10.0 ? s : 0.0);
    }
    B_INLINE double b_trigamma(double x) {
      double y = b_trigamma_positive(x > 0 ? x : 1.0 - x);
      double s = b_sinpi(x - __builtin_rint(x));
      return x > 0 ? y : B_PI * B_PI / (s * s) - y;
    }

    B_INLINE double b_stirling_tail5(double a) {
      double w = 1.0 / (a * a);
      return (1.0 / 12 + w * (-1.0 / 360 + w * (1.0 / 1260 + w * (-1.0 / 1680 + w * (1.0 / 1188))))) / a;
    }
    B_INLINE double b_logrising(double a, double b) {
      double c = a + b;
      double direct = b_lgamma(c) - b_lgamma(a);
      double stable = (a - 0.5) * b_log1p(b / a) + b * (b_log(c) - 1.0) + b_stirling_tail5(c) - b_stirling_tail5(a);
      return a > 15.0 && c > 15.0 && c < B_INF ? stable : direct;
    }
    B_INLINE double b_digammarising(double a, double b) {
      double c = a + b, u = 1.0 / (a * a), v = 1.0 / (c * c);
      double direct = b_digamma(c) - b_digamma(a);
      double ta = -u * (1.0 / 12 + u * (-1.0 / 120 + u * (1.0 / 252 + u * (-1.0 / 240 + u * (1.0 / 132)))));
      double tc = -v * (1.0 / 12 + v * (-1.0 / 120 + v * (1.0 / 252 + v * (-1.0 / 240 + v * (1.0 / 132)))));
      double stable = b_log1p(b / a) + b / (2.0 * a * c) + tc - ta;
      return a > 15.0 && c > 15.0 && c < B_INF ? stable : direct;
    }

    double erfc(double);
    B_INLINE double b_normcdf(double x) { return 0.5 * erfc(-0.70710678118654752440 * x); }
    // Mills' ratio by its continued fraction (Abramowitz & Stegun 1964, 26.2.14) in the far tail.
    static __attribute__((noinline, unused)) double b_lognormcdf(double x) {
      if (!(x < -5.0)) return x > 0.0 ? b_log1p(-0.5 * erfc(0.70710678118654752440 * x)) : b_log(b_normcdf(x));
      double a = -x, f = a;
      for (int k = 60; k > 0; k--) f = a + k / f;
      return -0.5 * x * x - 0.91893853320467274178 - b_log(f);
    }
    static __attribute__((noinline, unused)) double b_polygamma(int n, double x) {
      static const double bernoulli[] = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510};
      if (x != x || x == -B_INF) return B_NAN;
      if (x <= 0) {
        // Reflection: the n-th derivative of the cotangent as a polynomial P of the cotangent, with
        // P₀(c) = c and Pₙ₊₁ = −(1 + c²) Pₙ′.
        double r = x - __builtin_rint(x);
        if (r == 0) return n % 2 == 0 ? B_NAN : B_INF;
        double p[32] = {0, 1}, c = b_cospi(r) / b_sinpi(r), y = 0, scale = B_PI;
        if (n > 28) return B_NAN;
        for (int k = 0; k < n; k++) {
          double next[32] = {0};
          for (int j = 1; j <= k + 1; j++) { next[j - 1] -= j * p[j]; next[j + 1] -= j * p[j]; }
          for (int j = 0; j < 32; j++) p[j] = next[j];
          scale *= B_PI;
        }
        for (int j = n + 1; j >= 0; j--) y = y * c + p[j];
        return (n % 2 == 0 ? 1 : -1) * b_polygamma(n, 1 - x) - scale * y;
      }
      double gamma = 1, order = n, sum = 0;
      for (int k = 2; k < n; k++) gamma *= k;
      double factorial = gamma * (n > 0 ? n : 1);
      while (x < 20 + n) { sum += factorial / __builtin_pow(x, n + 1); x += 1; }
      double tail = gamma / __builtin_pow(x, n) + factorial / (2 * __builtin_pow(x, n + 1));
      double ratio = factorial * (order + 1) / 2 / __builtin_pow(x, n + 2);
      for (int k = 0; k < 8; k++) {
        tail += bernoulli[k] * ratio;
        double m = 2 * (k + 1);
        ratio *= (order + m) * (order + m + 1) / ((m + 1) * (m + 2) * x * x);
      }
      return (n % 2 == 0 ? -1 : 1) * (sum + tail);
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

  /// Whole-array steps; matrices are row-major.
  static let arrays = #"""
    static __attribute__((unused)) void b_maximum(const double *a, long n, double *y) {
      double m = -B_INF;
      for (long i = 0; i < n; i++) m = b_max(m, a[i]);
      *y = m;
    }
    static __attribute__((unused)) void b_logsumexp(const double *a, long n, double *y) {
      double m, s = 0;
      b_maximum(a, n, &m);
      for (long i = 0; i < n; i++) s += b_exp(a[i] - m);
      *y = __builtin_fabs(m) < B_INF ? m + b_log(s) : m;
    }
    B_INLINE void b_transpose(const double *a, long rows, long columns, double *y) {
      for (long i = 0; i < rows; i++) for (long j = 0; j < columns; j++) y[j * rows + i] = a[i * columns + j];
    }
    B_INLINE void b_matvec(const double *a, long rows, long columns, const double *u, double *y) {
      for (long i = 0; i < rows; i++) {
        double s = 0;
        for (long j = 0; j < columns; j++) s += a[i * columns + j] * u[j];
        y[i] = s;
      }
    }
    B_INLINE void b_matvec_t(const double *a, long rows, long columns, const double *u, double *y) {
      for (long j = 0; j < columns; j++) y[j] = 0;
      for (long i = 0; i < rows; i++) for (long j = 0; j < columns; j++) y[j] += a[i * columns + j] * u[i];
    }
    B_INLINE void b_matmul(const double *a, int ta, const double *b, int tb, long m, long k, long n, double *y) {
      for (long i = 0; i < m; i++) {
        if (tb) {
          for (long j = 0; j < n; j++) {
            double s = 0;
            for (long l = 0; l < k; l++) s += (ta ? a[l * m + i] : a[i * k + l]) * b[j * k + l];
            y[i * n + j] = s;
          }
        } else {
          for (long j = 0; j < n; j++) y[i * n + j] = 0;
          for (long l = 0; l < k; l++) {
            double s = ta ? a[l * m + i] : a[i * k + l];
            for (long j = 0; j < n; j++) y[i * n + j] += s * b[l * n + j];
          }
        }
      }
    }
    B_INLINE void b_outer(const double *u, long m, const double *v, long n, double *y) {
      for (long i = 0; i < m; i++) for (long j = 0; j < n; j++) y[i * n + j] = u[i] * v[j];
    }
    B_INLINE void b_cholesky(const double *a, long n, double *l) {
      for (long i = 0; i < n; i++) {
        for (long j = 0; j <= i; j++) {
          double s = a[i * n + j];
          for (long k = 0; k < j; k++) s -= l[i * n + k] * l[j * n + k];
          if (i > j) { l[i * n + j] = s / l[j * n + j]; continue; }
          if (!(s > 0)) { for (long k = 0; k < n * n; k++) l[k] = B_NAN; return; }
          l[i * n + i] = __builtin_sqrt(s);
        }
        for (long j = i + 1; j < n; j++) l[i * n + j] = 0;
      }
    }
    B_INLINE void b_trisolve(const double *l, long n, const double *b, long columns, double *y) {
      for (long i = 0; i < n; i++) {
        for (long c = 0; c < columns; c++) y[i * columns + c] = b[i * columns + c];
        for (long k = 0; k < i; k++)
          for (long c = 0; c < columns; c++) y[i * columns + c] -= l[i * n + k] * y[k * columns + c];
        for (long c = 0; c < columns; c++) y[i * columns + c] /= l[i * n + i];
      }
    }
    B_INLINE void b_trisolve_t(const double *l, long n, const double *b, long columns, double *y) {
      for (long i = 0; i < n * columns; i++) y[i] = b[i];
      for (long i = n - 1; i >= 0; i--) {
        for (long c = 0; c < columns; c++) y[i * columns + c] /= l[i * n + i];
        for (long k = 0; k < i; k++)
          for (long c = 0; c < columns; c++) y[k * columns + c] -= l[i * n + k] * y[i * columns + c];
      }
    }
    B_INLINE void b_cumsum(const double *a, long n, double *y) {
      double s = 0;
      for (long i = 0; i < n; i++) { s += a[i]; y[i] = s; }
    }
    B_INLINE void b_cumsum_r(const double *a, long n, double *y) {
      double s = 0;
      for (long i = n - 1; i >= 0; i--) { s += a[i]; y[i] = s; }
    }

    """#
}
