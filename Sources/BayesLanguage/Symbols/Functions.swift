// Elementwise functions of numbers, vectors and matrices.

internal import BayesGraph

/// eˣ, elementwise.
public func exp(_ x: Real) -> Real { Real(.exp, x) }
/// eˣ, elementwise.
public func exp(_ x: Vector) -> Vector { Vector(.exp, x) }
/// eˣ, elementwise.
public func exp(_ x: Matrix) -> Matrix { Matrix(.exp, x) }
/// eˣ, elementwise.
public func exp(_ x: Count) -> Real { Real(.exp, x) }
/// eˣ, elementwise.
public func exp(_ x: Counts) -> Vector { Vector(.exp, x) }

/// eˣ − 1 without cancellation near 0, elementwise.
public func expMinusOne(_ x: Real) -> Real { Real(.expMinusOne, x) }
/// eˣ − 1 without cancellation near 0, elementwise.
public func expMinusOne(_ x: Vector) -> Vector { Vector(.expMinusOne, x) }
/// eˣ − 1 without cancellation near 0, elementwise.
public func expMinusOne(_ x: Matrix) -> Matrix { Matrix(.expMinusOne, x) }

/// The natural logarithm, elementwise; NaN below 0.
public func log(_ x: Real) -> Real { Real(.log, x) }
/// The natural logarithm, elementwise; NaN below 0.
public func log(_ x: Vector) -> Vector { Vector(.log, x) }
/// The natural logarithm, elementwise; NaN below 0.
public func log(_ x: Matrix) -> Matrix { Matrix(.log, x) }
/// The natural logarithm, elementwise; NaN below 0.
public func log(_ x: Count) -> Real { Real(.log, x) }
/// The natural logarithm, elementwise; NaN below 0.
public func log(_ x: Counts) -> Vector { Vector(.log, x) }

/// log(1 + x) without cancellation near 0, elementwise.
public func log(onePlus x: Real) -> Real { Real(.logOnePlus, x) }
/// log(1 + x) without cancellation near 0, elementwise.
public func log(onePlus x: Vector) -> Vector { Vector(.logOnePlus, x) }
/// log(1 + x) without cancellation near 0, elementwise.
public func log(onePlus x: Matrix) -> Matrix { Matrix(.logOnePlus, x) }

/// log(1 + eˣ), the softplus, elementwise.
public func log(onePlusExp x: Real) -> Real { Real(.log1pExp, x) }
/// log(1 + eˣ), the softplus, elementwise.
public func log(onePlusExp x: Vector) -> Vector { Vector(.log1pExp, x) }
/// log(1 + eˣ), the softplus, elementwise.
public func log(onePlusExp x: Matrix) -> Matrix { Matrix(.log1pExp, x) }

/// log(1 − eˣ) for x < 0, elementwise.
public func log(oneMinusExp x: Real) -> Real { Real(.log1mExp, x) }
/// log(1 − eˣ) for x < 0, elementwise.
public func log(oneMinusExp x: Vector) -> Vector { Vector(.log1mExp, x) }
/// log(1 − eˣ) for x < 0, elementwise.
public func log(oneMinusExp x: Matrix) -> Matrix { Matrix(.log1mExp, x) }

/// The square root, elementwise; NaN below 0.
public func sqrt(_ x: Real) -> Real { Real(.sqrt, x) }
/// The square root, elementwise; NaN below 0.
public func sqrt(_ x: Vector) -> Vector { Vector(.sqrt, x) }
/// The square root, elementwise; NaN below 0.
public func sqrt(_ x: Matrix) -> Matrix { Matrix(.sqrt, x) }
/// The square root, elementwise; NaN below 0.
public func sqrt(_ x: Count) -> Real { Real(.sqrt, x) }
/// The square root, elementwise; NaN below 0.
public func sqrt(_ x: Counts) -> Vector { Vector(.sqrt, x) }

/// x², elementwise.
public func square(_ x: Real) -> Real { Real(.square, x) }
/// x², elementwise.
public func square(_ x: Vector) -> Vector { Vector(.square, x) }
/// x², elementwise.
public func square(_ x: Matrix) -> Matrix { Matrix(.square, x) }
/// x², elementwise.
public func square(_ x: Count) -> Real { Real(.square, x) }
/// x², elementwise.
public func square(_ x: Counts) -> Vector { Vector(.square, x) }

/// 1 / x, elementwise.
public func reciprocal(_ x: Real) -> Real { Real(.reciprocal, x) }
/// 1 / x, elementwise.
public func reciprocal(_ x: Vector) -> Vector { Vector(.reciprocal, x) }
/// 1 / x, elementwise.
public func reciprocal(_ x: Matrix) -> Matrix { Matrix(.reciprocal, x) }

/// |x|, elementwise.
public func abs(_ x: Real) -> Real { Real(.abs, x) }
/// |x|, elementwise.
public func abs(_ x: Vector) -> Vector { Vector(.abs, x) }
/// |x|, elementwise.
public func abs(_ x: Matrix) -> Matrix { Matrix(.abs, x) }

/// 1 / (1 + e⁻ˣ), elementwise; the inverse of `logit`.
public func logistic(_ x: Real) -> Real { Real(.logistic, x) }
/// 1 / (1 + e⁻ˣ), elementwise; the inverse of `logit`.
public func logistic(_ x: Vector) -> Vector { Vector(.logistic, x) }
/// 1 / (1 + e⁻ˣ), elementwise; the inverse of `logit`.
public func logistic(_ x: Matrix) -> Matrix { Matrix(.logistic, x) }

/// The hyperbolic tangent, elementwise.
public func tanh(_ x: Real) -> Real { Real(.tanh, x) }
/// The hyperbolic tangent, elementwise.
public func tanh(_ x: Vector) -> Vector { Vector(.tanh, x) }
/// The hyperbolic tangent, elementwise.
public func tanh(_ x: Matrix) -> Matrix { Matrix(.tanh, x) }

/// The sine, elementwise; x in radians.
public func sin(_ x: Real) -> Real { Real(.sin, x) }
/// The sine, elementwise; x in radians.
public func sin(_ x: Vector) -> Vector { Vector(.sin, x) }
/// The sine, elementwise; x in radians.
public func sin(_ x: Matrix) -> Matrix { Matrix(.sin, x) }

/// The cosine, elementwise; x in radians.
public func cos(_ x: Real) -> Real { Real(.cos, x) }
/// The cosine, elementwise; x in radians.
public func cos(_ x: Vector) -> Vector { Vector(.cos, x) }
/// The cosine, elementwise; x in radians.
public func cos(_ x: Matrix) -> Matrix { Matrix(.cos, x) }

/// The arctangent, elementwise.
public func atan(_ x: Real) -> Real { Real(.atan, x) }
/// The arctangent, elementwise.
public func atan(_ x: Vector) -> Vector { Vector(.atan, x) }
/// The arctangent, elementwise.
public func atan(_ x: Matrix) -> Matrix { Matrix(.atan, x) }

/// log Γ(x), elementwise.
public func lgamma(_ x: Real) -> Real { Real(.logGamma, x) }
/// log Γ(x), elementwise.
public func lgamma(_ x: Vector) -> Vector { Vector(.logGamma, x) }
/// log Γ(x), elementwise.
public func lgamma(_ x: Matrix) -> Matrix { Matrix(.logGamma, x) }
/// log Γ(x), elementwise.
public func lgamma(_ x: Count) -> Real { Real(.logGamma, x) }
/// log Γ(x), elementwise.
public func lgamma(_ x: Counts) -> Vector { Vector(.logGamma, x) }

/// The derivative of log Γ, elementwise.
public func digamma(_ x: Real) -> Real { Real(.polygamma(0), x) }
/// The derivative of log Γ, elementwise.
public func digamma(_ x: Vector) -> Vector { Vector(.polygamma(0), x) }
/// The derivative of log Γ, elementwise.
public func digamma(_ x: Matrix) -> Matrix { Matrix(.polygamma(0), x) }

/// Φ(x), the standard normal distribution function, elementwise.
public func normalCDF(_ x: Real) -> Real { Real(.normalCDF, x) }
/// Φ(x), the standard normal distribution function, elementwise.
public func normalCDF(_ x: Vector) -> Vector { Vector(.normalCDF, x) }
/// Φ(x), the standard normal distribution function, elementwise.
public func normalCDF(_ x: Matrix) -> Matrix { Matrix(.normalCDF, x) }

/// log Φ(x), accurate in the lower tail, elementwise.
public func logNormalCDF(_ x: Real) -> Real { Real(.logNormalCDF, x) }
/// log Φ(x), accurate in the lower tail, elementwise.
public func logNormalCDF(_ x: Vector) -> Vector { Vector(.logNormalCDF, x) }
/// log Φ(x), accurate in the lower tail, elementwise.
public func logNormalCDF(_ x: Matrix) -> Matrix { Matrix(.logNormalCDF, x) }

/// log(x / (1 − x)), the log odds, elementwise.
public func logit(_ x: Real) -> Real { log(x) - log(onePlus: -x) }
/// log(x / (1 − x)), the log odds, elementwise.
public func logit(_ x: Vector) -> Vector { log(x) - log(onePlus: -x) }

/// xʸ, elementwise.
public func pow(_ x: Real, _ y: Real) -> Real { Real(.power, x, y) }
/// xʸ, elementwise.
public func pow(_ x: Real, _ y: Double) -> Real { Real(.power, x, y) }
/// xʸ, elementwise.
public func pow(_ x: Double, _ y: Real) -> Real { Real(.power, x, y) }
/// xʸ, elementwise.
public func pow(_ x: Vector, _ y: Vector) -> Vector { Vector(.power, x, y) }
/// xʸ, elementwise.
public func pow(_ x: Vector, _ y: Real) -> Vector { Vector(.power, x, y) }
/// xʸ, elementwise.
public func pow(_ x: Real, _ y: Vector) -> Vector { Vector(.power, x, y) }
/// xʸ, elementwise.
public func pow(_ x: Vector, _ y: Double) -> Vector { Vector(.power, x, y) }
/// xʸ, elementwise.
public func pow(_ x: Double, _ y: Vector) -> Vector { Vector(.power, x, y) }

/// The greater of the two, elementwise.
public func max(_ x: Real, _ y: Real) -> Real { Real(.maximum, x, y) }
/// The greater of the two, elementwise.
public func max(_ x: Real, _ y: Double) -> Real { Real(.maximum, x, y) }
/// The greater of the two, elementwise.
public func max(_ x: Double, _ y: Real) -> Real { Real(.maximum, x, y) }
/// The greater of the two, elementwise.
public func max(_ x: Vector, _ y: Vector) -> Vector { Vector(.maximum, x, y) }
/// The greater of the two, elementwise.
public func max(_ x: Vector, _ y: Real) -> Vector { Vector(.maximum, x, y) }
/// The greater of the two, elementwise.
public func max(_ x: Real, _ y: Vector) -> Vector { Vector(.maximum, x, y) }
/// The greater of the two, elementwise.
public func max(_ x: Vector, _ y: Double) -> Vector { Vector(.maximum, x, y) }
/// The greater of the two, elementwise.
public func max(_ x: Double, _ y: Vector) -> Vector { Vector(.maximum, x, y) }

/// The lesser of the two, elementwise.
public func min(_ x: Real, _ y: Real) -> Real { Real(.minimum, x, y) }
/// The lesser of the two, elementwise.
public func min(_ x: Real, _ y: Double) -> Real { Real(.minimum, x, y) }
/// The lesser of the two, elementwise.
public func min(_ x: Double, _ y: Real) -> Real { Real(.minimum, x, y) }
/// The lesser of the two, elementwise.
public func min(_ x: Vector, _ y: Vector) -> Vector { Vector(.minimum, x, y) }
/// The lesser of the two, elementwise.
public func min(_ x: Vector, _ y: Real) -> Vector { Vector(.minimum, x, y) }
/// The lesser of the two, elementwise.
public func min(_ x: Real, _ y: Vector) -> Vector { Vector(.minimum, x, y) }
/// The lesser of the two, elementwise.
public func min(_ x: Vector, _ y: Double) -> Vector { Vector(.minimum, x, y) }
/// The lesser of the two, elementwise.
public func min(_ x: Double, _ y: Vector) -> Vector { Vector(.minimum, x, y) }
