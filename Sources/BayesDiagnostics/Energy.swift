// E-BFMI: whether momentum resampling explores the energies that the posterior has.

extension Convergence {
  /// The estimated Bayesian fraction of missing information of one chain's energies E_t.
  ///
  /// ```
  /// Σ_{t ≥ 2} (E_t − E_{t−1})² / Σ_t (E_t − Ē)²
  /// ```
  /// Below 0.3 the sampler cannot reach the tails in a reasonable number of draws. No value for
  /// fewer than two draws, energies that are not finite, or constant ones.
  ///
  /// Reference: Betancourt 2016, "Diagnosing suboptimal cotangent disintegrations in Hamiltonian
  /// Monte Carlo", arXiv 1604.00695.
  public static func eBFMI(_ energies: [Double]) -> DiagnosticValue {
    guard energies.count >= 2 else { return .undefined(reason: "fewer than 2 draws") }
    guard energies.allSatisfy(\.isFinite) else {
      return .undefined(reason: "an energy is NaN or infinite")
    }
    let origin = energies[0]
    let mean = energies.reduce(0) { $0 + ($1 - origin) } / Double(energies.count)
    let spread = energies.reduce(0) { $0 + square(($1 - origin) - mean) }
    guard spread > 0 else { return .undefined(reason: "the energy is constant") }
    let steps = zip(energies, energies.dropFirst()).reduce(0) { $0 + square($1.1 - $1.0) }
    return DiagnosticValue(finite: steps / spread)
  }
}
