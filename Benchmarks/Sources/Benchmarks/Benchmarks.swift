import ArgumentParser

@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Benchmarks of kernels, layers, harmonics, neighbours and structures.",
    subcommands: [Kernels.self, Layers.self, Harmonics.self, NeighborSearch.self, Structures.self])
}
