// A distribution on a part of its support.

public import BayesGraph
public import BayesNumerics

/// A distribution narrowed to a part of its support, its density **not** renormalised (Stan's rule).
///
/// Where the bounds depend on parameters, the missing normalising constant is part of the model that was
/// written; where neither they nor the arguments do, it is a constant and does not matter. Narrowing real elements to
/// ordered vectors, simplexes and the like makes the whole vector one event.
public struct Narrowed<Base: Distribution>: Distribution {
  /// What is narrowed.
  public let base: Base
  /// To what.
  public let narrowing: SupportNarrowing
  public let arguments: [DistributionArgument]

  init(_ base: Base, _ narrowing: SupportNarrowing) {
    self.base = base
    self.narrowing = narrowing
    arguments =
      base.arguments
      + narrowing.bounds.map { DistributionArgument("bound", Bound(term: $0), .any) }
  }

  private struct Bound: Symbolic { let term: Term }

  public var name: String { base.name }

  public var event: Event {
    switch base.event {
    case .real: narrowing.event
    default: base.event
    }
  }

  private func split<Element>(_ list: [Element]) -> (base: [Element], bounds: [Element]) {
    (Array(list.prefix(base.arguments.count)), Array(list.dropFirst(base.arguments.count)))
  }

  /// The narrowed support; the base's own where `conflict` has something to say.
  public func support(_ arguments: [Tensor]) -> Support {
    let (own, bounds) = split(arguments)
    let whole = base.support(own)
    return (try? narrowing.narrowed(whole, bounds: bounds)) ?? whole
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let density = base.logDensity(value, split(arguments).base)
    if event == base.event { return density }
    return event == .vector && value.shape.rank == 2
      ? density.filled(value.shape).rowTotals : density.sum
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    let (own, bounds) = split(arguments)
    if let conflict = base.conflict(own, shape: shape) { return conflict }
    for bound in bounds where !bound.shape.isScalar && bound.shape != shape {
      return "a bound of \(name) is a \(bound.shape); expected a scalar or a \(shape)"
    }
    do {
      return try narrowing.narrowed(base.support(own), bounds: bounds).mismatch(shape)
    } catch {
      return "\(name) cannot be narrowed: \(error)"
    }
  }

  /// A draw of the base given that it lies in the narrowed support.
  ///
  /// Ordered vectors of identically distributed elements are sorted draws; otherwise draws of the base
  /// are rejected until one lies inside, for at most 10 000 tries. `nil` where that does not succeed,
  /// where the base is improper, and for supports of probability 0 under the base.
  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let (own, bounds) = split(arguments)
    if event == base.event {
      return rejection {
        base.draw(own, size: size, using: &stream)
      } until: { draw in
        narrowing.contains(draw, bounds: bounds)
      }
    }
    guard narrowing.hasVolume else { return nil }
    let areAlike = own.allSatisfy { $0.count == 1 }
    return rejection {
      var values: [Double] = []
      for i in 0..<size {
        let element = own.map { [$0[$0.count == size ? i : 0]] }
        guard let value = base.draw(element, size: 1, using: &stream) else { return nil }
        values += value
      }
      return areAlike ? values.sorted() : values
    } until: { draw in
      narrowing.contains(draw, bounds: bounds)
    }
  }

  /// The base, all narrowing taken off, where its draws are independent elements.
  var openBase: (any Distribution)? {
    guard event == base.event else { return nil }
    return (base as? any NarrowedDistribution)?.openBase ?? base
  }

  /// Whether the probability that narrowing cuts off depends on other quantities, so that it is no constant
  /// of the model.
  var hasOpenConstant: Bool {
    arguments.contains { argument in
      if case .constant = argument.term.form { false } else { true }
    }
  }

  private func rejection(
    _ propose: () -> [Double]?, until isInside: ([Double]) -> Bool
  ) -> [Double]? {
    for _ in 0..<10_000 {
      guard let draw = propose() else { return nil }
      if isInside(draw) { return draw }
    }
    return nil
  }
}

/// A narrowed distribution, whatever its base.
protocol NarrowedDistribution {
  var openBase: (any Distribution)? { get }
  var hasOpenConstant: Bool { get }
}

extension Narrowed: NarrowedDistribution {}

extension Distribution {
  /// Narrowed to a support.
  public func narrowed(_ narrowing: SupportNarrowing) -> Narrowed<Self> {
    Narrowed(self, narrowing)
  }

  /// Narrowed to positive values.
  public var positive: Narrowed<Self> { narrowed(.positive) }
  /// Narrowed to negative values.
  public var negative: Narrowed<Self> { narrowed(.negative) }
  /// Narrowed to an interval; a bound may depend on parameters.
  public func bounded(_ lower: some Symbolic, _ upper: some Symbolic) -> Narrowed<Self> {
    narrowed(.bounded(lower, upper))
  }
  /// Narrowed to values above a bound.
  public func lower(_ bound: some Symbolic) -> Narrowed<Self> { narrowed(.lower(bound)) }
  /// Narrowed to values below a bound.
  public func upper(_ bound: some Symbolic) -> Narrowed<Self> { narrowed(.upper(bound)) }
  /// Narrowed to vectors whose elements increase.
  public func ordered() -> Narrowed<Self> { narrowed(.ordered) }
  /// Narrowed to vectors of proportions.
  public func simplex() -> Narrowed<Self> { narrowed(.simplex) }
  /// Narrowed to vectors that sum to 0.
  public func sumToZero() -> Narrowed<Self> { narrowed(.sumToZero) }
  /// Narrowed to vectors of length 1.
  public func unitVector() -> Narrowed<Self> { narrowed(.unitVector) }
}
