// The C functions that kernels call: whole-array steps, by loops and by OpenBLAS.

extension Prelude {
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

  /// The same by OpenBLAS, whose functions come from the host program (`blasAddresses`). The numbers are
  /// those of cblas.h: 101 row-major, 111 and 112 plain and transposed, 122 lower, 131 a diagonal
  /// of its own, 141 from the left. LAPACK is column-major: our lower triangle is its upper one.
  static let blas = #"""
    struct blas {
      void (*product)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int);
      void (*solve)(int, int, int, int, int, int, int, double, const double *, int, double *, int);
      void (*factor)(const char *, const int *, double *, const int *, int *);
    };
    B_INLINE void b_matmul_blas(const struct blas *f, const double *a, int ta, const double *b, int tb, long m, long k, long n, double *y) {
      f->product(101, ta ? 112 : 111, tb ? 112 : 111, m, n, k, 1.0, a, ta ? m : k, b, tb ? k : n, 0.0, y, n);
    }
    B_INLINE void b_trisolve_blas(const struct blas *f, const double *l, long n, const double *b, long columns, int transposed, double *y) {
      __builtin_memcpy(y, b, 8 * n * columns);
      f->solve(101, 141, 122, transposed ? 112 : 111, 131, n, columns, 1.0, l, n, y, columns);
    }
    B_INLINE void b_cholesky_blas(const struct blas *f, const double *a, long n, double *l) {
      for (long i = 0; i < n; i++) for (long j = 0; j < n; j++) l[i * n + j] = j <= i ? a[i * n + j] : 0;
      int size = n, status = 0;
      f->factor("U", &size, l, &size, &status);
      // A NaN in the matrix is no error to LAPACK.
      for (long i = 0; i < n; i++) if (!(l[i * n + i] > 0)) status = 1;
      if (status != 0) for (long k = 0; k < n * n; k++) l[k] = B_NAN;
    }

    """#
}
