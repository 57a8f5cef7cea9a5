// Terms that several log densities share, each stable at its edges.

import BayesGraph
import BayesNumerics
import Glibc

/// log(2π) / 2.
let halfLogTwoPi = 0.918_938_533_204_672_741_8
/// log 2.
let logTwo = 0.693_147_180_559_945_309_4
/// log π.
let logPi = 1.144_729_885_849_400_174_1

/// log x or log(1 − x) with a factor in front, 0 log 0 being 0.
///
/// Where the factor is 0 at build time the term is dropped; where it is so for some elements, or `argument` is
/// data that reaches the logarithm's pole, a select keeps value and gradient finite. Otherwise it is the plain
/// product.
func factorTimesLog(_ factor: Tensor, _ argument: Tensor, complement: Bool = false) -> Tensor {
  let builder = factor.builder
  if let known = factor.dataValues, known.allSatisfy({ $0 == 0 }) { return builder.constant(0) }
  let logarithm = complement ? (-argument)(.logOnePlus) : argument.logarithm
  let pole: Double = complement ? 1 : 0
  // An estimate may lie on the pole as data may, beside a factor that is 0 for some elements.
  if argument.dataValues?.contains(pole) ?? factor.dataValues?.contains(0) ?? false {
    let zero = builder.constant(0)
    return builder.select(factor, factor * logarithm, zero)
  }
  return factor * logarithm
}

/// count · log x (or log(1 − x)) for whole counts, 0 where the count is 0 whatever x is.
///
/// The select stands on the count, so that no 0 · ∞ enters the gradient when a probability
/// rounds to 0 or 1; it is left out when no count is 0.
func countTimesLog(_ count: Tensor, _ argument: Tensor, complement: Bool = false) -> Tensor {
  let logarithm = complement ? (-argument)(.logOnePlus) : argument.logarithm
  if let known = count.dataValues, !known.contains(0) { return count * logarithm }
  return count.builder.select(count, count * logarithm, count.builder.constant(0))
}

/// log(n over k), exact to a few ulp where both are data.
func logBinomialCoefficient(_ trials: Tensor, _ count: Tensor) -> Tensor {
  if let n = trials.dataValues, let k = count.dataValues {
    let size = max(n.count, k.count)
    let values = (0..<size).map { i in
      let trials = n[n.count == 1 ? 0 : i]
      let count = k[k.count == 1 ? 0 : i]
      return -log1p(trials) - logBeta(count + 1, trials - count + 1)
    }
    return trials.builder.data(values, shape: n.count >= k.count ? trials.shape : count.shape)
  }
  return (trials + 1).logGamma - (count + 1).logGamma - (trials - count + 1).logGamma
}

/// log(1 + z²/ν), finite up to |z| of 1e278.
///
/// Above 1e153, where z² would overflow, z is scaled by 2⁻⁴¹⁵ and the logarithm of the scale is
/// added back; 1 is then far below one ulp of z²/ν. One logarithm in both cases, so that this costs
/// two selects over the plain formula, and the gradient in the far tail is 2/z as it should be.
func logOnePlusSquare(_ z: Tensor, over degrees: Tensor?) -> Tensor {
  let builder = z.builder
  let isModerate = z(.abs)(.less, builder.constant(1e153))
  let scaled = z * builder.select(isModerate, builder.constant(1), builder.constant(0x1p-415))
  let offset = builder.select(
    isModerate, builder.constant(0), builder.constant(830 * logTwo))
  let square = scaled.squared
  return (degrees.map { square / $0 } ?? square)(.logOnePlus) + offset
}
