// The columns of a CmdStan file: their names, and their order, which is column-major.

internal import BayesCore

/// The order of a variable's elements in a CmdStan file: for each column, its row-major position.
///
/// CmdStan writes matrices with the first index running fastest, and rstan relies on it.
func stanOrder(_ variable: Variable) -> [Int] {
  var positions = [0]
  // Strides of the row-major layout, first dimension first; the first one must vary fastest, hence
  // it is the innermost loop, which the last repetition of this flat-map makes it.
  var stride = 1
  for dimension in variable.dimensions.reversed() {
    let outer = positions
    positions = outer.flatMap { base in (0..<dimension.size).map { base + $0 * stride } }
    stride *= dimension.size
  }
  return positions
}

/// The variable's name as CmdStan's columns can hold it, where a point separates indices.
func stanName(_ name: String) -> String { String(name.map { $0 == "." ? "_" : $0 }) }

/// The columns of a variable in row-major order.
func stanColumns(_ variable: Variable) -> [String] {
  Variable(name: stanName(variable.name), dimensions: variable.dimensions).stanColumnNames
}
