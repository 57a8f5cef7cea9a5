// The kinds of rounds that a bandit has: an arm, and positions of its context.

import BayesLanguage

/// Numbers the combinations of an arm and the positions that a context names.
struct RoundCells: Sendable {
  /// More would be traced one by one.
  static let limit = 4096

  let arms: Int
  /// The places in a context that are positions, with the sizes of their axes.
  private let positions: [(place: Int, size: Int)]

  init(_ declaration: BanditDeclaration) {
    arms = declaration.arms.size
    var positions: [(place: Int, size: Int)] = []
    var place = 0
    for context in declaration.contexts {
      if let target = context.target { positions.append((place, target.size)) }
      place += context.count
    }
    self.positions = positions
  }

  var count: Int {
    positions.reduce(arms) { count, position in
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: position.size)
      return isTooLarge ? .max : product
    }
  }

  /// The number of a combination.
  ///
  /// - Throws: `BeliefError` for a context with a position outside its axis.
  func cell(arm: Int, context: [Double]) throws -> Int {
    var cell = arm
    for (place, size) in positions {
      guard let position = Int(exactly: context[place]), (0..<size).contains(position) else {
        throw BeliefError.contextOutside(position: place, size: size)
      }
      cell = cell * size + position
    }
    return cell
  }

  /// An arm and a context, all numbers 0 but the positions, of a combination.
  func example(_ cell: Int, contextSize: Int) -> (arm: Int, context: [Double]) {
    var rest = cell
    var context = [Double](repeating: 0, count: contextSize)
    for (place, size) in positions.reversed() {
      context[place] = Double(rest % size)
      rest /= size
    }
    return (rest, context)
  }

  /// For each number of a context whether it is a position.
  func isPosition(_ contextSize: Int) -> [Bool] {
    let places = Set(positions.map(\.place))
    return (0..<contextSize).map(places.contains)
  }
}
