// A program of several commands: dispatch, help of all, version, and how errors end it.

/// A command whose settings' type is forgotten, as an entry of a tool's list.
public struct Subcommand: Sendable {
  /// What the user types: one word, or two where a command has commands of its own (`bandit choose`).
  public let name: String
  /// What it does, in one line.
  public let summary: String
  let help: @Sendable (_ program: String, _ width: Int) -> String
  /// Parses; the result is `nil` where the words ask for help.
  let prepare:
    @Sendable (_ words: [String], _ program: String, NameSuggestion) throws -> (
      @Sendable () throws -> ExitCode
    )?

  /// A command and what it does with its settings.
  public init<Settings: Sendable>(
    _ command: Command<Settings>, run: @escaping @Sendable (Settings) throws -> ExitCode
  ) {
    name = command.name
    summary = command.summary
    help = { command.help(program: $0, width: $1) }
    prepare = { words, program, closestName in
      switch try command.parse(words, program: program, closestName: closestName) {
      case .settings(let settings): { try run(settings) }
      case .help: nil
      }
    }
  }
}

/// What the words of a command line ask a tool to do.
public enum Invocation: Sendable {
  /// To print this on standard output.
  case show(String)
  /// To run a command.
  case run(@Sendable () throws -> ExitCode)
}

/// A program of several commands.
public struct Tool: Sendable {
  /// What the user types.
  public let name: String
  /// The version, for `--version`.
  public let version: String
  /// What the program does, in one line.
  public let summary: String
  /// The commands, in the order of help.
  public let commands: [Subcommand]
  /// Command lines to learn from.
  public let examples: [CommandExample]
  /// Suggests a name for one that is not known.
  public let closestName: NameSuggestion

  /// A program of several commands.
  public init(
    name: String, version: String, summary: String, commands: [Subcommand],
    examples: [CommandExample] = [], closestName: @escaping NameSuggestion = { _, _ in nil }
  ) {
    self.name = name
    self.version = version
    self.summary = summary
    self.commands = commands
    self.examples = examples
    self.closestName = closestName
  }

  /// What the words after the program's name ask for; nothing is run or printed yet.
  ///
  /// - Parameter width: the columns of help.
  /// - Throws: `UsageError`.
  public func invocation(_ words: [String], width: Int = 80) throws -> Invocation {
    guard let first = words.first, first != "--help", first != "-h" else {
      if words.isEmpty { throw UsageError("no command is given", command: name) }
      return .show(help(width: width))
    }
    if first == "--version" { return .show("\(name) \(version)\n") }
    if first == "help" {
      guard words.count > 1 else { return .show(help(width: width)) }
      let command = try self.command(words.dropFirst()).command
      return .show(command.help("\(name) \(command.name)", width))
    }
    let (command, arguments) = try self.command(words[...])
    let program = "\(name) \(command.name)"
    guard let run = try command.prepare(Array(arguments), program, closestName) else {
      return .show(command.help(program, width))
    }
    return .run(run)
  }

  /// Does what the words ask for: output to standard output, errors to standard error.
  ///
  /// An error that is a `CommandFailure` ends with its code, any other with 70.
  public func run(_ words: [String]) -> ExitCode {
    StandardStream.prepare()
    do {
      switch try invocation(words, width: min(100, Terminal.width(of: .output) ?? 80)) {
      case .show(let text):
        try StandardStream.output.write(text)
        return .success
      case .run(let command): return try command()
      }
    } catch let failure as any CommandFailure {
      StandardStream.error.writeIgnoringErrors(failure.message + "\n")
      return failure.exitCode
    } catch {
      StandardStream.error.writeIgnoringErrors("error: \(error)\n")
      return .software
    }
  }

  /// The help that lists all commands.
  public func help(width: Int = 80) -> String {
    var sections = [wrapped(summary, width: width), "USAGE\n  \(name) COMMAND [options]"]
    let entries = commands.map { ($0.name, $0.summary) }
    let options = [
      ("-h, --help", "Show this help, or that of a command: \(name) COMMAND --help."),
      ("    --version", "Show the version."),
    ]
    let column = labelColumn(entries + options)
    sections.append(helpList("COMMANDS", entries, column: column, width: width))
    sections.append(helpList("OPTIONS", options, column: column, width: width))
    if !examples.isEmpty { sections.append(examplesSection(examples, width: width)) }
    return sections.joined(separator: "\n\n") + "\n"
  }

  /// The command that the first words name, and the words after its name.
  ///
  /// - Precondition: there is a word.
  private func command(
    _ words: ArraySlice<String>
  ) throws -> (command: Subcommand, arguments: ArraySlice<String>) {
    for count in [2, 1] where words.count >= count {
      let name = words.prefix(count).joined(separator: " ")
      if let command = commands.first(where: { $0.name == name }) {
        return (command, words.dropFirst(count))
      }
    }
    let word = words[words.startIndex]
    if word.hasPrefix("-") {
      throw UsageError(
        "unknown option '\(word)'", hint: "the command comes first: \(name) COMMAND [options]",
        command: name)
    }
    throw UsageError(
      "unknown command '\(word)'",
      hint: closestName(word, commands.map(\.name)).map { "did you mean '\($0)'?" },
      command: name)
  }
}
