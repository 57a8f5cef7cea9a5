// The regret curves of `bandit` as a plot.

import BayesBandits
import BayesReport
import Glibc

/// Mean cumulative regret over rounds on a logarithmic axis, where a policy that is asymptotically optimal becomes
/// a straight line; bands hold the middle half of the replicates.
func regretPlot(_ result: SimulationResult) -> Plot {
  var plot = Plot(
    xLabel: "round", yLabel: "cumulative regret: mean, and middle half of the replicates")
  plot.xScale = .logarithmic
  if let constant = result.laiRobbins, constant > 0 {
    let rounds = result.policies[0].points.map { Double($0.round) }
    plot.series.append(
      PlotSeries(
        "Lai–Robbins slope",
        [.line(rounds.map { PlotPoint($0, constant * log($0)) }, isDashed: true)],
        isReference: true))
  }
  for policy in result.policies {
    let rounds = policy.points.map { Double($0.round) }
    plot.series.append(
      PlotSeries(
        policy.name,
        [
          .band(
            x: rounds, low: policy.points.map { $0.quantiles[1] },
            high: policy.points.map { $0.quantiles[3] }),
          .line(policy.points.map { PlotPoint(Double($0.round), $0.regret.mean) }),
        ]))
  }
  let highest = result.policies.flatMap { $0.points.map { max($0.quantiles[3], $0.regret.mean) } }
  // The slope may leave the plot; the curves may not.
  if let top = highest.max(), top > 0 { plot.yRange = 0...niceTop(top) }
  return plot
}

private func niceTop(_ value: Double) -> Double {
  let power = pow(10, log10(value).rounded(.down))
  return [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map { $0 * power }.first { $0 >= value * 1.02 }
    ?? 10 * power
}
