// Variables with their axes in run.json, so that saved draws keep their labels.

public import BayesCore

extension Variable {
  /// The variable as `run.json` holds it, in the array `variables`:
  /// `{"name": "theta", "role": "parameter", "dimensions": [{"name": "school", "size": 8,
  /// "labels": ["Choate", …]}]}`; a dimension without labels has no `labels`.
  public var json: JSONValue {
    let axes = dimensions.map { dimension in
      var members = [
        JSONMember(key: "name", value: JSONValue(.string(dimension.name))),
        JSONMember(key: "size", value: .integer(dimension.size)),
      ]
      if let labels = dimension.labels {
        members.append(JSONMember(key: "labels", value: .strings(labels)))
      }
      return JSONValue(.object(members))
    }
    return [
      "name": JSONValue(.string(name)), "role": JSONValue(.string(role.rawValue)),
      "dimensions": JSONValue(.array(axes)),
    ]
  }

  /// Reads what `json` made; `nil` where something is missing or contradicts itself.
  public init?(json: JSONValue) {
    guard let name = json["name"]?.string, let role = json["role"]?.string.flatMap(Role.init),
      let axes = json["dimensions"]?.array
    else { return nil }
    var dimensions: [Dimension] = []
    for axis in axes {
      guard let size = axis["size"]?.integer, size >= 0 else { return nil }
      let labels = axis["labels"]?.array.map { $0.compactMap(\.string) }
      guard labels == nil || labels?.count == size else { return nil }
      dimensions.append(Dimension(name: axis["name"]?.string ?? "", size: size, labels: labels))
    }
    self.init(name: name, role: role, dimensions: dimensions)
  }
}
