internal import ArgumentParser

@main
struct E3xCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "e3x",
    abstract: "E(3)-equivariant deep learning: train, evaluate and verify.",
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Convert.self, Verify.self, RunCase.self,
      Bench.self, Explain.self,
    ])
}
