// A run as JSON: the object of `--format json`, and the record beside saved draws.

import BayesCompiler
import BayesCore
import BayesDiagnostics
import BayesEngine
import BayesLanguage
import BayesReport
import CommandLineKit

private func value(_ number: Double?) -> JSONValue {
  number.map { JSONValue(.number($0)) } ?? nil
}

private func array(_ values: [JSONValue]) -> JSONValue { JSONValue(.array(values)) }
private func text(_ value: String) -> JSONValue { JSONValue(.string(value)) }

/// The estimates, an object per quantity; a statistic without value is null.
func summaryJSON(_ summary: Summary) -> JSONValue {
  array(
    summary.quantities.map { quantity in
      [
        "name": text(quantity.name), "mean": value(quantity.mean), "sd": value(quantity.sd),
        "mcse_mean": value(quantity.mcseMean.number), "q5": value(quantity.quantile5),
        "median": value(quantity.median), "q95": value(quantity.quantile95),
        "ess_bulk": value(quantity.essBulk.number), "ess_tail": value(quantity.essTail.number),
        "r_hat": value(quantity.rHat.number),
      ]
    })
}

/// What to know about a run, an object each.
func adviceJSON(_ advice: [Advice]) -> JSONValue {
  array(
    advice.map { item in
      let severity =
        switch item.severity {
        case .note: "note"
        case .warning: "warning"
        case .failure: "failure"
        }
      return [
        "severity": text(severity), "code": text(item.code.rawValue),
        "message": text(item.message), "suggestion": text(item.suggestion),
      ]
    })
}

/// The object of `sample --format json`.
///
/// `seconds`: `compile_model`, `compile_kernel` and `total` are wall seconds, `warmup` and `sampling` are
/// CPU seconds added over the chains, `cpu` is this process with its children.
func reportJSON(_ result: SampleResult) -> JSONValue {
  [
    "model": text(result.fit.model), "version": text(version),
    "seed": .integer(result.seed), "variables": summaryJSON(result.fit.summary),
    "labels": labelsJSON(result.fit.labels), "relabelled": .strings(result.fit.relabelled),
    "sampler": samplerJSON(result), "advice": adviceJSON(result.fit.advice),
    "warnings": .strings(result.compiled.traced.warnings.map(\.description)),
  ]
}

private func samplerJSON(_ result: SampleResult) -> JSONValue {
  let fit = result.fit
  let health = fit.summary.health
  let chains = fit.run.chains
  return [
    "chains": .integer(fit.draws.chainCount), "draws": .integer(fit.draws.drawCount),
    "warmup": .integer(fit.settings.warmup),
    "divergences": .integer(health.divergences),
    "max_depth_hits": health.maxDepthHits.map { .integer($0) } ?? 0,
    "e_bfmi": array(health.eBFMI.map { value($0.number) }),
    "gradient_evaluations": [
      "warmup": .integer(chains.reduce(0) { $0 + $1.warmupGradientEvaluations }),
      "sampling": .integer(chains.reduce(0) { $0 + $1.samplingGradientEvaluations }),
    ],
    "step_size": .numbers(chains.map(\.stepSize)),
    "metric": .strings(chains.map { $0.metric.isDense ? "dense" : "diagonal" }),
    "interrupted": JSONValue(.bool(fit.run.isInterrupted)),
    "backend": backendJSON(fit.backend), "rewrites": .strings(fit.rewrites),
    "seconds": [
      "compile_model": value(result.compileModelSeconds),
      "compile_kernel": value(fit.seconds.compileKernel), "warmup": value(fit.seconds.warmup),
      "sampling": value(fit.seconds.sampling), "total": value(result.totalSeconds),
      "cpu": value(result.cpuSeconds),
    ],
  ]
}

private func backendJSON(_ backend: Kernel.Backend) -> JSONValue {
  switch backend {
  case .native(let isCached): ["kind": "native", "cached": JSONValue(.bool(isCached))]
  case .interpreter(let reason): ["kind": "interpreter", "reason": text(reason)]
  }
}

/// `run.json`: everything that is needed to repeat the run and to read its draws.
func recordJSON(_ result: SampleResult) -> JSONValue {
  let settings = sampleCommand(.bayes).echo(result.settings).map { name, value in
    JSONMember(key: name, value: json(value))
  }
  return [
    "generator": "bayes", "version": text(version), "model": text(result.fit.model),
    "seed": .integer(result.seed), "settings": JSONValue(.object(settings)),
    "data": array(
      result.compiled.traced.data.map { entry in
        [
          "name": text(entry.name), "observed": JSONValue(.bool(entry.isObserved)),
          "shape": .numbers(entry.dimensions.map { Double($0.size) }),
          "origin": text(entry.origin.description()),
        ]
      }),
    "variables": array(result.fit.draws.variables.map(\.json)),
    "relabelled": .strings(result.fit.relabelled),
    "sampler": samplerJSON(result), "advice": adviceJSON(result.fit.advice),
  ]
}

private func json(_ echo: ArgumentEcho) -> JSONValue {
  switch echo {
  case .none: nil
  case .flag(let value): JSONValue(.bool(value))
  case .integer(let value): .integer(value)
  case .unsigned(let value): .integer(value)
  case .number(let value): JSONValue(.number(value))
  case .text(let value): text(value)
  case .list(let values): array(values.map(json))
  }
}
