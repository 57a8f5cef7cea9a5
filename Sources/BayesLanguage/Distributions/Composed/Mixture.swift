// Finite mixtures, the component summed out.

public import BayesGraph
public import BayesNumerics

/// A finite mixture of distributions of one kind of event.
///
/// ```
/// log p(x) = log Σ_k w_k p_k(x) = logSumExp_k(log w_k + log p_k(x))
/// ```
///
/// The weights are a simplex: a vector, or one scalar per component. Each element of a vector left side
/// has a component of its own. A component counts as −∞ outside its support. Reference: Gelman et
/// al. 2013, Bayesian Data Analysis, third edition, chapter 22.
public struct Mixture: Distribution {
  public let arguments: [DistributionArgument]
  /// The distributions that are mixed.
  public let components: [any Distribution]
  private let weightCount: Int
  public var name: String { "Mixture" }
  public var event: Event { components.first?.event ?? .real }

  /// Weights as one scalar per component, `[w, 1 - w]`.
  public init(_ weights: [any Symbolic], _ components: any Distribution...) {
    self.init(weights: weights.map { Self.weight($0) }, components)
  }

  /// Weights as a vector, one element per component.
  public init(_ weights: some Symbolic, _ components: any Distribution...) {
    self.init(weights: [DistributionArgument("weights", weights, .simplex)], components)
  }

  private init(weights: [DistributionArgument], _ components: [any Distribution]) {
    self.components = components
    weightCount = weights.count
    arguments = weights + components.flatMap(\.arguments)
  }

  private static func weight(_ value: some Symbolic) -> DistributionArgument {
    DistributionArgument("weight", value, .probability)
  }

  /// The elements of `list` that belong to each component.
  private func parts<Element>(_ list: [Element]) -> [[Element]] {
    var start = weightCount
    return components.map { component in
      defer { start += component.arguments.count }
      return Array(list[start..<start + component.arguments.count])
    }
  }

  public func support(_ arguments: [Tensor]) -> Support {
    let supports = zip(components, parts(arguments)).map { $0.support($1) }
    return supports.dropFirst().reduce(supports.first ?? .real) { $0.hull($1) }
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let whole = support(arguments)
    let terms = zip(components, parts(arguments)).enumerated().map { k, component in
      let (distribution, own) = component
      let weight =
        arguments[0].shape.rank == 1 && weightCount == 1 ? arguments[0].element(k) : arguments[k]
      let density = distribution.logDensity(value, own)
      let support = distribution.support(own)
      return weight.logarithm
        + (support.isSame(as: whole) ? density : support.guarded(density, at: value))
    }
    return logSumExp(terms)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let weights = weightCount == 1 ? arguments[0] : arguments[..<weightCount].map { $0[0] }
    guard weights.count == components.count, let k = stream.categorical(weights) else {
      return [Double](repeating: .nan, count: size)
    }
    return components[k].draw(parts(arguments)[k], size: size, using: &stream)
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    let isVector = weightCount == 1 && arguments[0].shape.rank == 1
    let found = isVector ? arguments[0].shape.count : weightCount
    if components.isEmpty { return "Mixture has no components" }
    if found != components.count {
      return "Mixture has \(found) weights for \(components.count) components"
    }
    if let other = components.first(where: { $0.event != event }) {
      return "Mixture of \(components[0].name) and \(other.name): the components must be "
        + "distributions of the same kind of value"
    }
    if !isVector {
      for weight in arguments[..<weightCount]
      where !weight.shape.isScalar && weight.shape != shape {
        return "a weight of Mixture is a \(weight.shape); expected a scalar or a \(shape)"
      }
      let known = arguments[..<weightCount].compactMap {
        $0.shape.isScalar ? $0.dataValues?[0] : nil
      }
      let total = known.reduce(0, +)
      if known.count == weightCount, !(abs(total - 1) <= 1e-8) {
        return "the weights of Mixture add up to \(shortestDescription(total)); expected 1"
      }
    }
    for (component, own) in zip(components, parts(arguments)) {
      if let conflict = component.conflict(own, shape: shape) { return conflict }
    }
    return nil
  }
}
