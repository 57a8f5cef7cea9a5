// What can be wrong with an experiment's data or settings.

/// A mistake in what an experiment was given.
public enum ExperimentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Fewer than two variants.
  case tooFewVariants(Int)
  /// Two variants have one name.
  case repeatedName(String)
  /// No variant has this name.
  case unknownVariant(String, known: [String])
  /// A variant's data cannot be: what is wrong, in words.
  case invalidData(variant: String, problem: String)
  /// A prior that is none.
  case invalidPrior(String)
  /// A setting outside its range.
  case invalidSetting(String)

  /// What is wrong, in a sentence without its full stop.
  public var description: String {
    switch self {
    case .tooFewVariants(let count):
      "an experiment needs at least two variants, found \(count)"
    case .repeatedName(let name): "two variants are named \(name)"
    case .unknownVariant(let name, let known):
      "there is no variant \(name); there are \(known.joined(separator: ", "))"
    case .invalidData(let variant, let problem): "variant \(variant): \(problem)"
    case .invalidPrior(let problem): problem
    case .invalidSetting(let problem): problem
    }
  }
}
