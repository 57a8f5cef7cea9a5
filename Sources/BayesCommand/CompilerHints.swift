// What to write instead, for messages of the Swift compiler that do not say it.

import BayesCore

/// Hints for the compiler's messages about a model's file, without repetition.
func compilerHints(for messages: [Substring], source: String) -> [String] {
  var hints: [String] = []
  for message in messages where message.contains(": error: ") {
    if let hint = hint(for: message, source: source), !hints.contains(hint) { hints.append(hint) }
  }
  return hints
}

private func hint(for message: Substring, source: String) -> String? {
  if let name = quoted(message, after: "cannot find '") {
    if name == "target" { return "add to the log density with Factor(expression)" }
    return closestName(to: name, among: distributionNames + declaredNames(source))
      .map { "did you mean '\($0)'?" }
  }
  return rules.first { rule in rule.signs.allSatisfy(message.contains) }?.hint
}

/// What a message says, all of it, and the hint.
private let rules: [(signs: [String], hint: String)] = [
  (["operands of type", "'Int'"], "a whole-number variable of Swift is written Double(i)"),
  (["requires that 'Int' conform to"], "a whole-number variable of Swift is written Double(i)"),
  (["operands of type", "'[Double]'"], "a vector of numbers is written Vector([1, 2])"),
  (["requires that '[Int]' conform to"], "a vector of numbers is written Vector([1, 2])"),
  (
    ["value of type 'Count' to expected argument type 'Int'"],
    "a loop runs over the size of an axis: for i in 0..<row.count"
  ),
  (
    ["no exact matches in call to global function"],
    "functions are of symbolic values: exp(Real(2)) for a number"
  ),
  (["requires that 'Statement' conform to 'Density'"], "a body is a list of lines without return"),
  (
    ["has no member 'truncated'"],
    "a distribution is narrowed by .bounded(a, b), .lower(a), .upper(b)"
  ),
  (["type 'Matrix' has no member 'dot'"], "the product of a matrix and a vector is X * b"),
  (["is a get-only property"], "a statement is y ~ Distribution(…) or derived <- expression"),
  (["cannot use instance member", "property initializer"], "an axis is named over: \\Self.row"),
  (["no operator '**'"], "a power is written pow(x, 2) or square(x)"),
  (["cannot find operator '.*'"], "* is elementwise; a product with a Matrix is one of matrices"),
  (
    ["has no subscripts"],
    "what has elements is a Vector: @Parameter(over: \\Self.group) var a: Vector"
  ),
  (
    ["mismatching types 'Real' and 'Double'"],
    "what differs from draw to draw is chosen by select(condition, a, b)"
  ),
]

/// Names that people write in small letters.
private let distributionNames = [
  "Normal", "HalfNormal", "LogNormal", "StudentT", "Cauchy", "HalfCauchy", "Laplace", "Logistic",
  "Exponential", "Gamma", "InverseGamma", "Beta", "Uniform", "Dirichlet", "MultivariateNormal",
  "Bernoulli", "Binomial", "Poisson", "NegativeBinomial", "Categorical", "Mixture", "Flat",
  "Factor",
]

/// What stands after `var` and `let` in a file.
private func declaredNames(_ source: String) -> [String] {
  let words = source.split { !($0.isLetter || $0.isNumber || $0 == "_") }
  return zip(words, words.dropFirst()).filter { $0.0 == "var" || $0.0 == "let" }.map {
    String($0.1)
  }
}

/// What stands from after `start` to the next quote.
private func quoted(_ text: Substring, after start: String) -> String? {
  guard let range = text.firstRange(of: start) else { return nil }
  let rest = text[range.upperBound...]
  return rest.firstIndex(of: "'").map { String(rest[..<$0]) }
}
