// The dishonest croupier: he secretly swaps a fair die for a loaded one and back; only the faces are seen.
// Source: Durbin, Eddy, Krogh & Mitchison (1998), Biological Sequence Analysis, section 3.2. Data: DATA.md.
import Bayes

@main struct HMMCategorical: Model {
  let toss = Axis()
  let evening = Axis()
  let die = Axis(["fair", "loaded"])
  let face = Axis(6)
  @Given(over: \Self.toss, in: \Self.evening, named: "evening") var eveningOf: Indices
  @Observed(over: \Self.toss, in: \Self.face, named: "face") var shown: Indices

  @Parameter(over: \Self.die) var start: Vector
  @Parameter(over: \Self.die, \Self.die) var move: Matrix
  @Parameter(over: \Self.die, \Self.face) var emission: Matrix
  @Latent(over: \Self.toss, in: \Self.die) var z: Labels

  /// The first die is known to be nearly fair, the second not at all: this tells them apart.
  let fair = Vector([200, 200, 200, 200, 200, 200])
  let unknown = Vector([1, 1, 1, 1, 1, 1])

  var body: some Density {
    start ~ Dirichlet(1)
    move ~ Dirichlet(1 + diagonal(Vector([8, 8])))
    emission ~ Dirichlet(outer(Vector([1, 0]), fair) + outer(Vector([0, 1]), unknown))
    z ~ MarkovChain(initial: start, transition: move, sequence: eveningOf)
    shown ~ Categorical(emission[z])
  }
}
