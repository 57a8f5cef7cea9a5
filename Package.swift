// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors; cross-module existential and member-import rules are the strict ones.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A library target under `Sources/` with the project's settings.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A Swift Testing target under `Tests/`; fixtures are found beside the test sources.
func tests(_ name: String, _ dependencies: [Target.Dependency], fixtures: Bool = false) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: fixtures ? ["Fixtures"] : [],
    swiftSettings: strict)
}

let package = Package(
  name: "Bayes",
  products: [
    // One shared library: a compiled model file links against it in a tenth of a second.
    .library(name: "Bayes", type: .dynamic, targets: ["Bayes"]),
    .executable(name: "bayes", targets: ["BayesTool"]),
  ],
  targets: [
    .systemLibrary(name: "CGSL"),
    .systemLibrary(name: "COpenBLAS"),
    .systemLibrary(name: "CSQLite"),
    module("BayesNumerics", ["CGSL", "COpenBLAS"]),
    module("BayesCore", ["BayesNumerics"]),
    module("BayesGraph", ["BayesNumerics"]),
    module("BayesLanguage", ["BayesCore", "BayesGraph", "BayesNumerics"]),
    module("BayesCompiler", ["BayesCore", "BayesGraph", "BayesNumerics"]),
    module("BayesInference", ["BayesCore", "BayesNumerics"]),
    module("BayesDiagnostics", ["BayesCore", "BayesNumerics"]),
    module(
      "BayesEngine",
      [
        "BayesCore", "BayesNumerics", "BayesGraph", "BayesLanguage", "BayesCompiler",
        "BayesInference", "BayesDiagnostics",
      ]),
    module(
      "BayesBandits",
      [
        "CSQLite", "BayesCore", "BayesNumerics", "BayesGraph", "BayesLanguage", "BayesCompiler",
        "BayesInference", "BayesDiagnostics", "BayesEngine",
      ]),
    module("BayesExperiments", ["BayesCore", "BayesNumerics"]),
    module(
      "BayesCalibration",
      ["BayesCore", "BayesNumerics", "BayesGraph", "BayesLanguage", "BayesCompiler", "BayesEngine"]),
    module("BayesReport", ["BayesCore", "BayesNumerics", "BayesDiagnostics", "BayesEngine"]),
    module("CommandLineKit"),
    module(
      "BayesCommand",
      [
        "BayesCore", "BayesNumerics", "BayesGraph", "BayesLanguage", "BayesCompiler",
        "BayesInference", "BayesDiagnostics", "BayesEngine", "BayesBandits", "BayesExperiments",
        "BayesCalibration", "BayesReport", "CommandLineKit",
      ]),
    module("Bayes", ["BayesNumerics", "BayesLanguage", "BayesEngine", "BayesBandits", "BayesExperiments", "BayesCalibration", "BayesCommand"]),
    .executableTarget(
      name: "BayesTool", dependencies: ["BayesCommand"], swiftSettings: strict),
    tests("BayesNumericsTests", ["BayesNumerics"]),
    tests("BayesCoreTests", ["BayesCore"]),
    tests("BayesGraphTests", ["BayesGraph", "BayesNumerics", "BayesCore"], fixtures: true),
    tests("BayesLanguageTests", ["BayesLanguage", "BayesCore", "BayesGraph", "BayesNumerics"], fixtures: true),
    tests("BayesCompilerTests", ["BayesCompiler", "BayesGraph", "BayesCore", "BayesNumerics"]),
    tests("BayesInferenceTests", ["BayesInference"]),
    tests("BayesDiagnosticsTests", ["BayesDiagnostics"], fixtures: true),
    tests("BayesEngineTests", ["BayesEngine", "BayesInference", "BayesNumerics", "BayesLanguage", "BayesCompiler", "BayesGraph", "BayesCore"], fixtures: true),
    tests("BayesBanditsTests", ["BayesBandits", "BayesEngine", "BayesLanguage", "BayesNumerics", "BayesCore"], fixtures: true),
    tests("BayesExperimentsTests", ["BayesExperiments", "BayesNumerics", "BayesCore"], fixtures: true),
    tests("BayesCalibrationTests", ["BayesCalibration", "BayesEngine", "BayesLanguage", "BayesGraph", "BayesNumerics", "BayesCore"], fixtures: true),
    tests("BayesReportTests", ["BayesReport", "BayesCore"]),
    tests("BayesCommandTests", ["BayesCommand", "CommandLineKit", "BayesCore"]),
  ],
  swiftLanguageModes: [.v6]
)
