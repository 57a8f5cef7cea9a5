// The argument layer: help and errors as golden text, settings from words.

import BayesCore
import CommandLineKit
import Testing

/// A command with every kind of argument.
struct SampleSettings: Sendable, Equatable {
  enum Metric: String, CaseIterable, ArgumentValue {
    case auto, diagonal, dense
  }

  var model = ""
  var data: [String] = []
  var chains = 4
  var seed: UInt64?
  var targetAcceptance = 0.8
  var metric = Metric.auto
  var shift = 0.0
  var columns: [String] = []
  var isStrict = false
  var isQuiet = false

  static let command = Command(
    "sample", summary: "Draw from the posterior of a model.",
    discussion: "The data is read from the file beside the model that has its name, unless --data "
      + "names others.",
    defaults: SampleSettings(),
    arguments: [
      .positional("MODEL", \.model, help: "The model's Swift file."),
      .repeatable("data", \.data, placeholder: "FILE", help: "Data, as JSON or CSV."),
      .list("columns", \.columns, placeholder: "A,B", help: "Names for a CSV file without header."),
      .option("chains", \.chains, must: .within(1...64), help: "Chains to run."),
      .option("seed", \.seed, help: "The seed of all random numbers; drawn if not given."),
      .option(
        "target-acceptance", \.targetAcceptance, must: .between(0, 1),
        help: "The mean acceptance that the step size is adapted to."),
      .option("metric", \.metric, help: "The form of the mass matrix."),
      .option("shift", \.shift, help: "Added to the initial point."),
      .flag("strict", \.isStrict, help: "End with 1 where the diagnostics warn."),
      .flag("quiet", \.isQuiet, short: "q", help: "Show no progress."),
    ],
    examples: [
      CommandExample(
        "bayes sample eight_schools.swift", "Four chains with the data beside the model"),
      CommandExample("bayes sample m.swift --data a.json --seed 1", "Other data, reproducibly"),
    ])

  static let tool = Tool(
    name: "bayes", version: "1.2.3", summary: "Bayesian inference from a model in Swift.",
    commands: [
      Subcommand(command) { $0.isStrict ? .strict : .success },
      Subcommand(
        Command("summary", summary: "Diagnose saved draws again.", defaults: 0, arguments: [])
      ) { _ in .success },
    ],
    examples: [CommandExample("bayes sample model.swift", "Sample a model")],
    closestName: { closestName(to: $0, among: $1) })

  static func parse(_ words: [String]) throws -> SampleSettings? {
    let parsed = try command.parse(words, program: "bayes sample") {
      closestName(to: $0, among: $1)
    }
    if case .settings(let settings) = parsed { return settings }
    return nil
  }
}

@Suite("CommandLineKit: parsing")
struct CommandLineKitParsingTests {
  @Test("Without options, settings have their defaults")
  func defaults() throws {
    #expect(try SampleSettings.parse(["m.swift"]) == SampleSettings(model: "m.swift"))
  }

  @Test(
    "All ways of writing the same arguments give the same settings",
    arguments: [
      "--data a --data b --chains 2 --seed 9 --shift -1.5 -q m",
      "m -q --data=a --data=b --chains=2 --seed=9 --shift=-1.5",
      "--chains 2 --seed 9 --quiet --data a --shift -15e-1 --data b -- m",
    ])
  func equivalent(line: String) throws {
    var expected = SampleSettings(model: "m", data: ["a", "b"], chains: 2, seed: 9, shift: -1.5)
    expected.isQuiet = true
    #expect(try SampleSettings.parse(line.split(separator: " ").map(String.init)) == expected)
  }

  @Test("After '--' every word is a value, and an empty list has no elements")
  func values() throws {
    #expect(try SampleSettings.parse(["--", "--model"])?.model == "--model")
    #expect(try SampleSettings.parse(["m", "--columns", "a,b"])?.columns == ["a", "b"])
    #expect(try SampleSettings.parse(["m", "--metric", "dense"])?.metric == .dense)
    #expect(try SampleSettings.parse(["--help", "--nonsense"]) == nil)
  }

  @Test(
    "A mistake is explained, with a remedy where there is one",
    arguments: [
      ("m --sede 1", "unknown option '--sede'\n  hint: did you mean '--seed'?"),
      ("m -seed 1", "unknown option '-seed'\n  hint: did you mean '--seed'?"),
      ("m --banana", "unknown option '--banana'"),
      ("m --chains", "--chains needs a value: --chains N"),
      (
        "m --chains --seed 1",
        "--chains needs a value: --chains N\n"
          + "  hint: a value that starts with '-' is written --chains=--seed"
      ),
      ("m --chains two", "--chains expects a whole number, found 'two'"),
      ("m --chains 2.5", "--chains expects a whole number, found '2.5'"),
      ("m --chains 0", "--chains expects a value from 1 to 64, found '0'"),
      (
        "m --target-acceptance 1",
        "--target-acceptance expects a value between 0 and 1, neither included, found '1'"
      ),
      ("m --target-acceptance nan", "--target-acceptance expects a number, found 'nan'"),
      (
        "m --seed -1",
        "--seed expects a whole number from 0 to 18446744073709551615, found '-1'"
      ),
      (
        "m --metric dens",
        "--metric expects one of auto, diagonal, dense, found 'dens'\n  hint: did you mean 'dense'?"
      ),
      ("m --chains 1 --chains 2", "--chains is given twice"),
      ("m --quiet=yes", "--quiet takes no value\n  hint: write --quiet alone"),
      ("--seed 1", "MODEL is missing: The model's Swift file."),
      ("m n", "unexpected argument 'n'\n  hint: options start with '--'"),
    ] as [(String, String)])
  func mistakes(line: String, expected: String) {
    let error = #expect(throws: UsageError.self) {
      try SampleSettings.parse(line.split(separator: " ").map(String.init))
    }
    #expect(error?.message == "error: \(expected)\nSee 'bayes sample --help'.")
    #expect(error?.exitCode == .usage)
  }

  @Test("The record of a run has every setting under its name")
  func echo() {
    let settings = SampleSettings(model: "m", data: ["d"], seed: .max)
    let echo = SampleSettings.command.echo(settings)
    #expect(
      echo.map(\.name).prefix(6) == [
        "model", "data", "columns", "chains", "seed", "target_acceptance",
      ])
    #expect(
      echo.map(\.value) == [
        .text("m"), .list([.text("d")]), .list([]), .integer(4), .unsigned(.max), .number(0.8),
        .text("auto"), .number(0), .flag(false), .flag(false),
      ])
    #expect(SampleSettings.command.echo(SampleSettings())[4].value == .none)
  }

  @Test("Settings made in code are held to the same rules")
  func problems() {
    #expect(SampleSettings.command.problems(SampleSettings()).isEmpty)
    #expect(
      SampleSettings.command.problems(SampleSettings(chains: 0, targetAcceptance: 2)) == [
        "chains must be from 1 to 64",
        "target-acceptance must be between 0 and 1, neither included",
      ])
  }
}

@Suite("CommandLineKit: help and dispatch")
struct CommandLineKitHelpTests {
  static let sampleHelp = """
    Draw from the posterior of a model.

    The data is read from the file beside the model that has its name, unless --data
    names others.

    USAGE
      bayes sample MODEL [options]

    ARGUMENTS
      MODEL                      The model's Swift file.

    OPTIONS
          --data FILE            Data, as JSON or CSV. May be given several times.
          --columns A,B          Names for a CSV file without header.
          --chains N             Chains to run. (default: 4)
          --seed N               The seed of all random numbers; drawn if not given.
          --target-acceptance X  The mean acceptance that the step size is adapted
                                 to. (default: 0.8)
          --metric auto|diagonal|dense
                                 The form of the mass matrix. (default: auto)
          --shift X              Added to the initial point. (default: 0)
          --strict               End with 1 where the diagnostics warn.
      -q, --quiet                Show no progress.
      -h, --help                 Show this help.

    EXAMPLES
      # Four chains with the data beside the model
      bayes sample eight_schools.swift
      # Other data, reproducibly
      bayes sample m.swift --data a.json --seed 1

    """

  static let toolHelp = """
    Bayesian inference from a model in Swift.

    USAGE
      bayes COMMAND [options]

    COMMANDS
      sample         Draw from the posterior of a model.
      summary        Diagnose saved draws again.

    OPTIONS
      -h, --help     Show this help, or that of a command: bayes COMMAND --help.
          --version  Show the version.

    EXAMPLES
      # Sample a model
      bayes sample model.swift

    """

  @Test(
    "Help and version are what they were",
    arguments: [
      (["sample", "--help"], sampleHelp), (["sample", "m", "-h"], sampleHelp),
      (["help", "sample"], sampleHelp), (["--help"], toolHelp), (["-h"], toolHelp),
      (["help"], toolHelp), (["--version"], "bayes 1.2.3\n"),
    ] as [([String], String)])
  func shows(words: [String], expected: String) throws {
    guard case .show(let text) = try SampleSettings.tool.invocation(words) else {
      Issue.record("text expected")
      return
    }
    #expect(text == expected)
  }

  @Test(
    "A command of two words comes before the command of the first, and takes the words after both",
    arguments: [
      (["bandit", "choose", "m"], "bandit choose: m"), (["bandit", "m"], "bandit: m"),
    ] as [([String], String)])
  func commandsOfTwoWords(words: [String], expected: String) throws {
    let tool = Tool(
      name: "tool", version: "1", summary: "s",
      commands: ["bandit", "bandit choose"].map { name in
        Subcommand(
          Command(
            name, summary: "s", defaults: SampleSettings(),
            arguments: [.positional("MODEL", \.model, help: "h")]),
          run: { throw UsageError("\(name): \($0.model)", command: name) })
      })
    guard case .run(let run) = try tool.invocation(words) else {
      Issue.record("a command expected")
      return
    }
    let error = #expect(throws: UsageError.self) { try run() }
    #expect(error?.message.contains(expected) == true)
  }

  @Test(
    "A wrong command is explained",
    arguments: [
      ([], "no command is given"),
      (["smaple"], "unknown command 'smaple'\n  hint: did you mean 'sample'?"),
      (
        ["--seed", "1"],
        "unknown option '--seed'\n  hint: the command comes first: bayes COMMAND [options]"
      ),
    ] as [([String], String)])
  func wrongCommands(words: [String], expected: String) {
    let error = #expect(throws: UsageError.self) { try SampleSettings.tool.invocation(words) }
    #expect(error?.message == "error: \(expected)\nSee 'bayes --help'.")
  }

  @Test("A command runs with its settings and its code is the tool's")
  func runs() {
    #expect(SampleSettings.tool.run(["sample", "m", "--strict"]) == .strict)
    #expect(SampleSettings.tool.run(["summary"]) == .success)
  }

  @Test("Exit codes are those of sysexits.h")
  func exitCodes() {
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 69, 70, 73, 74, 130])
  }
}
