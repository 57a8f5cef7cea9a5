// The C functions that kernels call: gamma functions and the normal distribution.

extension Prelude {
  /// log Γ and its derivatives shift the argument above 8 by the recurrence and use Stirling's series
  /// there (Abramowitz & Stegun 1964, 6.1.41, 6.3.18, 6.4.12), and reflect for negative arguments.
  static let special = #"""
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

    """#
}
