// Cosine series on a mesh by the fast Fourier transform.

internal import CGSL

/// The values of a cosine series on an even mesh of [0, 1]: Σ_k a_k cos(πkj/N) for j = 0 … N.
///
/// With numbers in places of odd index 2c + 1 instead, and N twice their count, value k is Σ_c a_c cos(πk(2c + 1)/N): the
/// coefficients of numbers at the middles of cells.
///
/// Cost: one real transform of length 2N.
///
/// - Parameter values: 2N numbers, N a power of two: the coefficients and zeros. The first N + 1 of them are the values after
///   the call, the others are of no use.
public func transformToCosineValues(_ values: inout [Double]) {
  let length = values.count
  precondition(length >= 4 && length & (length - 1) == 0, "a power of two")
  disableGSLErrorHandler()
  // Half-complex order: the real parts of frequencies 0 … N stand first.
  let status = values.withUnsafeMutableBufferPointer {
    gsl_fft_real_radix2_transform($0.baseAddress, 1, length)
  }
  precondition(status == 0, "Fourier transform")
}
