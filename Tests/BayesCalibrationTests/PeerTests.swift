// Agreement with scikit-learn, netcal and betacal on three data sets; Tests/oracles/calibration_peers.py has theirs.

import BayesCore
import BayesNumerics
import Foundation
import Testing

@testable import BayesCalibration

struct Peer: Sendable, CustomTestStringConvertible {
  let json: JSONValue
  var testDescription: String { json["name"]?.string ?? "" }
  func values(_ key: String) -> [Double] { json[key]?.array?.compactMap(\.number) ?? [] }
  func value(_ key: String) -> Double { json[key]?.number ?? .nan }

  func predictions() throws -> BinaryPredictions {
    try BinaryPredictions(labels: values("labels").map { Int($0) }, logits: values("logits"))
  }
}

let peers: [Peer] = {
  let path =
    URL(filePath: #filePath).deletingLastPathComponent().path(percentEncoded: false)
    + "/Fixtures/peers.json"
  return (try? parseJSON(path: path))?["datasets"]?.array?.map { Peer(json: $0) } ?? []
}()

/// The largest distance between two lists of one length.
private func distance(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

@Suite("Peers") struct PeerTests {
  @Test("There are three data sets") func three() { #expect(peers.count == 3) }

  @Test("scikit-learn's and netcal's temperature", arguments: peers)
  func temperature(peer: Peer) throws {
    let fit = try TemperatureScaling(fittedTo: peer.predictions())
    #expect(abs(fit.inverse - peer.value("sklearn_inverse_temperature")) < 1e-7)
    // netcal stops early: its gradient is not 0.
    #expect(abs(fit.inverse - peer.values("netcal_temperature")[0]) < 3e-6)
  }

  @Test("scikit-learn's sigmoid and its logistic regression", arguments: peers)
  func platt(peer: Peer) throws {
    let data = try peer.predictions()
    let smoothed = try PlattScaling(fittedTo: data, targets: .smoothed)
    #expect(distance([smoothed.slope, smoothed.intercept], peer.values("sklearn_sigmoid")) < 1e-10)
    #expect(peer.value("sklearn_sigmoid_stopped") < 1e-6)
    let plain = try PlattScaling(fittedTo: data)
    #expect(distance([plain.slope, plain.intercept], peer.values("sklearn_logistic")) < 1e-8)
  }

  @Test("betacal", arguments: peers)
  func beta(peer: Peer) throws {
    let fit = try BetaCalibration(fittedTo: peer.predictions())
    #expect(distance([fit.a, fit.b, fit.c], peer.values("beta")) < 1e-9)
    // betacal itself stops at scikit-learn's default tolerance.
    #expect(distance([fit.a, fit.b, fit.c], peer.values("betacal")) < 2e-3)
  }

  @Test("scikit-learn's isotonic regression", arguments: peers)
  func isotonic(peer: Peer) throws {
    let data = try peer.predictions()
    let grid = peer.values("grid")
    for (scale, key) in [
      (IsotonicRegression.Scale.logit, "isotonic_logit"), (.probability, "isotonic_probability"),
    ] {
      let map = try IsotonicRegression(fittedTo: data, scale: scale)
      #expect(distance(grid.map { map.probability(atLogit: $0) }, peer.values(key)) < 1e-12)
      #expect(map.thresholds.count == Int(peer.value("isotonic_count")))
    }
  }

  @Test("netcal's histogram binning, ECE and maximum error", arguments: peers)
  func binned(peer: Peer) throws {
    let data = try peer.predictions()
    let map = try HistogramBinning(fittedTo: data, binning: .equalWidth(10))
    for (logit, wanted) in zip(peer.values("grid"), peer.values("netcal_histogram")) {
      // By definition an edge belongs to our lower bin and to netcal's upper one: rows at ½ in the data set with ties.
      let isNextToEdge = data.probabilities.contains(0.5) && abs(logistic(logit) - 0.5) <= 0.1
      #expect(isNextToEdge || abs(map.probability(atLogit: logit) - wanted) < 1e-12)
    }
    let table = try ReliabilityTable(data.positive, .equalWidth(15))
    #expect(abs(table.expectedError - peer.value("netcal_ece")) < 1e-12)
    #expect(abs(table.maximumError - peer.value("netcal_mce")) < 1e-12)
  }
}
