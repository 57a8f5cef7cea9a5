// OpenBLAS by address, for code that is compiled while the program runs.

import COpenBLAS

/// The addresses of `cblas_dgemm`, `cblas_dtrsm` and LAPACK's `dpotrf_`, in this order.
///
/// Compiled kernels call these instead of linking a library of their own, so that a process has one
/// BLAS with one setting of threads.
public func blasAddresses() -> [UnsafeRawPointer] {
  let product:
    @convention(c) (
      CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, Int32, Int32, Int32, Double,
      UnsafePointer<Double>?, Int32, UnsafePointer<Double>?, Int32, Double,
      UnsafeMutablePointer<Double>?, Int32
    ) -> Void = cblas_dgemm
  let solve:
    @convention(c) (
      CBLAS_ORDER, CBLAS_SIDE, CBLAS_UPLO, CBLAS_TRANSPOSE, CBLAS_DIAG, Int32, Int32, Double,
      UnsafePointer<Double>?, Int32, UnsafeMutablePointer<Double>?, Int32
    ) -> Void = cblas_dtrsm
  let factor:
    @convention(c) (
      UnsafePointer<CChar>?, UnsafePointer<Int32>?, UnsafeMutablePointer<Double>?,
      UnsafePointer<Int32>?, UnsafeMutablePointer<Int32>?
    ) -> Void = dpotrf_
  return [
    unsafeBitCast(product, to: UnsafeRawPointer.self),
    unsafeBitCast(solve, to: UnsafeRawPointer.self),
    unsafeBitCast(factor, to: UnsafeRawPointer.self),
  ]
}
