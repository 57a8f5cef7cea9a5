// The declarative surface: a model is a struct with declared properties and a body.

import BayesCore

/// A part of a log density: a model, or what a body yields.
public protocol Density: Sendable {}

/// A Bayesian model: declared properties, and a body that says how they hang together.
///
/// ```swift
/// struct EightSchools: Model {
///   let school = Axis()
///   @Observed(over: \Self.school) var y: Vector
///   @Given(over: \Self.school) var sigma: Vector
///   @Parameter var mu: Real
///   @Parameter var tau: Real
///   @Parameter(over: \Self.school) var theta: Vector
///
///   var body: some Density {
///     mu ~ Normal(0, 5)
///     tau ~ HalfCauchy(5)
///     theta ~ Normal(mu, tau)
///     y ~ Normal(theta, sigma)
///   }
/// }
/// ```
///
/// | in a model | means |
/// | --- | --- |
/// | `let school = Axis()` | a named dimension; size and labels come from the data |
/// | `@Observed var y: Real` | data that the model explains; stands left of a `~` |
/// | `@Given var n: Count` | data that the model takes as fixed |
/// | `@Parameter var mu: Real` | a continuous unknown; has exactly one prior |
/// | `@Latent(over: \Self.point, in: \Self.component) var z: Labels` | a discrete unknown, summed out exactly |
/// | `@Derived var theta: Real` | recorded with the draws; defined by one `<-` |
/// | `over: \Self.school` | the axis of a vector; two for a matrix, rows first; three for `Matrices` |
/// | `in: \Self.county` | the axis that an index column points into |
/// | `named: "County name"` | the name in the data, where it is not the property's |
/// | `mu ~ Normal(0, 5)` | a prior, or a likelihood of data or of an expression of data |
/// | `theta <- mu + tau * eta` | the definition of a derived quantity |
/// | `Factor(expression)` | a term of the log density, in nats |
/// | `sub` | a model that is a property of this one: its statements, its names as `sub.mu` |
/// | `if`, `for`, `let`, functions, computed properties | plain Swift, run once when the model is traced |
///
/// | type | is |
/// | --- | --- |
/// | `Real`, `Vector`, `Matrix` | real numbers |
/// | `Matrices` | square matrices, one for each position of an axis: `sigma[2]`, `sigma[z]` |
/// | `Count`, `Counts` | whole numbers of the data |
/// | `Indices` | a column that names elements of an axis: `alpha[countyOf]` |
/// | `Labels` | a column of discrete unknowns: `mu[z]` |
/// | `Truth`, `Truths` | the result of `<`, `<=`, `>`, `>=`, `==`, `!=`; counts as 1 or 0 |
///
/// | function | is |
/// | --- | --- |
/// | `exp`, `expMinusOne`, `log`, `log(onePlus:)`, `log(onePlusExp:)`, `log(oneMinusExp:)` | elementwise |
/// | `sqrt`, `square`, `pow`, `reciprocal`, `abs`, `sin`, `cos`, `atan`, `tanh` | elementwise |
/// | `logistic`, `logit`, `normalCDF`, `logNormalCDF`, `lgamma`, `digamma` | elementwise |
/// | `select(condition, a, b)`, `max(a, b)`, `min(a, b)`, `elementwise(A, B)` | a choice; the product of entries |
/// | `sum`, `mean`, `max`, `logSumExp`, `dot` | one number; `logSumExp(a, b)` elementwise |
/// | `cumulativeSum`, `outer`, `transpose`, `cholesky`, `diagonal` | vectors and matrices |
///
/// Operators `+ - * /` work elementwise, with a number for all elements; `Matrix * Vector` and
/// `Matrix * Matrix` are products. A whole-number variable of Swift is written `Double(i)`. Positions
/// are 0-based in Swift, 1-based in data files and in every output.
///
/// A distribution of vectors holds for each row of a matrix on the left, one of matrices for each of `Matrices`.
///
/// The left side of `~` may be a parameter or a selection of its elements: `z[0]`, `z[1...]`, `m.row(2)`,
/// `m[0, 1]`, `a[places]` with an index column. A selection changes no value, so that it needs no Jacobian:
///
/// ```swift
/// z[0] ~ Normal(0, 1)
/// for t in 1..<time.count { z[t] ~ Normal(z[t - 1], s) }
/// ```
///
/// - Every element of a parameter has exactly one prior; an element with none or two is an error.
/// - The supports of the elements' priors are of one kind (all real, all positive, all intervals);
///   bounds may differ. Where kinds differ, state the support: `@Parameter(.positive)`.
/// - A stated support such as `.ordered` is one of the whole parameter, whatever its elements' priors.
/// - One statement about a slice, `z[1...] ~ Normal(z[..<(n - 1)], s)`, is the same density as the loop.
///   A loop of plain distributions of numbers (no `Mixture`, nothing narrowed) whose statements differ in
///   positions and numbers only is made such a statement; any other
///   makes one statement for each element, and vector operations are much faster.
///
/// Observed data may stand on the left whole, in parts, and in expressions of data.
public protocol Model: Density {
  associatedtype Body: Density
  init()
  /// The statements of the model.
  @DensityBuilder var body: Body { get }
}

/// The statements of a body with their source lines.
public struct Block: Density {
  struct Line: Sendable {
    let form: Statement.Form
    let location: SourceLocation
  }

  let lines: [Line]
}

/// Collects the statements of a body; `if`, `for` and `let` work in it.
@resultBuilder
public enum DensityBuilder {
  public static func buildExpression(
    _ statement: Statement, file: String = #filePath, line: Int = #line
  ) -> Block {
    Block(lines: [
      Block.Line(form: statement.form, location: SourceLocation(path: file, line: line))
    ])
  }

  public static func buildExpression(
    _ model: some Model, file: String = #filePath, line: Int = #line
  ) -> Block {
    Block(lines: [
      Block.Line(form: .model(model), location: SourceLocation(path: file, line: line))
    ])
  }

  public static func buildExpression(_ block: Block) -> Block { block }
  public static func buildBlock(_ blocks: Block...) -> Block { buildArray(blocks) }
  public static func buildOptional(_ block: Block?) -> Block { block ?? Block(lines: []) }
  public static func buildEither(first block: Block) -> Block { block }
  public static func buildEither(second block: Block) -> Block { block }
  public static func buildLimitedAvailability(_ block: Block) -> Block { block }
  public static func buildArray(_ blocks: [Block]) -> Block {
    Block(lines: blocks.flatMap(\.lines))
  }
}
