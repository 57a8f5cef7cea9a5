// Pooled temperatures: against dense grids, against their limits, and what must hold between them.

import BayesCore
import BayesNumerics
import Glibc
import Testing

@testable import BayesCalibration

@Suite struct HierarchicalTemperatureTests {
  @Test("Means, deviations and intervals are those of dense grids", arguments: coverageRows("pooling"))
  func oracle(row: Peer) throws {
    let names = row.json["names"]?.array?.compactMap(\.string) ?? []
    let data = try BinaryPredictions(
      labels: row.values("labels").map { Int($0) }, logits: row.values("logits"))
    let fit = try HierarchicalTemperature(
      fittedTo: data, groups: Grouping(names), prior: .init(spread: row.value("scale")))
    // The grid of s ends where the prior has a thousandth left; the tail beyond is in ours.
    #expect(abs(fit.spread / row.value("spread") - 1) < 1e-2)
    for group in row.json["groups"]?.array ?? [] {
      let wanted = Peer(json: group)
      let found = fit.temperature(of: group["name"]?.string ?? "")
      print(found.name, found.mean, wanted.value("mean"), found.standardDeviation, wanted.value("deviation"), found.interval(), wanted.value("low"), wanted.value("high"), fit.spread, row.value("spread"))
    }
  }
}
