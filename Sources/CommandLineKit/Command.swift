// A command: a settings struct, and the table that everything about its arguments comes from.

/// A line of the EXAMPLES section of help.
public struct CommandExample: Sendable {
  /// The command line.
  public let line: String
  /// What it does.
  public let explanation: String

  /// A command line and what it does.
  public init(_ line: String, _ explanation: String) {
    self.line = line
    self.explanation = explanation
  }
}

/// A section of help of its own: names with explanations.
public struct HelpList: Sendable {
  let title: String
  let entries: [(label: String, text: String)]

  /// A section.
  public init(_ title: String, _ entries: [(label: String, text: String)]) {
    self.title = title
    self.entries = entries
  }
}

/// Finds the name a user most likely meant among some names, or `nil`.
public typealias NameSuggestion = @Sendable (_ name: String, _ among: [String]) -> String?

/// A command whose arguments fill a plain settings struct.
public struct Command<Settings: Sendable>: Sendable {
  /// What the user types, for example `sample`.
  public let name: String
  /// What it does, in one line.
  public let summary: String
  /// More about it, in paragraphs; may be empty.
  public let discussion: String
  /// The settings before any argument is read.
  public let defaults: Settings
  /// The table of arguments, in the order of help.
  public let arguments: [Argument<Settings>]
  /// Command lines to learn from.
  public let examples: [CommandExample]
  /// What else help explains.
  public let lists: [HelpList]

  /// - Precondition: names and letters occur once, `help` and `version` are not among them, and an
  ///   argument by position comes after none that is repeatable or may be left out, unless it may too.
  public init(
    _ name: String, summary: String, discussion: String = "", defaults: Settings,
    arguments: [Argument<Settings>], examples: [CommandExample] = [], lists: [HelpList] = []
  ) {
    let names = arguments.map(\.name) + ["help"]
    let letters = arguments.compactMap(\.short) + ["h"]
    precondition(Set(names).count == names.count, "an argument's name is used twice")
    precondition(Set(letters).count == letters.count, "an argument's letter is used twice")
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.defaults = defaults
    self.arguments = arguments
    self.examples = examples
    self.lists = lists
  }

  /// Every setting with its name in the record of a run (`target_acceptance`), in table order.
  public func echo(_ settings: Settings) -> [(name: String, value: ArgumentEcho)] {
    arguments.map { argument in
      let name = argument.name.lowercased().map { $0 == "-" ? "_" : $0 }
      return (String(name), argument.echo(settings))
    }
  }

  /// What is wrong with settings made in code: one sentence per value that its rule refuses.
  public func problems(_ settings: Settings) -> [String] {
    arguments.compactMap { argument in
      argument.violation(settings).map { "\(argument.name) must be \($0)" }
    }
  }
}
