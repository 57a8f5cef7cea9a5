// A plot as data: what is drawn, not how.

/// A point of a plot.
public struct PlotPoint: Sendable, Equatable {
  /// Along the horizontal axis.
  public var x: Double
  /// Along the vertical axis.
  public var y: Double

  /// A point.
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// Something that is drawn. Points that are not finite, or not positive on a logarithmic axis, are left out.
public enum PlotMark: Sendable, Equatable {
  /// A line through points.
  case line([PlotPoint], isDashed: Bool = false)
  /// The area between two curves over the same places.
  case band(x: [Double], low: [Double], high: [Double])
  /// A dot at each point.
  case dots([PlotPoint])
  /// A bar from 0 up to `height` over each interval.
  case bars(from: [Double], to: [Double], height: [Double])
  /// The line y = x, across the whole plot.
  case diagonal
}

/// Marks of one colour with one entry in the legend.
public struct PlotSeries: Sendable, Equatable {
  /// What the legend says; none if empty.
  public var name: String
  /// What is drawn, the first at the bottom.
  public var marks: [PlotMark]
  /// Whether it is drawn in grey, as something to compare with.
  public var isReference: Bool

  /// A series.
  public init(_ name: String, _ marks: [PlotMark], isReference: Bool = false) {
    self.name = name
    self.marks = marks
    self.isReference = isReference
  }
}

/// A plot with two axes, series and a legend.
public struct Plot: Sendable, Equatable {
  /// What stands above it; none if empty.
  public var title: String
  /// What the horizontal axis is.
  public var xLabel: String
  /// What the vertical axis is.
  public var yLabel: String
  /// The horizontal axis.
  public var xScale = PlotScale.linear
  /// The vertical axis.
  public var yScale = PlotScale.linear
  /// The ends of the horizontal axis; from the data where `nil`.
  public var xRange: ClosedRange<Double>?
  /// The ends of the vertical axis; from the data where `nil`.
  public var yRange: ClosedRange<Double>?
  /// What is drawn, the first at the bottom.
  public var series: [PlotSeries]

  /// A plot.
  public init(title: String = "", xLabel: String, yLabel: String, series: [PlotSeries] = []) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
  }
}

extension PlotMark {
  /// All numbers along each axis.
  var extent: (x: [Double], y: [Double]) {
    switch self {
    case .line(let points, _), .dots(let points): (points.map(\.x), points.map(\.y))
    case .band(let x, let low, let high): (x, low + high)
    case .bars(let from, let to, let height): (from + to, height + [0])
    case .diagonal: ([], [])
    }
  }
}
