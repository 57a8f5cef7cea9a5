// Draws by the model's own properties: `fit[model.$theta]`.

import BayesCore
public import BayesLanguage

extension Fit {
  /// The draws of a scalar, chain × draw.
  ///
  /// - Precondition: the handle is that of a parameter or derived quantity of the model that was sampled;
  ///   submodels count, other models and data do not.
  public subscript(handle: Handle<Real>) -> [[Double]] {
    values(handle.key).map { chain in chain.map { $0[0] } }
  }

  /// The draws of a vector, chain × draw × element.
  ///
  /// - Precondition: as for a scalar.
  public subscript(handle: Handle<Vector>) -> [[[Double]]] { values(handle.key) }

  /// The draws of a matrix, chain × draw × row × column.
  ///
  /// - Precondition: as for a scalar.
  public subscript(handle: Handle<Matrix>) -> [[[[Double]]]] {
    let width = variable(handle.key).dimensions[1].size
    return values(handle.key).map { chain in
      chain.map { draw in
        stride(from: 0, to: draw.count, by: width).map { Array(draw[$0..<($0 + width)]) }
      }
    }
  }

  /// The draws of square matrices, chain × draw × position × row × column.
  ///
  /// - Precondition: as for a scalar.
  public subscript(handle: Handle<Matrices>) -> [[[[[Double]]]]] {
    let width = variable(handle.key).dimensions[2].size
    func pieces<Element>(_ list: [Element]) -> [[Element]] {
      stride(from: 0, to: list.count, by: width).map { Array(list[$0..<($0 + width)]) }
    }
    return values(handle.key).map { chain in chain.map { draw in pieces(pieces(draw)) } }
  }

  /// The posterior probabilities of a discrete unknown's labels.
  ///
  /// - Precondition: the handle is that of a `@Latent` of the model that was sampled.
  public subscript(handle: Handle<Labels>) -> LabelProbabilities {
    guard let name = names[handle.key],
      let found = labels.first(where: { $0.variable.name == name })
    else { preconditionFailure("the handle is of no discrete unknown of \(model)") }
    return found
  }

  private func variable(_ key: Key) -> Variable {
    guard let name = names[key], let variable = draws.variables.first(where: { $0.name == name })
    else { preconditionFailure("the handle is of no parameter or derived quantity of \(model)") }
    return variable
  }

  private func values(_ key: Key) -> [[[Double]]] {
    let columns = draws.columns(of: variable(key).name)!
    let width = draws.columnCount
    return draws.chains.map { chain in
      (0..<draws.drawCount).map { draw in
        Array(chain[(draw * width + columns.lowerBound)..<(draw * width + columns.upperBound)])
      }
    }
  }
}
