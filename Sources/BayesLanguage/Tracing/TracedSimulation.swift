// What tracing a model to be run forwards yields: its quantities as slots, its statements as draws.

public import BayesCore
public import BayesGraph
public import BayesNumerics

/// A model as a function of values instead of unconstrained coordinates: every element of a parameter
/// (on the constrained scale) and of observed data is a slot, which `.position` nodes read, and every
/// statement says how its slots are drawn.
public struct TracedSimulation: Sendable {
  /// Unknowns in declaration order.
  public let parameters: [SimulatedParameter]
  /// Observed data in declaration order.
  public let observed: [SimulatedData]
  /// `@Derived` quantities in declaration order.
  public let derived: [TracedQuantity]
  /// The statements of the body in order.
  public let steps: [SimulationStep]
  public let graph: Graph
  /// A value for each slot before the first draw: the bound data, and NaN for parameters.
  public let initialValues: [Double]
}

/// A parameter with its slots and its support.
public struct SimulatedParameter: Sendable {
  public let variable: Variable
  public let shape: Shape
  public let slots: Range<Int>
  public let support: SupportKind
  /// In words: `positive`.
  public let supportDescription: String
  /// The nodes of the support's bounds, scalars or of the parameter's shape.
  public let bounds: [NodeID]
}

/// Observed data with its slots.
public struct SimulatedData: Sendable {
  public let name: String
  public let shape: Shape
  public let slots: Range<Int>
}

/// One statement, run forwards.
public struct SimulationStep: Sendable {
  /// How slots are drawn.
  public struct Draw: Sendable {
    /// The distribution's arguments.
    public let arguments: [NodeID]
    /// For each argument how an element of the left side reads it.
    public let readers: [ArgumentReader]
    /// How many elements of the left side one draw is: 1, a row, or all of them.
    public let size: Int
    /// One draw from what it reads of each argument; NaN where an argument has an impossible value,
    /// `nil` where the distribution is improper or has no mass on what it is narrowed to.
    public let values: @Sendable ([[Double]], inout RandomStream) -> [Double]?
  }

  public let location: SourceLocation
  /// As a message shows it: `y ~ Normal`.
  public let summary: String
  /// What the left side's elements are, in order.
  public let slots: [Int]
  public let rule: Rule

  /// How slots are drawn, or why they cannot be.
  public enum Rule: Sendable {
    case draw(Draw)
    case refused(String)
  }
}

/// How draw i of a left side, an element or a row of it, reads an argument.
public enum ArgumentReader: Sendable {
  /// All of it.
  case whole
  /// Element i.
  case element
  /// Row i of a matrix.
  case row(columns: Int)

  init(
    _ requirement: DistributionArgument.Requirement, _ argument: Shape, _ event: Event,
    _ left: Shape
  ) {
    if argument.isScalar || event == .matrix {
      self = .whole
    } else if event == .vector {
      // A row of means, or a number of trials, for each row of the left side; a covariance is one for all.
      let isMatrix = requirement == .covariance || requirement == .choleskyFactor
      if left.rank == 2, requirement == .wholeNonNegative {
        self = .element
      } else {
        self =
          argument.rank == 2 && left.rank == 2 && !isMatrix
          ? .row(columns: argument.columns) : .whole
      }
    } else if argument.rank == 2, left.rank == 1 {
      self = .row(columns: argument.columns)
    } else if requirement == .simplex || argument != left
      || (event == .category && argument.rank == 1)
    {
      self = .whole
    } else {
      self = .element
    }
  }

  /// The places that element `i` reads of an argument with `count` elements.
  public func places(_ i: Int, count: Int) -> Range<Int> {
    switch self {
    case .whole: 0..<count
    case .element: i..<(i + 1)
    case .row(let columns): (i * columns)..<((i + 1) * columns)
    }
  }
}
