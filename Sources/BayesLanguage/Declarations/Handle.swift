// Typed handles: how data is set and how results are read, without strings.

public import BayesCore

/// The `$` of a declared property: `model.$y = [28, 8, -3]`, `fit[model.$theta]`.
public struct Handle<Value: DeclaredType>: Sendable {
  /// The declaration's identity; `TracedModel.names` finds the name.
  public let key: Key
  /// The value set in code, if any.
  public internal(set) var data: DataValue?

  init(key: Key, data: DataValue? = nil) {
    self.key = key
    self.data = data
  }

  /// A value of rank 0 to 2 to be assigned to a handle.
  public init(_ value: DataValue) { self.init(key: Key(), data: value) }

  /// A number.
  public init(_ value: Double) { self.init(.numbers(shape: [], values: [value])) }

  /// A vector; an index column counts from 0 here.
  public init(_ values: [Double]) { self.init(.numbers(shape: [values.count], values: values)) }

  /// A vector of whole numbers; an index column counts from 0 here.
  public init(_ values: [Int]) { self.init(values.map(Double.init)) }

  /// The labels of an index column.
  public init(_ labels: [String]) { self.init(.text(shape: [labels.count], values: labels)) }

  /// The rows of a matrix. Rows of unequal length are refused when the model is traced.
  public init(_ rows: [[Double]]) {
    self.init(DataElement.list(rows.map { .list($0.map(DataElement.number)) }).value)
  }
}

extension Handle: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: DataElement...) {
    self.init(DataElement.list(elements).value)
  }
}

extension Handle: ExpressibleByFloatLiteral {
  public init(floatLiteral value: Double) { self.init(value) }
}

extension Handle: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self.init(Double(value)) }
}

/// One element of a data literal: a number, a label, or a row.
public enum DataElement: Sendable {
  case number(Double)
  case text(String)
  case list([DataElement])

  /// The value as data. Mixed or ragged lists become text of a shape that no declaration accepts.
  var value: DataValue {
    switch self {
    case .number(let number): return .numbers(shape: [], values: [number])
    case .text(let text): return .text(shape: [], values: [text])
    case .list(let elements):
      let parts = elements.map(\.value)
      let inner = parts.first?.shape ?? []
      var numbers: [Double] = []
      var texts: [String] = []
      for part in parts {
        switch part {
        case .numbers(_, let values): numbers += values
        case .text(_, let values): texts += values
        }
      }
      if texts.isEmpty, parts.allSatisfy({ $0.shape == inner }), inner.count < 2 {
        return .numbers(shape: [parts.count] + inner, values: numbers)
      }
      if numbers.isEmpty, inner.isEmpty { return .text(shape: [parts.count], values: texts) }
      return .text(
        shape: [parts.count, 0, 0], values: texts.isEmpty ? ["rows of unequal length"] : texts)
    }
  }
}

extension DataElement: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(arrayLiteral elements: DataElement...) { self = .list(elements) }
}
