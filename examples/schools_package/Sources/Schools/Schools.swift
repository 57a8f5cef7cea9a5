// Samples a model from code and asks the draws a question: typed handles, no strings.
import Bayes

@main struct Schools {
  static func main() throws {
    var model = EightSchools()
    model.$y = [28, 8, -3, 7, -1, 1, 18, 12]
    model.$sigma = [15, 10, 16, 11, 9, 11, 10, 18]

    let fit = try model.sample(seed: 1)

    // chain × draw × school
    let theta = fit[model.$theta]
    let draws = theta.flatMap { $0 }
    let firstIsBest = draws.count { $0.max() == $0[0] }
    print("P(the first school's coaching helped most) = \(Double(firstIsBest) / Double(draws.count))")

    for warning in fit.advice { print(warning.message) }
  }
}
