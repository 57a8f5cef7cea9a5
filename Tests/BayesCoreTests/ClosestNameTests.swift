// The suggestion for a name that was not found.

import BayesCore
import Testing

@Suite("The closest name")
struct ClosestNameTests {
  @Test(
    "A slip of the finger finds its name",
    arguments: [
      ("sigam", "sigma"), ("Sigma", "sigma"), ("target_acceptance", "target-acceptance"),
      ("target-aceptance", "target-acceptance"), ("seeds", "seed"), ("max-deptg", "max-depth"),
      ("warm", "warmup"), ("mux", "mu"),
    ])
  func slips(name: String, expected: String) {
    let names = ["sigma", "mu", "target-acceptance", "seed", "max-depth", "warmup", "draws"]
    #expect(closestName(to: name, among: names) == expected)
  }

  @Test("A name far from all others finds none", arguments: ["banana", "q", "", "zz"])
  func strangers(name: String) {
    #expect(closestName(to: name, among: ["sigma", "tau", "x"]) == nil)
  }

  @Test("The first of equally close names wins, so that messages do not depend on chance")
  func ties() {
    #expect(closestName(to: "bat", among: ["cat", "hat"]) == "cat")
  }
}
