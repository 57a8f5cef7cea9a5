// How far the scores of other rows of the same kind would lie from these.

extension BinaryPredictions {
  /// The bootstrap distributions of the mean negative log-likelihood and of Brier's score; `nil` where the former is infinite.
  public func scoreBands(_ replication: Replication) throws -> (likelihood: Band?, brier: Band) {
    try bands(rowScores, replication)
  }
}

extension MulticlassPredictions {
  /// The bootstrap distributions of the mean negative log-likelihood and of Brier's score; `nil` where the former is infinite.
  public func scoreBands(_ replication: Replication) throws -> (likelihood: Band?, brier: Band) {
    try bands(rowScores, replication)
  }
}

/// The bootstrap distributions of the mean negative log-likelihood, `nil` where that is infinite, and of Brier's score.
private func bands(
  _ rows: [RowScore], _ replication: Replication
) throws -> (likelihood: Band?, brier: Band) {
  let isFinite = rows.allSatisfy(\.loss.isFinite)
  let losses = rows.map { isFinite ? $0.loss : 0 }
  let errors = rows.map(\.brier)
  let n = Double(rows.count)
  let bands = try bootstrap(rows: rows.count, replication) { weights in
    var (loss, error) = (0.0, 0.0)
    for i in 0..<weights.count {
      loss += weights[i] * losses[i]
      error += weights[i] * errors[i]
    }
    return [loss / n, error / n]
  }
  return (isFinite ? bands[0] : nil, bands[1])
}
