// Reads the oracles' tables and evaluates densities on them.

import BayesCore
import BayesGraph
import Testing

@testable import BayesLanguage

/// A number or nested numbers of a fixture, with its shape.
struct FixtureValue: Sendable {
  let values: [Double]
  let shape: Shape

  init(_ json: JSONValue) {
    if let rows = json.array {
      if rows.first?.array != nil {
        values = rows.flatMap { $0.array!.map(fixtureNumber) }
        shape = .matrix(rows.count, rows[0].array!.count)
      } else {
        values = rows.map(fixtureNumber)
        shape = .vector(values.count)
      }
    } else {
      values = [fixtureNumber(json)]
      shape = .scalar
    }
  }
}

/// A JSON number, or `"inf"`, `"-inf"`, `"nan"`.
func fixtureNumber(_ json: JSONValue) -> Double {
  if let number = json.number { return number }
  switch json.string {
  case "inf": return .infinity
  case "-inf": return -.infinity
  default: return .nan
  }
}

func fixtureRows(_ file: String, _ table: String) -> [JSONValue] {
  let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast().joined(separator: "/")
  guard let json = try? parseJSON(path: "\(folder)/Fixtures/\(file)") else { return [] }
  return json[table]?.array ?? []
}

/// A row of `distributions.json`.
struct DensityRow: Sendable, CustomTestStringConvertible {
  let distribution: String
  let arguments: [(label: String, value: FixtureValue)]
  let value: FixtureValue
  let json: JSONValue

  init(_ json: JSONValue) {
    self.json = json
    distribution = json["distribution"]!.string!
    arguments = json["arguments"]!.object!.map { ($0.key, FixtureValue($0.value)) }
    value = FixtureValue(json["value"]!)
  }

  static func all(_ table: String) -> [DensityRow] {
    fixtureRows("distributions.json", table).map(DensityRow.init)
  }

  var testDescription: String {
    let arguments = arguments.map { "\($0.label): \($0.value.values)" }.joined(separator: ", ")
    return "\(distribution)(\(arguments)) at \(value.values)"
  }

  /// Labels that tell the initialisers of one distribution apart.
  var form: String { arguments.map(\.label).joined(separator: ",") }

  func argument(_ label: String) -> FixtureValue { arguments.first { $0.label == label }!.value }

  var logDensity: Double { fixtureNumber(json["logDensity"]!) }

  /// The distribution with placeholders as arguments, which are passed as tensors.
  var subject: any Distribution {
    switch distribution {
    case "Normal": Normal(0, 1)
    case "HalfNormal": HalfNormal(1)
    case "StudentT": StudentT(1, 0, 1)
    case "Cauchy": Cauchy(0, 1)
    case "HalfCauchy": HalfCauchy(1)
    case "Laplace": Laplace(0, 1)
    case "Logistic": Logistic(0, 1)
    case "LogNormal": LogNormal(0, 1)
    case "Exponential": Exponential(rate: 1)
    case "Gamma": Gamma(shape: 1, rate: 1)
    case "InverseGamma": InverseGamma(shape: 1, scale: 1)
    case "Beta": Beta(1, 1)
    case "Uniform": Uniform(0, 1)
    case "Dirichlet": Dirichlet(1)
    case "Multinomial": Multinomial(1, 0.5)
    case "MultivariateNormal":
      form.contains("covariance")
        ? MultivariateNormal(0, covariance: 1) : MultivariateNormal(0, cholesky: 1)
    case "Wishart": Wishart(degrees: 1, scale: 1)
    case "InverseWishart": InverseWishart(degrees: 1, scale: 1)
    case "LKJCholesky": LKJCholesky(1)
    case "Bernoulli": form == "logit" ? Bernoulli(logit: 0) : Bernoulli(0.5)
    case "Binomial": form.contains("logit") ? Binomial(1, logit: 0) : Binomial(1, 0.5)
    case "Poisson": form == "logMean" ? Poisson(logMean: 0) : Poisson(1)
    case "NegativeBinomial":
      form.contains("logMean")
        ? NegativeBinomial(logMean: 0, dispersion: 1) : NegativeBinomial(mean: 1, dispersion: 1)
    case "Categorical": form == "logits" ? Categorical(logits: 0) : Categorical(0.5)
    case "Mixture": mixture
    default: preconditionFailure("no \(distribution) in the tests' list")
    }
  }

  private var mixture: any Distribution {
    argument("locations").values.count == 2
      ? Mixture(0.5, Normal(0, 1), Normal(0, 1))
      : Mixture(0.5, Normal(0, 1), Normal(0, 1), Normal(0, 1))
  }

  /// The tensors of the arguments in the distribution's order; `make` turns a value into a node.
  func tensors(_ make: (String, FixtureValue) -> Tensor) -> [Tensor] {
    let made = arguments.map { ($0.label, make($0.label, $0.value)) }
    guard distribution == "Mixture" else { return made.map(\.1) }
    let (locations, sds) = (made[1].1, made[2].1)
    return [made[0].1]
      + (0..<locations.shape.count).flatMap { [locations.element($0), sds.element($0)] }
  }
}

/// A density of one row with everything continuous as coordinates.
struct RowGraph {
  let builder = GraphBuilder()
  var position: [Double] = []
  /// Label, first coordinate and count; the value's label is empty.
  var parts: [(label: String, offset: Int, count: Int)] = []
  var density: Tensor

  init(_ row: DensityRow, asData: Bool = false) {
    density = builder.constant(0)
    let isDiscrete = row.json["gradientValue"] == nil
    var position: [Double] = []
    var parts: [(label: String, offset: Int, count: Int)] = []
    let builder = builder
    func make(_ label: String, _ value: FixtureValue) -> Tensor {
      if asData || label == "trials" || (label.isEmpty && isDiscrete) {
        return builder.data(value.values, shape: value.shape)
      }
      let offset = position.count
      position += value.values
      parts.append((label, offset, value.values.count))
      return builder.position(offset: offset, shape: value.shape)
    }
    let value = make("", row.value)
    density = row.subject.logDensity(value, row.tensors(make)).sum
    self.position = position
    self.parts = parts
  }

  func evaluate(_ node: NodeID, at position: [Double]? = nil) -> [Double] {
    Interpreter(builder.graph).values(of: [node], at: position ?? self.position)[0]
  }

  /// Σ |terms| of the sum that a node is, found by descending through +, −, Σ and products: what an
  /// absolute rounding error is proportional to.
  func magnitude(_ id: NodeID) -> Double {
    let graph = builder.graph
    let ids = (0...id.index).map(NodeID.init)
    let values = Interpreter(graph).values(of: ids, at: position)
    let largest = values.map { $0.map(abs).max() ?? 0 }
    var sizes: [Double] = []
    for node in graph.nodes[...id.index] {
      let own = largest[sizes.count]
      func below(_ k: Int) -> Double { sizes[node.inputs[k].index] }
      func top(_ k: Int) -> Double { largest[node.inputs[k].index] }
      let size: Double
      switch node.op {
      case .binary(.add), .binary(.subtract): size = below(0) + below(1)
      case .binary(.multiply): size = max(below(0) * top(1), top(0) * below(1))
      case .binary(.divide):
        let divisor = values[node.inputs[1].index].map(abs).min() ?? 1
        size = divisor > 0 ? below(0) / divisor : 0
      case .unary(.negate), .fill, .slice, .reshape, .gather: size = below(0)
      case .scatterAdd, .reduce(.sum):
        size = Double(max(1, graph[node.inputs[0]].shape.count)) * below(0)
      case .assemble: size = node.inputs.indices.map(below).max() ?? 0
      default: size = own
      }
      sizes.append(size.isFinite ? max(own, size) : own)
    }
    return sizes[id.index]
  }

  /// The gradient in the order of the coordinates, with Σ |terms| of each.
  func gradient() -> (values: [Double], magnitudes: [Double]) {
    var values = [Double](repeating: 0, count: position.count)
    var magnitudes = values
    for part in builder.gradient(of: density) {
      let size = magnitude(part.node)
      for (i, value) in evaluate(part.node).enumerated() {
        values[part.offset + i] += value
        magnitudes[part.offset + i] += size
      }
    }
    return (values, magnitudes)
  }
}

/// Whether two numbers agree within a fraction of a scale, infinities and NaN being equal to themselves.
func agree(_ a: Double, _ b: Double, relative: Double, scale: Double = 0) -> Bool {
  if a == b || (a.isNaN && b.isNaN) { return true }
  if !scale.isFinite { return abs(a - b) <= relative * max(abs(a), abs(b)) }
  return abs(a - b) <= relative * max(abs(a), abs(b), scale) + 1e-300
}
