// Reliability diagrams: as SVG, and drawn in the terminal.

import BayesCalibration
import BayesCompiler
import BayesNumerics
import BayesReport
import CommandLineKit
import Glibc

/// The reliability diagram of a report: frequencies over mean forecasts of bins, consistency bands, and where the forecasts
/// are.
func reliabilityPlot(_ report: CalibrationReport, _ file: String) -> Plot {
  let event = report.before.measures.mainEvent
  let name = file.split(separator: "/").last.map(String.init) ?? file
  var plot = Plot(
    title: (report.record.map { "\($0.map.method.name): " } ?? "") + shortened(name)
      + ", \(report.rows.count) rows (bars)",
    xLabel: event == .positive
      ? "probability given to y = 1" : "probability given to the top label",
    yLabel: event == .positive ? "frequency of y = 1" : "frequency of the top label being right")
  (plot.xRange, plot.yRange) = (0...1, 0...1)
  plot.series.append(PlotSeries("perfect, shaded: 95 %", [.diagonal], isReference: true))
  let tables = [("before", report.before), ("after", report.after)].compactMap { name, rows in
    rows.map {
      ("\(name), ECE \(fixed($0.measures.errors[0].errors.expected.value, decimals: 3))", $0.table)
    }
  }
  for (name, table) in tables {
    let points = table.bins.map { PlotPoint($0.meanForecast, $0.frequency) }
    let bands = table.bins.map { $0.consistencyBand() }
    plot.series.append(
      PlotSeries(
        name,
        [
          .band(
            x: points.map(\.x), low: bands.map(\.lowerBound), high: bands.map(\.upperBound)),
          .bars(
            from: table.bins.map { edge($0.index, table) },
            to: table.bins.map { edge($0.index + 1, table) },
            height: table.bins.map { 0.12 * Double($0.count) / Double(largest(tables)) }),
          .line(points), .dots(points),
        ]))
  }
  return plot
}

/// At most 40 letters, the end being what tells files apart.
private func shortened(_ name: String) -> String {
  name.count > 40 ? "…" + name.suffix(39) : name
}

private func edge(_ index: Int, _ table: ReliabilityTable) -> Double {
  Double(index) / Double(table.binning.count)
}

private func largest(_ tables: [(String, ReliabilityTable)]) -> Int {
  tables.flatMap { $0.1.bins.map(\.count) }.max() ?? 1
}

/// The program that makes PNG of SVG: that of GNOME's librsvg.
///
/// - Throws: `Failure` where there is none.
func pictureConverter() throws -> String {
  guard let path = executableInPath("rsvg-convert") else {
    throw Failure(
      "error: a .png needs rsvg-convert, which is not in PATH\n"
        + "  hint: apt-get install librsvg2-bin, or write a .svg", .unavailable)
  }
  return path
}

/// Writes a picture as SVG, or as PNG of twice the size in points where the name ends so.
func writePicture(_ svg: String, to path: String) throws {
  guard path.hasSuffix(".png") else { return try writeFile(svg, to: path) }
  let converter = try pictureConverter()
  let drawing = path + ".\(getpid()).svg"
  try writeFile(svg, to: drawing)
  defer { unlink(drawing) }
  let result = try runProcess(
    converter, ["--zoom", "2", "--background-color", "white", "--output", path, drawing])
  guard result.status == 0 else {
    throw Failure("\(path): error: rsvg-convert failed: \(result.output)", .ioError)
  }
}

/// The diagrams before and after, side by side, in letters.
func reliabilityDrawing(_ report: CalibrationReport) -> String {
  let panels = [("before", report.before), ("after", report.after)].compactMap { name, rows in
    rows.map { panel(name, $0.table) }
  }
  let event = report.before.measures.mainEvent.name
  var text =
    "Frequency over mean forecast, \(event): o in the 95 % band of a perfect bin, X outside; | the band. Below: rows.\n"
  for line in panels[0].indices {
    text += panels.map { $0[line] }.joined(separator: "   ") + "\n"
  }
  return text
}

private func panel(_ name: String, _ table: ReliabilityTable) -> [String] {
  let (width, height) = (40, 20)
  var cells = [[Character]](
    repeating: [Character](repeating: " ", count: width + 1), count: height + 1)
  func row(_ p: Double) -> Int { height - Int((p * Double(height)).rounded()) }
  func column(_ p: Double) -> Int { Int((p * Double(width)).rounded()) }
  for c in 0...width { cells[row(Double(c) / Double(width))][c] = "." }
  for bin in table.bins {
    let band = bin.consistencyBand()
    let c = column(bin.meanForecast)
    for r in row(band.upperBound)...row(band.lowerBound) { cells[r][c] = "|" }
    cells[row(bin.frequency)][c] = band.contains(bin.frequency) ? "o" : "X"
  }
  var lines = ["     " + name + String(repeating: " ", count: width + 1 - name.count)]
  for r in 0...height {
    let label = r % 5 == 0 ? ["1.00", "0.75", "0.50", "0.25", "0.00"][r / 5] + " " : "     "
    lines.append(label + String(cells[r]))
  }
  let tallest = Double(table.bins.map(\.count).max() ?? 1)
  var bars = [Character](repeating: " ", count: width + 1)
  for bin in table.bins {
    let level = Int((Double(bin.count) / tallest * 7).rounded())
    bars[column(bin.meanForecast)] = Array("▁▂▃▄▅▆▇█")[level]
  }
  return lines + ["     " + String(bars), "     0         0.25      0.5       0.75     1"]
}
