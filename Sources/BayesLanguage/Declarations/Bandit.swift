// A model of what a choice is worth.

/// A model of one round of repeated choice: which arm was taken, in which context, and what came of it.
///
/// ```swift
/// @main struct ClickThrough: Bandit {
///   let arm = Axis(["A", "B", "C"])
///   @Parameter(over: \Self.arm) var rate: Vector
///   @Action(over: \Self.arm) var shown: Choice
///   @Observed var clicked: Real
///   var body: some Density {
///     rate ~ Beta(1, 1)
///     clicked ~ Bernoulli(rate[shown])
///   }
/// }
/// ```
///
/// It has one `@Action`, one `@Observed` number, any `@Context`, and is otherwise a model like any other; rounds
/// are independent given the parameters. The reward of a round is the mean of what is observed, given
/// parameters, action and context; a `@Derived` number with the name `reward` says otherwise, for
/// example `reward <- price[shown] * rate[shown]`.
public protocol Bandit: Model {}
