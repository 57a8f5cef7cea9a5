// What can be wrong with a bandit's state, and what to do about it.

/// A state file that cannot be used, or a request that it refuses.
public enum StateError: Error, Equatable, Sendable {
  /// The file does not exist.
  case missing(path: String)
  /// The file or what SQLite keeps beside it cannot be created or written.
  case notWritable(path: String, reason: String)
  /// Reading or writing failed: a full disk, a device error.
  case failed(path: String, reason: String)
  /// Others kept the file locked for longer than is waited.
  case busy(path: String, seconds: Double)
  /// The file is no database, or a damaged one.
  case damaged(path: String, reason: String)
  /// A database of another program.
  case foreign(path: String)
  /// A state of a later version of this engine.
  case newer(path: String, version: Int)
  /// The state was made by another model.
  case otherModel(path: String, found: ModelIdentity, given: ModelIdentity)
  /// The model has other contexts than it is given.
  case wrongContext(expected: [String], given: Int)
  /// Numbers of a context are so large that nothing follows for the arms.
  case immoderateContext
  /// No choice has this id.
  case unknownChoice(path: String, id: Int, last: Int)
  /// The choice has its reward already.
  case alreadyRewarded(path: String, id: Int, recorded: Double, given: Double)
  /// There is no reward that could be corrected.
  case noReward(path: String, id: Int)
  /// The model cannot learn a reward that was recorded without it.
  case unlearnable(path: String, id: Int, reward: Double, reason: String)
  /// A reward that the model cannot have.
  case impossibleReward(Double, expected: String)
  /// A label that is none of the arms.
  case unknownArm(path: String, label: String, closest: String?, arms: [String])
  /// A label that an arm has already.
  case armExists(path: String, label: String, isRetired: Bool)
  /// A label that cannot be one.
  case invalidLabel(String)
  /// The last arm in use cannot be retired.
  case lastArm(path: String, label: String)
  /// The model's arms cannot be added to.
  case fixedArms(path: String, model: String)
  /// The model or a policy gave probabilities that are none.
  case invalidProbabilities(String)
  /// A number of costs that is not that of the state's arms.
  case wrongCosts(given: Int, arms: [String])
  /// A cost that is no finite number.
  case invalidCost(Double)
  /// The belief does not know of costs.
  case noCosts
}

/// What tells models apart: a name for people, and a fingerprint of everything that matters.
public struct ModelIdentity: Sendable, Equatable {
  /// The model's name.
  public var name: String
  /// Differs between models that learn differently; arms' labels are no part of it.
  public var fingerprint: String

  /// A model's name and fingerprint.
  public init(name: String, fingerprint: String) {
    self.name = name
    self.fingerprint = fingerprint
  }

  /// `ClickThrough (1a2b3c4d)`.
  var text: String { "\(name) (\(fingerprint.prefix(12)))" }
}

extension StateError: CustomStringConvertible {
  /// `path: error: what`, and on a second line what to do.
  public var description: String {
    let (path, message, hint) = parts
    return (path.map { "\($0): " } ?? "") + "error: \(message)"
      + (hint.map { "\n  hint: \($0)" } ?? "")
  }

  private var parts: (path: String?, message: String, hint: String?) {
    switch self {
    case .missing(let path):
      (path, "there is no such state", "bayes bandit choose MODEL --state \(path) makes it")
    case .notWritable(let path, let reason):
      (
        path, "the state cannot be created or written: \(reason)",
        "SQLite writes the file and two more beside it: is the folder there, and may you write in it?"
      )
    case .failed(let path, let reason):
      (
        path, "reading or writing the state failed: \(reason)",
        "nothing of this request was recorded; what was acknowledged before is safe"
      )
    case .busy(let path, let seconds):
      (
        path, "other processes kept the state locked for \(whole(seconds)) seconds",
        "nothing was recorded; try again"
      )
    case .damaged(let path, let reason):
      (
        path, "the state is damaged: \(reason)",
        "keep the file and restore a backup; the shell sqlite3 may save rows with .recover"
      )
    case .foreign(let path):
      (path, "this is a database of another program, no bandit's state", "name another file")
    case .newer(let path, let version):
      (path, "the state has the later format \(version)", "update the engine")
    case .otherModel(let path, let found, let given):
      (
        path, "the state is that of the model \(found.text), not of \(given.text)",
        found.name == given.name
          ? "the name is the same, but statements, priors, data (--data) or the kind of belief (--belief) are not: "
            + "give what the state was made with, or start a new one under another name"
          : "use that model, or start a new state under another name"
      )
    case .wrongContext(let expected, let given):
      (
        nil,
        expected.isEmpty
          ? "the model has no context, but \(given) values are given"
          : "the model's context has \(expected.count) values, \(given) are given",
        expected.isEmpty ? nil : "in this order: \(expected.joined(separator: ", "))"
      )
    case .immoderateContext:
      (
        nil, "the model has no probabilities of the arms in this context",
        "its numbers are too large: expected a context of moderate numbers"
      )
    case .unknownChoice(let path, let id, let last):
      (
        path, "there is no choice \(id)",
        last == 0 ? "nothing was chosen yet" : "choices are 1 to \(last)"
      )
    case .alreadyRewarded(let path, let id, let recorded, let given):
      (
        path, "choice \(id) has its reward already: \(recorded)",
        recorded == given
          ? "the same value was recorded before, and counts once; nothing is to be done"
          : "the value that was recorded stays, \(given) is refused; --correct replaces it"
      )
    case .noReward(let path, let id):
      (path, "choice \(id) has no reward that could be corrected", "record it without --correct")
    case .unlearnable(let path, let id, let reward, let reason):
      (
        path, "the model cannot learn the reward \(reward) of choice \(id): \(reason)",
        "it was recorded without the model; replace it: bayes bandit update --state \(path) "
          + "--choice \(id) --reward R --correct"
      )
    case .impossibleReward(let reward, let expected):
      (nil, "a reward of \(reward) is not one of the model's", "expected \(expected)")
    case .unknownArm(let path, let label, let closest, let arms):
      (
        path, "there is no arm \(label)",
        closest.map { "did you mean \($0)?" }
          ?? "the arms are \(arms.prefix(20).joined(separator: ", "))\(arms.count > 20 ? ", …" : "")"
      )
    case .armExists(let path, let label, let isRetired):
      (
        path, "there is an arm \(label) already" + (isRetired ? ", which is retired" : ""),
        isRetired ? "bring it back with --restore \(label)" : nil
      )
    case .invalidLabel(let label):
      (nil, "\"\(label)\" cannot be an arm's label", "a label is one line of text, not empty")
    case .lastArm(let path, let label):
      (path, "\(label) is the last arm in use", "add another one before it is retired")
    case .fixedArms(let path, let model):
      (path, "the arms of the model \(model) are fixed", "start a new state with another model")
    case .invalidProbabilities(let reason):
      (
        nil, "the arms were given no probabilities: \(reason)",
        "one for each arm in use, which sum to 1"
      )
    case .wrongCosts(let given, let arms):
      (
        nil, "\(given) \(given == 1 ? "cost" : "costs") for \(arms.count) arms",
        "one for each, retired ones included, in this order: "
          + "\(arms.prefix(20).joined(separator: ", "))\(arms.count > 20 ? ", …" : "")"
      )
    case .invalidCost(let cost): (nil, "a cost of \(cost)", "costs are finite numbers")
    case .noCosts:
      (nil, "this belief does not know of costs", "choose by another policy, or without costs")
    }
  }
}

private func whole(_ seconds: Double) -> String {
  seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
}
