// The policies of the reference table, with the mean regrets that were computed elsewhere.

import BayesBandits
import Testing

/// A policy with its mean cumulative regret ± standard error after 100, 1 000 and 10 000 rounds of
/// p = (.3, .5, .7, .4, .6), from numpy programs that share no code with ours.
struct ReferencePolicy: Sendable, CustomTestStringConvertible {
  let name: String
  let regrets: [(round: Int, mean: Double, error: Double)]

  init(_ name: String, _ values: (Double, Double)...) {
    self.name = name
    regrets = zip([100, 1000, 10_000], values).map { ($0, $1.0, $1.1) }
  }

  var testDescription: String { name }
}

let referenceMeans = [0.3, 0.5, 0.7, 0.4, 0.6]

let referencePolicies = [
  ReferencePolicy("thompson", (10.416, 0.027), (28.629, 0.103), (45.024, 0.162)),
  ReferencePolicy("epsilon-greedy:0.1", (9.023, 0.044), (43.140, 0.233), (234.098, 0.515)),
  ReferencePolicy("epsilon-greedy-zero:0.1", (11.043, 0.055), (45.684, 0.233), (236.160, 0.508)),
  ReferencePolicy("ucb1", (14.583, 0.013), (81.132, 0.073), (229.086, 0.200)),
  ReferencePolicy("kl-ucb", (10.230, 0.053), (34.302, 0.183), (66.038, 0.293)),
  ReferencePolicy("kl-ucb-plus", (10.343, 0.073), (28.235, 0.247), (45.792, 0.337)),
  ReferencePolicy("bayes-ucb", (8.58, 0.05), (26.18, 0.15), (50.10, 0.23)),
  ReferencePolicy("imed", (10.811, 0.051), (29.545, 0.185), (46.680, 0.374)),
  ReferencePolicy("ucb-tuned", (8.829, 0.063), (24.200, 0.240), (42.035, 0.823)),
  ReferencePolicy("ucb-v", (17.753, 0.018), (102.749, 0.197), (220.875, 0.497)),
  ReferencePolicy("moss", (13.902, 0.031), (47.921, 0.167), (65.380, 0.245)),
  ReferencePolicy("thompson-beta:0.5:0.5", (10.181, 0.061), (28.749, 0.245), (45.914, 0.432)),
  ReferencePolicy("thompson-nig:0.5:1:1:0.25", (10.920, 0.077), (30.493, 0.301), (50.179, 0.476)),
  ReferencePolicy("thompson-gaussian", (13.820, 0.042), (60.923, 0.210), (133.799, 0.382)),
  ReferencePolicy("softmax:0.1", (9.108, 0.141), (55.654, 0.824), (501.75, 2.29)),
]
