// One line of a body: `~`, `<-` or `Factor`.

precedencegroup StatementPrecedence {
  higherThan: AssignmentPrecedence
  lowerThan: TernaryPrecedence
}

infix operator ~ : StatementPrecedence
infix operator <- : StatementPrecedence

/// One line of a body, made by `~`, `<-` or `Factor`.
public struct Statement: Sendable {
  enum Form: Sendable {
    case distributed(Term, any Distribution)
    case defined(Term, Term)
    case factor(Term)
    case model(any Model)
  }

  let form: Form
}

/// The left side is distributed as the right side says: a parameter's prior, or a likelihood of data.
public func ~ (left: some Symbolic, right: some Distribution) -> Statement {
  Statement(form: .distributed(left.term, right))
}

/// Defines a `@Derived` number.
public func <- (left: Real, right: Real) -> Statement {
  Statement(form: .defined(left.term, right.term))
}

/// Defines a `@Derived` vector.
public func <- (left: Vector, right: Vector) -> Statement {
  Statement(form: .defined(left.term, right.term))
}

/// Defines a `@Derived` matrix.
public func <- (left: Matrix, right: Matrix) -> Statement {
  Statement(form: .defined(left.term, right.term))
}

/// Adds an expression to the log density, in nats; the elements of a vector are added up.
// swift-format-ignore: AlwaysUseLowerCamelCase
public func Factor(_ logDensity: some Symbolic) -> Statement {
  Statement(form: .factor(logDensity.term))
}
