// The umbrella that model files import: re-exports only.

@_exported public import BayesBandits
@_exported public import BayesCalibration
@_exported public import BayesCommand
@_exported public import BayesEngine
@_exported public import BayesExperiments
@_exported public import BayesLanguage

// What policies of one's own are given.
@_exported public import struct BayesNumerics.RandomStream
