// A plot as SVG text.

extension Plot {
  /// The plot as an SVG document of 800 × 500 units, readable without colours being told apart by hue alone.
  ///
  /// Colours are those of Okabe and Ito, which people with colour-blindness can tell apart; series
  /// beyond the eighth repeat them with dashes.
  ///
  /// Reference: Okabe, Ito 2008, "Color universal design", https://jfly.uni-koeln.de/color/.
  public func svg() -> String {
    var writer = SVGWriter(self)
    return writer.document()
  }
}

private let palette = [
  "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D1F",
]

private struct SVGWriter {
  private let plot: Plot
  private let x, y: PlotAxis
  private var text = ""
  private let size = (width: 800.0, height: 500.0)
  private let left: Double
  private let right: Double
  private let top: Double
  private let bottom = 440.0

  init(_ plot: Plot) {
    self.plot = plot
    let extents = plot.series.flatMap(\.marks).map(\.extent)
    x = PlotAxis(plot.xScale, values: extents.flatMap(\.x), range: plot.xRange)
    let y = PlotAxis(plot.yScale, values: extents.flatMap(\.y), range: plot.yRange)
    self.y = y
    // Room for the longest label of the vertical axis and for the legend, at some 7 units a letter.
    let labels = y.ticks.map { y.label($0).count }.max() ?? 1
    let names = plot.series.map(\.name.count).max() ?? 0
    left = 48 + 7.2 * Double(labels)
    right = size.width - (names > 0 ? Swift.min(260, 50 + 6.9 * Double(names)) : 24)
    top = plot.title.isEmpty ? 24 : 48
  }

  mutating func document() -> String {
    text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(size.width)) "
      + "\(number(size.height))\" width=\"\(number(size.width))\" height=\"\(number(size.height))\" "
      + "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\">\n"
      + "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
      + "<clipPath id=\"area\"><rect x=\"\(number(left))\" y=\"\(number(top))\" "
      + "width=\"\(number(right - left))\" height=\"\(number(bottom - top))\"/></clipPath>\n"
    drawAxes()
    text += "<g clip-path=\"url(#area)\">\n"
    for (position, series) in plot.series.enumerated() {
      for mark in series.marks { draw(mark, colour(position), dashed: isDashed(position)) }
    }
    text += "</g>\n"
    drawLegend()
    text += "</svg>\n"
    return text
  }

  /// The place of a series among those that have a colour.
  private func rank(_ position: Int) -> Int {
    plot.series[..<position].count { !$0.isReference }
  }

  private func colour(_ position: Int) -> String {
    plot.series[position].isReference ? "#777777" : palette[rank(position) % palette.count]
  }

  private func isDashed(_ position: Int) -> Bool {
    !plot.series[position].isReference && rank(position) >= palette.count
  }

  private func at(_ value: Double, onX: Bool) -> Double {
    onX
      ? left + x.place(value) * (right - left) : bottom - y.place(value) * (bottom - top)
  }

  private mutating func drawAxes() {
    for tick in y.ticks {
      let height = at(tick, onX: false)
      line(left, height, right, height, "#e3e3e3")
      label(y.label(tick), left - 8, height + 4.5, anchor: "end")
    }
    for tick in x.ticks {
      let place = at(tick, onX: true)
      line(place, top, place, bottom, "#efefef")
      line(place, bottom, place, bottom + 5, "#444444")
      label(x.label(tick), place, bottom + 21, anchor: "middle")
    }
    line(left, bottom, right, bottom, "#444444")
    line(left, top, left, bottom, "#444444")
    label(plot.xLabel, (left + right) / 2, bottom + 46, anchor: "middle")
    let middle = number((top + bottom) / 2)
    text +=
      "<text transform=\"translate(18 \(middle)) rotate(-90)\" text-anchor=\"middle\" "
      + "fill=\"#222222\">\(escaped(plot.yLabel))</text>\n"
    if !plot.title.isEmpty {
      text +=
        "<text x=\"\(number(left))\" y=\"28\" font-size=\"16\" font-weight=\"bold\" "
        + "fill=\"#222222\">\(escaped(plot.title))</text>\n"
    }
  }

  private mutating func draw(_ mark: PlotMark, _ colour: String, dashed: Bool) {
    switch mark {
    case .line(let points, let isDashed):
      let path = polyline(points)
      guard !path.isEmpty else { return }
      let dashes = isDashed || dashed ? " stroke-dasharray=\"7 5\"" : ""
      text +=
        "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\" "
        + "stroke-linejoin=\"round\"\(dashes)/>\n"
    case .band(let places, let low, let high):
      let lower = zip(places, low).map { PlotPoint($0, $1) }
      let upper = zip(places, high).map { PlotPoint($0, $1) }
      let path = polyline(upper + lower.reversed())
      guard !path.isEmpty else { return }
      text += "<polygon points=\"\(path)\" fill=\"\(colour)\" fill-opacity=\"0.14\"/>\n"
    case .dots(let points):
      for point in points where isDrawable(point) {
        text +=
          "<circle cx=\"\(number(at(point.x, onX: true)))\" cy=\"\(number(at(point.y, onX: false)))\" "
          + "r=\"3.5\" fill=\"\(colour)\"/>\n"
      }
    case .bars(let from, let to, let height):
      for (edges, height) in zip(zip(from, to), height) where height.isFinite {
        let (start, end) = (at(edges.0, onX: true), at(edges.1, onX: true))
        let (base, tip) = (at(0, onX: false), at(height, onX: false))
        text +=
          "<rect x=\"\(number(start))\" y=\"\(number(Swift.min(base, tip)))\" "
          + "width=\"\(number(Swift.max(0, end - start - 1)))\" "
          + "height=\"\(number(abs(base - tip)))\" fill=\"\(colour)\" fill-opacity=\"0.35\"/>\n"
      }
    case .diagonal:
      let low = Swift.max(x.range.lowerBound, y.range.lowerBound)
      let high = Swift.min(x.range.upperBound, y.range.upperBound)
      guard low < high else { return }
      draw(
        .line([PlotPoint(low, low), PlotPoint(high, high)], isDashed: true), colour, dashed: false)
    }
  }

  private mutating func drawLegend() {
    var height = top + 14
    for (position, series) in plot.series.enumerated() where !series.name.isEmpty {
      let isDashed =
        self.isDashed(position)
        || series.marks.contains {
          switch $0 {
          case .line(_, let isDashed): isDashed
          case .diagonal: true
          default: false
          }
        }
      text +=
        "<line x1=\"\(number(right + 14))\" y1=\"\(number(height - 4.5))\" x2=\"\(number(right + 36))\" "
        + "y2=\"\(number(height - 4.5))\" stroke=\"\(colour(position))\" stroke-width=\"2.5\""
        + (isDashed ? " stroke-dasharray=\"5 4\"" : "") + "/>\n"
      label(series.name, right + 42, height, anchor: "start")
      height += 20
    }
  }

  private func isDrawable(_ point: PlotPoint) -> Bool {
    point.x.isFinite && point.y.isFinite && (x.scale == .linear || point.x > 0)
      && (y.scale == .linear || point.y > 0)
  }

  private func polyline(_ points: [PlotPoint]) -> String {
    points.filter(isDrawable).map {
      "\(number(at($0.x, onX: true))),\(number(at($0.y, onX: false)))"
    }.joined(separator: " ")
  }

  private mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String
  ) {
    text +=
      "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
      + "stroke=\"\(colour)\"/>\n"
  }

  private mutating func label(_ content: String, _ x: Double, _ y: Double, anchor: String) {
    text +=
      "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"#222222\">"
      + "\(escaped(content))</text>\n"
  }

  /// A coordinate to a hundredth of a unit, and near the plot: viewers do not like huge ones.
  private func number(_ value: Double) -> String {
    var text = decimals(Swift.max(-1e5, Swift.min(1e5, value)), 2)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" ? "0" : text
  }
}

/// Text with the characters that XML reserves written as entities; control characters, which XML cannot hold,
/// become spaces.
private func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&apos;"
    default:
      if scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF {
        result += " "
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
  return result
}
