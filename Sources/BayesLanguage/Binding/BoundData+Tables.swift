// Matrices of data from columns of their own.

import BayesCore

extension Inventory.Entry {
  /// The columns of the data that make up a matrix if the data has it not as a whole: those named as the
  /// labels that the model states for the axis of its columns.
  var columnNames: [String]? {
    guard declaration.role.isData, declaration.kind == .matrix, axes.count == 2 else { return nil }
    return axes[1].statedLabels
  }
}

extension BoundData {
  /// A matrix of columns, or `nil` after a mistake.
  static func table(
    _ entry: Inventory.Entry, _ names: [String], _ data: DataSet, _ mistakes: Mistakes
  ) -> Found? {
    func fail(_ message: String) -> Found? {
      mistakes.add(entry.location, message)
      return nil
    }
    var columns: [[Double]] = []
    var origins: [DataOrigin] = []
    for name in names {
      guard let item = data[name] else {
        let close = closestName(to: name, among: data.names + data.unreadNames)
        return fail(
          "the data has no column `\(name)` for \(entry.quoted), whose columns are "
            + names.prefix(6).map { "`\($0)`" }.joined(separator: ", ")
            + (close.map { "; did you mean `\($0)`?" } ?? ""))
      }
      guard case .numbers(let shape, let values) = item.value, shape.count == 1 else {
        return fail(
          "column `\(name)` of \(entry.quoted) is no list of numbers "
            + "(\(item.origin.description(element: 0)))")
      }
      if let first = columns.first, first.count != values.count {
        return fail(
          "the columns of \(entry.quoted) differ in length: `\(names[0])` has "
            + "\(counted(first.count, "row", "rows")), `\(name)` has \(values.count)")
      }
      columns.append(values)
      origins.append(item.origin)
    }
    let rows = columns.first?.count ?? 0
    let values = (0..<rows).flatMap { row in columns.map { $0[row] } }
    return Found(
      entry: entry, value: .numbers(shape: [rows, columns.count], values: values),
      origin: .columns(origins), firstPosition: 1)
  }
}
