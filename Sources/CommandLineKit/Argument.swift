// One line of a command's table: how an argument is written, checked, explained and recorded.

/// An argument of a command whose settings are `Settings`.
///
/// Parsing, the defaults in help, the check of values and the record of a run all read this.
public struct Argument<Settings: Sendable>: Sendable {
  /// How an argument is written.
  public enum Kind: Sendable, Equatable {
    /// `--name VALUE`; a repeatable option may stand several times.
    case option(isRepeatable: Bool)
    /// `--name`, without value.
    case flag
    /// A value without name, by position; a repeatable one takes all that are left.
    case positional(isRequired: Bool, isRepeatable: Bool)
  }

  /// How it is written.
  public let kind: Kind
  /// The name: `target-acceptance` for `--target-acceptance`, `MODEL` for a positional argument.
  public let name: String
  /// The letter of a short form, `q` for `-q`.
  public let short: Character?
  /// What stands for the value in help.
  public let placeholder: String
  /// What it does, one or two sentences.
  public let help: String
  /// All possible values, where there are few.
  let choices: [String]
  /// Puts the text into the settings, or says why it cannot be: words that follow "expects".
  let assign: @Sendable (inout Settings, String) -> String?
  /// What is wrong with the value in the settings, in words that follow "must be".
  let violation: @Sendable (Settings) -> String?
  /// The default as help shows it, or `nil` where there is none worth showing.
  let defaultText: @Sendable (Settings) -> String?
  /// The value in the record of a run.
  let echo: @Sendable (Settings) -> ArgumentEcho

  /// The name in a message: `--seed` or `MODEL`.
  var display: String {
    if case .positional = kind { name } else { "--\(name)" }
  }

  var isPositional: Bool { if case .positional = kind { true } else { false } }

  var isRepeatable: Bool {
    switch kind {
    case .option(let isRepeatable), .positional(_, let isRepeatable): isRepeatable
    case .flag: false
    }
  }

  private init<Value: ArgumentValue>(
    _ kind: Kind, _ name: String, short: Character?, placeholder: String?, help: String,
    of type: Value.Type, rule: ValueRule<Value>?,
    set: @escaping @Sendable (inout Settings, Value) -> Void,
    values: @escaping @Sendable (Settings) -> [Value],
    echo: @escaping @Sendable (Settings) -> ArgumentEcho
  ) {
    self.kind = kind
    self.name = name
    self.short = short
    self.placeholder = placeholder ?? Value.placeholder
    self.help = help
    self.echo = echo
    choices = Value.choices
    assign = { settings, text in
      guard let value = Value(argument: text) else { return Value.expectation }
      if let rule, !rule.accepts(value) { return "a value \(rule.description)" }
      set(&settings, value)
      return nil
    }
    violation = { settings in
      guard let rule, !values(settings).allSatisfy(rule.accepts) else { return nil }
      return rule.description
    }
    defaultText = { settings in
      let texts = values(settings).map(\.argumentText)
      return texts.isEmpty || texts == [""] ? nil : texts.joined(separator: ", ")
    }
  }

  /// An option with a default: `--name VALUE`.
  public static func option<Value: ArgumentValue>(
    _ name: String, _ path: any WritableKeyPath<Settings, Value> & Sendable,
    short: Character? = nil, placeholder: String? = nil, must rule: ValueRule<Value>? = nil,
    help: String
  ) -> Argument {
    Argument(
      .option(isRepeatable: false), name, short: short, placeholder: placeholder, help: help,
      of: Value.self, rule: rule, set: { $0[keyPath: path] = $1 }, values: { [$0[keyPath: path]] },
      echo: { $0[keyPath: path].echo })
  }

  /// An option that may be left out: `--name VALUE`.
  public static func option<Value: ArgumentValue>(
    _ name: String, _ path: any WritableKeyPath<Settings, Value?> & Sendable,
    short: Character? = nil, placeholder: String? = nil, must rule: ValueRule<Value>? = nil,
    help: String
  ) -> Argument {
    Argument(
      .option(isRepeatable: false), name, short: short, placeholder: placeholder, help: help,
      of: Value.self, rule: rule, set: { $0[keyPath: path] = $1 },
      values: { $0[keyPath: path].map { [$0] } ?? [] },
      echo: { $0[keyPath: path]?.echo ?? .none })
  }

  /// An option that may stand several times; its values keep their order.
  public static func repeatable<Value: ArgumentValue>(
    _ name: String, _ path: any WritableKeyPath<Settings, [Value]> & Sendable,
    short: Character? = nil, placeholder: String? = nil, must rule: ValueRule<Value>? = nil,
    help: String
  ) -> Argument {
    Argument(
      .option(isRepeatable: true), name, short: short, placeholder: placeholder, help: help,
      of: Value.self, rule: rule, set: { $0[keyPath: path].append($1) },
      values: { $0[keyPath: path] }, echo: { .list($0[keyPath: path].map(\.echo)) })
  }

  /// An option whose one value is a list with commas: `--columns a,b`.
  public static func list(
    _ name: String, _ path: any WritableKeyPath<Settings, [String]> & Sendable,
    placeholder: String, help: String
  ) -> Argument {
    Argument(
      .option(isRepeatable: false), name, short: nil, placeholder: placeholder, help: help,
      of: String.self, rule: nil,
      set: { $0[keyPath: path] = $1.split(separator: ",").map(String.init) },
      values: { $0[keyPath: path] }, echo: { .list($0[keyPath: path].map(\.echo)) })
  }

  /// A switch: `--name` sets it.
  public static func flag(
    _ name: String, _ path: any WritableKeyPath<Settings, Bool> & Sendable,
    short: Character? = nil, help: String
  ) -> Argument {
    Argument(
      .flag, name, short: short, placeholder: "", help: help, of: String.self, rule: nil,
      set: { settings, _ in settings[keyPath: path] = true }, values: { _ in [] },
      echo: { .flag($0[keyPath: path]) })
  }

  /// A value by position that must be there.
  public static func positional<Value: ArgumentValue>(
    _ name: String, _ path: any WritableKeyPath<Settings, Value> & Sendable,
    help: String
  ) -> Argument {
    Argument(
      .positional(isRequired: true, isRepeatable: false), name, short: nil, placeholder: name,
      help: help, of: Value.self, rule: nil, set: { $0[keyPath: path] = $1 }, values: { _ in [] },
      echo: { $0[keyPath: path].echo })
  }

  /// A value by position that may be left out.
  public static func positional<Value: ArgumentValue>(
    _ name: String, _ path: any WritableKeyPath<Settings, Value?> & Sendable,
    help: String
  ) -> Argument {
    Argument(
      .positional(isRequired: false, isRepeatable: false), name, short: nil, placeholder: name,
      help: help, of: Value.self, rule: nil, set: { $0[keyPath: path] = $1 }, values: { _ in [] },
      echo: { $0[keyPath: path]?.echo ?? .none })
  }

  /// All values by position that are left; at least one where `isRequired`.
  public static func positionals<Value: ArgumentValue>(
    _ name: String, _ path: any WritableKeyPath<Settings, [Value]> & Sendable,
    isRequired: Bool = true, help: String
  ) -> Argument {
    Argument(
      .positional(isRequired: isRequired, isRepeatable: true), name, short: nil, placeholder: name,
      help: help, of: Value.self, rule: nil, set: { $0[keyPath: path].append($1) },
      values: { _ in [] }, echo: { .list($0[keyPath: path].map(\.echo)) })
  }
}
