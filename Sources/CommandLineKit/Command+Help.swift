// The help text of a command, from its table.

extension Command {
  /// The help: summary, usage, arguments, options with defaults, examples.
  ///
  /// - Parameters:
  ///   - program: the words a user types, `bayes sample`.
  ///   - width: the columns to wrap at, at least 40.
  public func help(program: String, width: Int = 80) -> String {
    let width = max(40, width)
    var sections = [wrapped(summary, width: width)]
    if !discussion.isEmpty {
      sections += discussion.split(separator: "\n\n").map { wrapped(String($0), width: width) }
    }
    sections.append("USAGE\n" + usage(program: program, width: width))
    let positionals = arguments.filter(\.isPositional)
    let options = arguments.filter { !$0.isPositional }
    let entries = positionals.map { ($0.name, $0.help) }
    let optionEntries =
      options.map { (label($0), explanation($0)) } + [("-h, --help", "Show this help.")]
    let column = labelColumn(entries + optionEntries)
    if !entries.isEmpty {
      sections.append(helpList("ARGUMENTS", entries, column: column, width: width))
    }
    sections.append(helpList("OPTIONS", optionEntries, column: column, width: width))
    for list in lists {
      let column = labelColumn(list.entries)
      sections.append(helpList(list.title, list.entries, column: column, width: width))
    }
    if !examples.isEmpty { sections.append(examplesSection(examples, width: width)) }
    return sections.joined(separator: "\n\n") + "\n"
  }

  private func usage(program: String, width: Int) -> String {
    var words = [program]
    for argument in arguments {
      guard case .positional(let isRequired, let isRepeatable) = argument.kind else { continue }
      let word = argument.name + (isRepeatable ? "…" : "")
      words.append(isRequired ? word : "[\(word)]")
    }
    words.append("[options]")
    return wrapped(words.joined(separator: " "), width: width, indent: 2)
  }

  private func label(_ argument: Argument<Settings>) -> String {
    let short = argument.short.map { "-\($0), " } ?? "    "
    let value = argument.kind == .flag ? "" : " \(argument.placeholder)"
    return "\(short)--\(argument.name)\(value)"
  }

  private func explanation(_ argument: Argument<Settings>) -> String {
    var text = argument.help
    if argument.isRepeatable { text += " May be given several times." }
    if let value = argument.defaultText(defaults) { text += " (default: \(value))" }
    return text
  }
}

/// The EXAMPLES section: the explanation above each command line.
func examplesSection(_ examples: [CommandExample], width: Int) -> String {
  let entries = examples.map {
    wrapped("# \($0.explanation)", width: width, indent: 2) + "\n  \($0.line)"
  }
  return "EXAMPLES\n" + entries.joined(separator: "\n")
}

/// Where explanations start: after the longest label that leaves enough room, and two spaces.
func labelColumn(_ entries: [(label: String, text: String)]) -> Int {
  2 + (entries.map(\.label.count).filter { $0 <= 28 }.max() ?? 0) + 2
}

/// A section of labels with explanations beside them, or below a label that is too long.
func helpList(
  _ title: String, _ entries: [(label: String, text: String)], column: Int, width: Int
) -> String {
  var lines = [title]
  for entry in entries {
    let text = wrapped(entry.text, width: width, indent: column)
    if 2 + entry.label.count + 2 <= column {
      let label = "  " + entry.label
      let padding = String(repeating: " ", count: column - label.count)
      lines.append(label + padding + text.dropFirst(column))
    } else {
      lines.append("  " + entry.label)
      lines.append(text)
    }
  }
  return lines.joined(separator: "\n")
}

/// Text in lines of at most `width` columns, each indented; a longer word has a line of its own.
func wrapped(_ text: String, width: Int, indent: Int = 0) -> String {
  let margin = String(repeating: " ", count: indent)
  var lines: [String] = []
  var line = ""
  for word in text.split(whereSeparator: \.isWhitespace) {
    if !line.isEmpty, indent + line.count + 1 + word.count > width {
      lines.append(margin + line)
      line = ""
    }
    line += line.isEmpty ? String(word) : " " + word
  }
  lines.append(margin + line)
  return lines.joined(separator: "\n")
}
