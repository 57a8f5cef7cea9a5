enum LocalRule { static func apply(_ op: Op, _ inputs: [Tensor], _ shape: Shape, in b: GraphBuilder) -> Tensor? { nil } }
