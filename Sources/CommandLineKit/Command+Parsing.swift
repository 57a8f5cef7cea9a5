// Words of a command line to settings.

/// What the words of a command line ask for.
public enum ParsedCommand<Settings: Sendable>: Sendable {
  /// To run with these settings.
  case settings(Settings)
  /// To show the help.
  case help
}

extension Command {
  /// Reads the words after the command's name.
  ///
  /// `--name VALUE`, `--name=VALUE`, `-n VALUE`; after `--` every word is a value. A word is an option
  /// if it starts with `-` and is neither `-` alone nor a number, so negative numbers are values. An
  /// option that is not repeatable may stand once.
  ///
  /// - Parameters:
  ///   - program: the words before, `bayes sample`, for messages.
  ///   - closestName: suggests a name for one that is not known.
  /// - Throws: `UsageError`.
  public func parse(
    _ words: [String], program: String, closestName: NameSuggestion = { _, _ in nil }
  ) throws -> ParsedCommand<Settings> {
    var settings = defaults
    var seen: Set<String> = []
    var values: [String] = []
    var index = 0
    func fail(_ problem: String, hint: String? = nil) -> UsageError {
      UsageError(problem, hint: hint, command: program)
    }

    while index < words.count {
      let word = words[index]
      index += 1
      if word == "--" {
        values += words[index...]
        break
      }
      guard isOption(word) else {
        values.append(word)
        continue
      }
      if word == "--help" || word == "-h" { return .help }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let argument = option(name) else {
        throw fail("unknown option '\(name)'", hint: suggestion(for: name, closestName))
      }
      let display = name.hasPrefix("--") ? name : "\(name) (--\(argument.name))"
      if !argument.isRepeatable, !seen.insert(argument.name).inserted {
        throw fail("\(display) is given twice", hint: nil)
      }
      if argument.kind == .flag {
        if parts.count > 1 { throw fail("\(display) takes no value", hint: "write \(name) alone") }
        _ = argument.assign(&settings, "true")
        continue
      }
      let value: String
      if parts.count > 1 {
        value = String(parts[1])
      } else {
        guard index < words.count, !isOption(words[index]) else {
          throw fail(
            "\(display) needs a value: \(name) \(argument.placeholder)",
            hint: index < words.count && words[index] != "--"
              ? "a value that starts with '-' is written \(name)=\(words[index])" : nil)
        }
        value = words[index]
        index += 1
      }
      try assign(value, to: argument, as: display, in: &settings, fail, closestName)
    }
    try assignPositionals(values, in: &settings, fail, closestName)
    return .settings(settings)
  }

  private func assignPositionals(
    _ values: [String], in settings: inout Settings,
    _ fail: (String, String?) -> UsageError, _ closestName: NameSuggestion
  ) throws {
    var left = values[...]
    for argument in arguments {
      guard case .positional(let isRequired, let isRepeatable) = argument.kind else { continue }
      if left.isEmpty {
        if isRequired { throw fail("\(argument.name) is missing: \(argument.help)", nil) }
        continue
      }
      repeat {
        let value = left.removeFirst()
        try assign(value, to: argument, as: argument.name, in: &settings, fail, closestName)
      } while isRepeatable && !left.isEmpty
    }
    if let extra = left.first {
      throw fail("unexpected argument '\(extra)'", "options start with '--'")
    }
  }

  private func assign(
    _ value: String, to argument: Argument<Settings>, as display: String,
    in settings: inout Settings, _ fail: (String, String?) -> UsageError,
    _ closestName: NameSuggestion
  ) throws {
    guard let expected = argument.assign(&settings, value) else { return }
    throw fail(
      "\(display) expects \(expected), found '\(value)'",
      closestName(value, argument.choices).map { "did you mean '\($0)'?" })
  }

  /// Whether a word names an option rather than being a value.
  private func isOption(_ word: String) -> Bool {
    word.hasPrefix("-") && word != "-" && Double(word) == nil
  }

  private func option(_ name: String) -> Argument<Settings>? {
    let isLong = name.hasPrefix("--")
    let bare = name.drop { $0 == "-" }
    return arguments.first { argument in
      guard !argument.isPositional else { return false }
      return isLong ? argument.name == bare : argument.short.map { String($0) == bare } ?? false
    }
  }

  private func suggestion(for name: String, _ closestName: NameSuggestion) -> String? {
    let names = arguments.filter { !$0.isPositional }.map(\.name) + ["help"]
    let bare = String(name.drop { $0 == "-" })
    // One dash for two is the commonest slip of all.
    if names.contains(bare) { return "did you mean '--\(bare)'?" }
    return closestName(bare, names).map { "did you mean '--\($0)'?" }
  }
}
