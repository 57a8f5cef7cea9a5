// One of K categories.

public import BayesGraph
public import BayesNumerics
import Glibc

/// One of K categories, counted from 0.
///
/// ```
/// log p(k | θ) = log θ_k
/// log p(k | η) = η_k − log Σ_j exp η_j
/// ```
///
/// The probabilities are a simplex; logits are free up to a common constant and may be −∞. A matrix gives
/// each element of a vector left side its own row. Reference: Stan Functions Reference, "Categorical
/// distribution" and its logit parameterisation (where categories start at 1).
public struct Categorical: Distribution {
  public let arguments: [DistributionArgument]
  private let isLogit: Bool
  public var name: String { "Categorical" }
  public var event: Event { .category }

  /// One probability per category.
  public init(_ probabilities: some Symbolic) {
    arguments = [.init("probabilities", probabilities, .simplex)]
    isLogit = false
  }

  /// One logit per category.
  public init(logits: some Symbolic) {
    arguments = [.init("logits", logits, .any)]
    isLogit = true
  }

  public func support(_ arguments: [Tensor]) -> Support { .categories(categories(arguments[0])) }

  private func categories(_ argument: Tensor) -> Int {
    argument.shape.rank == 2 ? argument.shape.columns : argument.shape.count
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    // Every row the same, as under an assumed label, is one vector for all.
    let argument = arguments[0].repeatedRow ?? arguments[0]
    guard isLogit else { return chosenLogarithms(of: argument, value) }
    let chosen = chosenElements(of: argument, value)
    guard argument.shape.rank == 2 else { return chosen - argument.reduced(.logSumExp) }
    let count = categories(argument)
    let columns = (0..<count).map {
      argument.slice(Stride(start: $0, count: argument.shape.rows, step: count))
    }
    return chosen - logSumExp(columns)
  }

  /// The logarithm of the probability of each category in `value`, taken once for each that occurs: as
  /// many as there are categories, or rows of a gathered matrix and categories, not as many as values.
  private func chosenLogarithms(of argument: Tensor, _ value: Tensor) -> Tensor {
    let chosen = chosenElements(of: argument, value)
    let graph = value.builder.graph
    guard case .gather(let index) = graph[chosen.id].op else { return chosen.logarithm }
    let places = graph.indexArrays[index].map(Int.init)
    let source = Tensor(builder: value.builder, id: graph[chosen.id].inputs[0])
    let used = Set(places).sorted()
    guard used.count < source.shape.count, 2 * used.count < places.count else {
      return chosen.logarithm
    }
    let numbers = Dictionary(uniqueKeysWithValues: zip(used, used.indices))
    return source.gathered(used).logarithm.gathered(
      places.map { numbers[$0]! }, shape: value.shape)
  }

  /// The argument's element for each category in `value`.
  ///
  /// Gathered before the logarithm is taken, so that a probability of 0 for a category that does not
  /// occur leaves no 0 · ∞ in the gradient. A value that is no data goes through selects.
  private func chosenElements(of argument: Tensor, _ value: Tensor) -> Tensor {
    let builder = value.builder
    let count = categories(argument)
    if let known = value.knownValues, known.allSatisfy({ $0 >= 0 && $0 < Double(count) }) {
      let places = known.enumerated().map { row, category in
        (argument.shape.rank == 2 ? row * count : 0) + Int(category)
      }
      return argument.gathered(places, shape: value.shape)
    }
    let outside = builder.constant(isLogit ? -.infinity : 0)
    return (0..<count).reduce(outside) { chosen, category in
      let column =
        argument.shape.rank == 2
        ? argument.slice(Stride(start: category, count: argument.shape.rows, step: count))
        : argument.element(category)
      return builder.select(
        value(.equal, builder.constant(Double(category))), column, chosen)
    }
  }

  /// One draw; `arguments[0]` holds the K numbers of that draw (a row, if the argument is a matrix).
  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let largest = arguments[0].max() ?? 0
    let weights = isLogit ? arguments[0].map { exp($0 - largest) } : arguments[0]
    return [stream.categorical(weights).map(Double.init) ?? .nan]
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    let found = arguments[0].shape
    let label = self.arguments[0].label
    if found.rank == 1 && found.count > 0 { return nil }
    if found.rank == 2 && found.columns > 0 && shape == .vector(found.rows) { return nil }
    return
      "\(label) of Categorical is a \(found) beside a \(shape); expected a vector, one element "
      + "per category, or a matrix with one row per element of the left side"
  }
}
