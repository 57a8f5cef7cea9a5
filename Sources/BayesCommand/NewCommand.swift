// `new`: a commented model with its data, to start from.

import BayesReport
import CommandLineKit
import Glibc

/// The settings of `new`.
struct NewSettings: Sendable, Equatable {
  var name: String?
}

/// `new`.
let newCommand = Command(
  "new", summary: "Write a commented model with its data, to start from.",
  defaults: NewSettings(),
  arguments: [
    .positional("NAME", \.name, help: "The model's name: writes NAME.swift and NAME.json.")
  ],
  examples: [CommandExample("bayes new growth", "Write growth.swift and growth.json")])

/// Runs `new`.
func runNew(_ settings: NewSettings) throws -> ExitCode {
  guard let name = settings.name else {
    throw UsageError("NAME is missing: the model's name", command: "bayes new")
  }
  let path = name.hasSuffix(".swift") ? String(name.dropLast(6)) : name
  let file = path.split(separator: "/").last ?? ""
  guard file.contains(where: \.isLetter) else {
    throw UsageError(
      "NAME expects a name with a letter, found '\(name)'", hint: "for example growth",
      command: "bayes new")
  }
  let files = [
    (path + ".swift", starterModel(typeName(file), path: path)), (path + ".json", starterData),
  ]
  for (file, _) in files where access(file, F_OK) == 0 {
    throw Failure(
      "\(file): error: the file is there already\n  hint: choose another name", .cannotCreate)
  }
  for (file, text) in files { try writeFile(text, to: file) }
  note("Wrote \(path).swift and \(path).json. Try: bayes sample \(shellWord(path + ".swift"))")
  return .success
}

/// `growth-2` → `Growth2Model`: with that word at its end, the type hides none of the names that a model
/// is written with, as `Normal` or `Poisson` would.
func typeName(_ name: Substring) -> String {
  let words = name.split { !$0.isLetter && !$0.isNumber }
  let type = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  guard type.first?.isLetter ?? false else { return "Model" + type }
  return type == "Model" ? "MyModel" : type.hasSuffix("Model") ? type : type + "Model"
}

/// A word as a shell takes it literally.
private func shellWord(_ text: String) -> String {
  let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "/._-+".contains($0) }
  return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
}

private func starterModel(_ type: String, path: String) -> String {
  """
  // How does y depend on x? A line with normal noise.
  // Sample it:  bayes sample \(shellWord(path + ".swift"))
  import Bayes

  @main struct \(type): Model {
    // A dimension; its size comes from the data.
    let row = Axis()

    // Data: @Observed stands left of a ~, @Given never does. Names are those of \(path).json.
    @Observed(over: \\Self.row) var y: Vector
    @Given(over: \\Self.row) var x: Vector

    // Unknowns. Their supports come from their priors: sigma is positive, by HalfNormal.
    @Parameter var intercept: Real
    @Parameter var slope: Real
    @Parameter var sigma: Real

    // Recorded with every draw: what y would be at x = 10.
    @Derived var atTen: Real

    var body: some Density {
      // Priors: what is plausible before seeing y.
      intercept ~ Normal(0, 10)
      slope ~ Normal(0, 5)
      sigma ~ HalfNormal(5)

      atTen <- intercept + 10 * slope

      // The data, given the unknowns: location, then standard deviation.
      y ~ Normal(intercept + slope * x, sigma)
    }
  }

  """
}

private let starterData = """
  {
    "x": [1, 2, 3, 4, 5, 6, 7, 8],
    "y": [2.9, 5.2, 6.8, 9.4, 10.7, 13.1, 15.2, 16.7]
  }

  """
