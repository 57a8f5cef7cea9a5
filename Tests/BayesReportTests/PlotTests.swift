// Plots: axes, escaping, what is left out.

import Testing

@testable import BayesReport

@Suite("Plots")
struct PlotTests {
  @Test(
    "Linear axes have four to ten round steps",
    arguments: [
      (0.0, 1.0), (0.0, 234.0), (-3.2, 7.9), (0.001, 0.0042), (0, 1e9), (5, 5),
    ])
  func linearTicks(_ low: Double, _ high: Double) {
    let axis = PlotAxis(.linear, values: [low, high], range: nil)
    #expect((4...11).contains(axis.ticks.count), "\(axis.ticks)")
    #expect(axis.range.lowerBound <= low && axis.range.upperBound >= high)
    #expect(axis.ticks.first == axis.range.lowerBound || axis.ticks[0] > axis.range.lowerBound)
  }

  @Test("Logarithmic axes have powers of ten, and 2 and 5 between where there are few")
  func logarithmicTicks() {
    #expect(
      PlotAxis(.logarithmic, values: [1, 10_000], range: nil).ticks == [1, 10, 100, 1000, 10_000])
    #expect(PlotAxis(.logarithmic, values: [1, 20], range: nil).ticks == [1, 2, 5, 10, 20])
    #expect(PlotAxis(.logarithmic, values: [1, 1e12], range: nil).ticks.count <= 8)
    // What cannot be on such an axis does not stretch it.
    #expect(PlotAxis(.logarithmic, values: [-1, 0, .nan, 1, 100], range: nil).range == 1...100)
  }

  @Test(
    "Labels are short",
    arguments: [
      (0.0, "0"), (0.25, "0.25"), (-50, "−50"), (10_000, "10\u{2009}000"), (1e7, "10⁷"),
      (2.5e-7, "2.5·10⁻⁷"),
    ])
  func labels(_ value: Double, _ expected: String) {
    let axis = PlotAxis(.linear, values: [], range: -1e-6...1)
    #expect(axis.label(value) == expected)
  }

  @Test("Names are escaped, and nothing that is not finite reaches the file")
  func svg() {
    var plot = Plot(
      title: "a < b & \"c\"", xLabel: "x", yLabel: "y\u{1}",
      series: [
        PlotSeries(
          "<script>",
          [
            .line([PlotPoint(0, 1), PlotPoint(.nan, 2), PlotPoint(2, .infinity), PlotPoint(3, 4)]),
            .band(x: [0, 3], low: [0, 1], high: [2, .nan]),
            .dots([PlotPoint(1, 1), PlotPoint(.nan, 1)]),
            .bars(from: [0, 1], to: [1, 2], height: [3, .nan]),
          ]),
        PlotSeries("ideal", [.diagonal], isReference: true),
      ])
    plot.yRange = 0...5
    let text = plot.svg()
    #expect(text.contains("a &lt; b &amp; &quot;c&quot;"))
    #expect(text.contains("&lt;script&gt;") && !text.contains("<script>"))
    #expect(!text.contains("nan") && !text.contains("inf") && !text.contains("\u{1}"))
    #expect(text.hasPrefix("<svg") && text.hasSuffix("</svg>\n"))
    #expect(text.contains("stroke-dasharray"))
  }

  @Test("A plot of nothing is still a document")
  func empty() {
    let text = Plot(xLabel: "x", yLabel: "y").svg()
    #expect(text.hasSuffix("</svg>\n") && !text.contains("nan"))
  }

  @Test("Each of nine series is told apart: eight colours, then dashes")
  func colours() {
    let series = (0..<9).map {
      PlotSeries("s\($0)", [.line([PlotPoint(0, 0), PlotPoint(1, Double($0))])])
    }
    let text = Plot(xLabel: "x", yLabel: "y", series: series).svg()
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("<polyline") }
    #expect(lines.count == 9)
    #expect(Set(lines.map { $0.drop { $0 != "s" } }).count == 9)
    #expect(lines.filter { $0.contains("dasharray") }.count == 1)
  }
}
