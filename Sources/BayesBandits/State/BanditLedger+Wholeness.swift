// Whether a state still has all that was acknowledged: a damaged page is not always an error to SQLite.

extension BanditLedger {
  /// Checks that no acknowledged row is missing at the ends of the tables; within a transaction.
  ///
  /// SQLite reads a page whose count of rows was overwritten as one with fewer rows. What was given out is
  /// written down elsewhere: the last id in `sqlite_sequence`, the number of rewards beside the belief, the arms in
  /// the index of their labels.
  ///
  /// Complexity: O(log n + K log K) for n choices and K arms.
  ///
  /// - Throws: `StateError.damaged`.
  func checkEnds() throws {
    let database = database
    let ends = try database.first(
      """
      SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'choices'), 0),
        coalesce((SELECT max(id) FROM choices NOT INDEXED), 0),
        coalesce((SELECT max(reward_sequence) FROM choices), 0),
        coalesce((SELECT rewards FROM belief), 0),
        (SELECT count(*) FROM arms NOT INDEXED),
        (SELECT count(*) FROM arms AS own NOT INDEXED WHERE EXISTS (
          SELECT 1 FROM arms AS listed INDEXED BY sqlite_autoindex_arms_1
            WHERE listed.label = own.label)),
        (SELECT count(*) FROM arms INDEXED BY sqlite_autoindex_arms_1)
      """
    ) { row in (0..<7).map(row.integer) }
    guard let ends else { return }
    try require(
      ends[0] == ends[1],
      "\(count(ends[0], "choice")) \(ends[0] == 1 ? "was" : "were") recorded, the last one to be found is \(ends[1])"
    )
    try require(
      ends[2] >= ends[3], "\(count(ends[3], "reward")) were learnt, only \(ends[2]) are to be found"
    )
    try require(ends[4] > 0 && ends[4] == ends[5] && ends[4] == ends[6], "an arm is missing")
    if ends[1] == 0 { return }
    let last = try database.first(
      """
      SELECT count(*) FROM choices INDEXED BY sqlite_autoindex_choices_1
        WHERE reward_sequence IS (SELECT reward_sequence FROM choices NOT INDEXED WHERE id = ?1)
          AND id = ?1
      """, .integer(ends[1])
    ) { $0.integer(0) }
    try require(last == 1, "the index of rewards lacks choice \(ends[1])")
  }

  /// Checks that every choice and reward that was acknowledged is there; within a transaction.
  ///
  /// Complexity: O(n) for n choices.
  ///
  /// - Throws: `StateError.damaged`.
  func checkRows() throws {
    try checkEnds()
    let arms = try armUse().count
    // Ids are 1 to n exactly where there are n of them, the largest is n and their sum is n (n + 1)/2.
    let rows = try database.first(
      """
      SELECT count(id), coalesce(max(id), 0), coalesce(sum(id), 0), count(arm),
        coalesce(min(arm), 0), coalesce(max(arm), 0), count(propensity),
        count(reward_sequence), coalesce(max(reward_sequence), 0), count(reward)
        FROM choices NOT INDEXED
      """
    ) { row in (0..<10).map(row.integer) }
    let indexed = try database.first(
      """
      SELECT count(*), count(reward_sequence)
        FROM choices INDEXED BY sqlite_autoindex_choices_1
      """
    ) { row in [row.integer(0), row.integer(1)] }
    guard let rows, let indexed else { return }
    let n = rows[1]
    try require(
      rows[0] == n && rows[2] == n * (n + 1) / 2 && rows[3] == n && rows[6] == n,
      "\(count(n, "choice")) \(n == 1 ? "was" : "were") recorded, and not all are to be found")
    try require(
      rows[4] >= 0 && rows[5] < max(1, arms), "a choice names an arm that is not there")
    try require(
      rows[7] == rows[8] && rows[9] == rows[7],
      "\(count(rows[7], "reward")) \(rows[7] == 1 ? "is" : "are") numbered up to \(rows[8])")
    try require(
      indexed[0] == n && indexed[1] == rows[7], "the index of rewards is not that of the choices")
  }

  /// That an id is none: an error of the caller, or damage where it was given out.
  func unknownChoice(_ id: Int) throws -> StateError {
    let last = try choiceCount()
    if (1...max(1, last)).contains(id), last > 0 {
      return .damaged(
        path: path, reason: "choice \(id) of the \(last) that were recorded is not to be found")
    }
    return .unknownChoice(path: path, id: id, last: last)
  }

  private func require(_ holds: Bool, _ reason: String) throws {
    if !holds { throw StateError.damaged(path: path, reason: reason) }
  }

  private func count(_ n: Int, _ noun: String) -> String { "\(n) \(noun)\(n == 1 ? "" : "s")" }
}
