// The summary table as golden text.

import BayesReport
import Testing

@Suite("The summary table")
struct SummaryTableTests {
  @Test("Digits follow the Monte Carlo error, decimal points and headers are aligned")
  func golden() {
    let table = SummaryTable(rows: [
      SummaryRow(
        name: "mu", cells: [4.3712, 3.3142, 0.1131, -1.0312, 4.4012, 9.7712, 931.4, 1200.2, 1.0012]),
      SummaryRow(
        name: "theta[Choate]",
        cells: [6.2, 5.61, 0.0123, -1.5, 5.9, 16.02, 2210, 1988, 0.9998]),
      SummaryRow(
        name: "kappa", cells: [12345.6, 801.3, 52.1, 11000, 12300, 13700, 400, 380, 1.02]),
      SummaryRow(name: "L[1,1]", cells: [1, 0, nil, 1, 1, 1, nil, nil, nil]),
      SummaryRow(
        name: "tiny",
        cells: [1.23456e-9, 3.1e-10, 2.2e-12, 7e-10, 1.2e-9, 1.8e-9, 4000, 4000, 1.0]),
    ])
    #expect(
      table.render() == """
                             Mean          SD     MCSE          5%         50%         95%  ESS bulk  ESS tail  R-hat
        mu                  4.37        3.31     0.11       -1.03        4.40        9.77        931      1200  1.001
        theta[Choate]       6.200       5.610    0.012      -1.500       5.900      16.020      2210      1988  1.000
        kappa           12346         801       52       11000       12300       13700           400       380  1.020
        L[1,1]              1           0            —       1           1           1             —         —      —
        tiny           1.2346e-09  3.1000e-10  2.2e-12  7.0000e-10  1.2000e-09  1.8000e-09      4000      4000  1.000

        """)
  }

  @Test("A value that rounds to zero has no minus sign")
  func minusZero() {
    let row = SummaryRow(name: "x", cells: [-0.0001, 1.0, 0.02, -1.6, 0, 1.6, 2500, 2500, 1])
    #expect(SummaryTable(rows: [row]).render().contains("x  0.000"))
  }

  @Test("A table without rows is its header")
  func empty() {
    #expect(
      SummaryTable(rows: []).render()
        == "  Mean  SD  MCSE  5%  50%  95%  ESS bulk  ESS tail  R-hat\n")
  }
}
