// Recognises multivariate normal components.

import BayesGraph
import BayesLanguage

extension RuleBuilder {
  /// Rows of data that are multivariate normal, their mean and covariance parameters as they are.
  func readMultivariate(
    _ term: CompleteTerm, _ density: TracedDensity, _ weight: Tensor
  ) -> Bool {
    false
  }
}
