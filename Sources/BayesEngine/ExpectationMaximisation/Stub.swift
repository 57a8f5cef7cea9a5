struct LBFGSSettings { var maxIterations: Int }
func maximise(from x: [Double], settings: LBFGSSettings, _ f: ([Double], inout [Double]) throws -> Double) throws -> (x: [Double], value: Double) { (x, 0) }
