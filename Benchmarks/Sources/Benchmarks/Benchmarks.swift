import ArgumentParser

@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Benchmarks of kernels, layers and harmonics.",
    subcommands: [Kernels.self, Layers.self, Harmonics.self])
}
