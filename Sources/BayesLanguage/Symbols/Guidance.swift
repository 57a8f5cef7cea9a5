// What people who know Stan or PyMC write first, refused by the compiler with what to write instead.
// Nothing here can be called.

// MARK: Types of declared properties

@available(
  *, unavailable,
  message: "a whole number of the data is declared as Count, a vector of them as Counts"
)
extension Int: DeclaredType {
  public init(term: Term) { fatalError() }
  public static var kind: SymbolKind { .count }
}

@available(
  *, unavailable,
  message: "a number is declared as Real, a vector of numbers as Vector"
)
extension Double: DeclaredType {
  public init(term: Term) { fatalError() }
  public static var kind: SymbolKind { .real }
}

@available(
  *, unavailable,
  message: "0 or 1 in the data is declared as Count, a vector of them as Counts"
)
extension Bool: DeclaredType {
  public init(term: Term) { fatalError() }
  public static var kind: SymbolKind { .count }
}

@available(
  *, unavailable,
  message: "labels are declared as Indices with the axis that they name: in: \\Self.group"
)
extension String: DeclaredType {
  public init(term: Term) { fatalError() }
  public static var kind: SymbolKind { .indices }
}

@available(
  *, unavailable,
  message: "a list is declared over an axis: (over: \\Self.row) var y: Vector (or Counts)"
)
extension Array: DeclaredType {
  public init(term: Term) { fatalError() }
  public static var kind: SymbolKind { .vector }
}

@available(
  *, unavailable,
  message: "a parameter is continuous, a Real, Vector or Matrix; sum a discrete one out: Mixture"
)
extension Int: ContinuousType {}

@available(
  *, unavailable,
  message: "a parameter is continuous, a Real, Vector or Matrix; sum a discrete one out: Mixture"
)
extension Bool: ContinuousType {}

@available(
  *, unavailable,
  message: "a number is declared as Real, a vector of numbers as Vector"
)
extension Double: ContinuousType {}

@available(
  *, unavailable,
  message: "a list is declared over an axis: (over: \\Self.row) var beta: Vector"
)
extension Array: ContinuousType {}

// MARK: Conditions

/// A comparison has another result in every draw, so that `if` cannot ask for it.
extension Real {
  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func < (a: Real, b: Real) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func < (a: Real, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func <= (a: Real, b: Real) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func <= (a: Real, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func > (a: Real, b: Real) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func > (a: Real, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func >= (a: Real, b: Real) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func >= (a: Real, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func == (a: Real, b: Real) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func == (a: Real, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func != (a: Real, b: Real) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from draw to draw; write select(condition, a, b), not if"
  )
  public static func != (a: Real, b: Double) -> Bool { fatalError() }
}

/// The data is not known where Swift asks; what is, is the size of an axis.
extension Count {
  @available(
    *, unavailable, message: "data is symbolic; write select(condition, a, b), not if"
  )
  public static func < (a: Count, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable, message: "data is symbolic; write select(condition, a, b), not if"
  )
  public static func <= (a: Count, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable, message: "data is symbolic; write select(condition, a, b), not if"
  )
  public static func > (a: Count, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable, message: "data is symbolic; write select(condition, a, b), not if"
  )
  public static func >= (a: Count, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable, message: "data is symbolic; write select(condition, a, b), not if"
  )
  public static func == (a: Count, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable, message: "data is symbolic; write select(condition, a, b), not if"
  )
  public static func != (a: Count, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable, message: "a loop runs over the size of an axis: for i in 0..<row.count"
  )
  public static func ..< (a: Int, b: Count) -> Range<Int> { fatalError() }
}

/// Elements differ, and from draw to draw.
extension Vector {
  @available(
    *, unavailable,
    message: "it may differ from element to element; write select(condition, a, b), not if"
  )
  public static func < (a: Vector, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from element to element; write select(condition, a, b), not if"
  )
  public static func <= (a: Vector, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from element to element; write select(condition, a, b), not if"
  )
  public static func > (a: Vector, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from element to element; write select(condition, a, b), not if"
  )
  public static func >= (a: Vector, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from element to element; write select(condition, a, b), not if"
  )
  public static func == (a: Vector, b: Double) -> Bool { fatalError() }

  @available(
    *, unavailable,
    message: "it may differ from element to element; write select(condition, a, b), not if"
  )
  public static func != (a: Vector, b: Double) -> Bool { fatalError() }
}

// MARK: Powers, conversions, positions

extension Real {
  @available(*, unavailable, message: "a power is written pow(x, 2) or square(x)")
  public static func ^ (a: Real, b: Double) -> Real { fatalError() }
}

extension Vector {
  @available(*, unavailable, message: "a power is written pow(x, 2) or square(x)")
  public static func ^ (a: Vector, b: Double) -> Vector { fatalError() }

  @available(
    *, unavailable, message: "a column of positions is declared as Indices with in: its axis"
  )
  public subscript(positions: Counts) -> Vector { fatalError() }

  @available(
    *, unavailable, message: "a column of positions is declared as Indices with in: its axis"
  )
  public subscript(positions: Vector) -> Vector { fatalError() }

  @available(
    *, unavailable, message: "a position is a number of Swift, or a column declared as Indices"
  )
  public subscript(position: Count) -> Real { fatalError() }
}

extension Double {
  @available(*, unavailable, message: "data is symbolic; write n itself, or Real(n)")
  public init(_ value: Count) { fatalError() }

  @available(*, unavailable, message: "a symbolic number has no value while the body runs")
  public init(_ value: Real) { fatalError() }
}

// MARK: Axes

extension Observed {
  @available(*, unavailable, message: "an axis is named by its key path: over: \\Self.row")
  public init(over axis: Axis) { fatalError() }
}

extension Given {
  @available(*, unavailable, message: "an axis is named by its key path: over: \\Self.row")
  public init(over axis: Axis) { fatalError() }
}

extension Parameter {
  @available(*, unavailable, message: "an axis is named by its key path: over: \\Self.row")
  public init(over axis: Axis) { fatalError() }
}

extension Derived {
  @available(*, unavailable, message: "an axis is named by its key path: over: \\Self.row")
  public init(over axis: Axis) { fatalError() }
}

// MARK: Lines of a body

extension DensityBuilder {
  @available(
    *, unavailable,
    message: "a line of body is y ~ Distribution(…), derived <- expression, Factor(…) or a submodel"
  )
  public static func buildExpression(_ nothing: Void) -> Block { fatalError() }

  @available(
    *, unavailable,
    message: "a bare expression says nothing; write Factor(…) to add to the log density"
  )
  public static func buildExpression(_ expression: some Symbolic) -> Block { fatalError() }

  @available(
    *, unavailable, message: "a distribution needs a left side: y ~ Distribution(…)"
  )
  public static func buildExpression(_ distribution: some Distribution) -> Block { fatalError() }
}
