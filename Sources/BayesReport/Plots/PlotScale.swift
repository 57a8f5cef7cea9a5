// Axes: from numbers to positions, and the numbers worth writing beside them.

internal import Glibc

/// How an axis maps numbers to positions.
public enum PlotScale: Sendable, Equatable {
  /// Equal differences are equal distances.
  case linear
  /// Equal ratios are equal distances; all numbers are positive.
  case logarithmic
}

/// A range of numbers along an axis.
struct PlotAxis {
  let scale: PlotScale
  let range: ClosedRange<Double>

  /// An axis over at least `values`; a linear one ends with whole steps unless `range` fixes it.
  init(_ scale: PlotScale, values: [Double], range: ClosedRange<Double>?) {
    self.scale = scale
    let usable = values.filter { $0.isFinite && (scale == .linear || $0 > 0) }
    let low = usable.min() ?? 1
    let high = usable.max() ?? low
    if let range {
      self.range = range
    } else if scale == .logarithmic {
      self.range = low...(high > low ? high : low * 10)
    } else {
      let margin = high > low ? 0 : max(1, abs(low)) * 0.5
      let step = Self.step(low - margin, high + margin)
      self.range =
        ((low - margin) / step).rounded(.down) * step...((high + margin) / step).rounded(.up) * step
    }
  }

  /// The place of a number between 0, at the beginning of the axis, and 1.
  func place(_ value: Double) -> Double {
    switch scale {
    case .linear: (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
    }
  }

  /// The numbers with a line and a label.
  var ticks: [Double] {
    switch scale {
    case .linear:
      let step = Self.step(range.lowerBound, range.upperBound)
      let first = (range.lowerBound / step - 1e-9).rounded(.up)
      let last = (range.upperBound / step + 1e-9).rounded(.down)
      return stride(from: first, through: last, by: 1).map { $0 * step }
    case .logarithmic: return logarithmicTicks
    }
  }

  /// Powers of ten; with 2 and 5 between where the range is short, every second or third where it is long.
  private var logarithmicTicks: [Double] {
    let first = Int(log10(range.lowerBound).rounded(.down))
    let last = Int(log10(range.upperBound).rounded(.up))
    let stride = max(1, (last - first + 5) / 6)
    let factors: [Double] = last - first <= 2 ? [1, 2, 5] : [1]
    var ticks: [Double] = []
    for power in Swift.stride(from: first, through: last, by: stride) {
      for factor in factors {
        let tick = factor * pow(10, Double(power))
        // A tick at an end may be off by rounding.
        if tick >= range.lowerBound * 0.999_999, tick <= range.upperBound * 1.000_001 {
          ticks.append(tick)
        }
      }
    }
    return ticks
  }

  /// The largest of 1, 2, 2.5 and 5 times a power of ten that gives at least four steps.
  private static func step(_ low: Double, _ high: Double) -> Double {
    let coarse = (high - low) / 4
    let power = pow(10, log10(coarse).rounded(.down))
    let factor = [5, 2.5, 2, 1].first { $0 * power <= coarse * (1 + 1e-9) } ?? 1
    return factor * power
  }

  /// The label of a tick.
  func label(_ tick: Double) -> String {
    if tick == 0 || abs(tick) < 1e-12 * (range.upperBound - range.lowerBound) { return "0" }
    let magnitude = abs(tick)
    if magnitude >= 1e6 || magnitude < 1e-4 {
      // 10⁷ rather than 1e+07.
      let exponent = Int(log10(magnitude * (1 + 1e-12)).rounded(.down))
      let mantissa = general(tick / pow(10, Double(exponent)), 3)
      return (mantissa == "1" ? "10" : "\(mantissa)·10") + Self.superscript(exponent)
    }
    let text = general(tick, 10)
    // Thousands apart from each other by a thin space.
    guard magnitude >= 10_000, !text.contains(".") else {
      return text.replacingMinus()
    }
    var grouped = ""
    let digits = Array(text.drop { $0 == "-" })
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position) % 3 == 0 { grouped += "\u{2009}" }
      grouped.append(digit)
    }
    return (tick < 0 ? "−" : "") + grouped
  }

  private static func superscript(_ number: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return (number < 0 ? "⁻" : "")
      + String(String(abs(number)).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }
}

extension String {
  /// A minus sign where there was a hyphen.
  fileprivate func replacingMinus() -> String {
    hasPrefix("-") ? "−" + dropFirst() : self
  }
}
