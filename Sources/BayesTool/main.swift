// The `bayes` executable.

import BayesCommand

runBayes()
