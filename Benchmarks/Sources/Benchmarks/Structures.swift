import ArgumentParser
import E3x
import Foundation

/// Energies, forces and stress of crystals of any size.
struct Structures: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time a potential on fcc copper, and the search for neighbours that it begins with.",
    discussion: """
      Processor time of all threads, user and system, the median of the rounds after a first one. \
      The peak is that of the program so far: ask for one size.
      """)

  @Argument(help: "A model written by 'e3x train' that knows copper.")
  var model: String
  @Option(parsing: .upToNextOption, help: "Cubic cells along the three vectors, such as 5x5x10.")
  var sizes = ["5x5x10", "10x10x10", "29x29x29"]
  @Option(help: "How often each size is measured.")
  var rounds = 5

  func run() throws {
    let potential = try Potential(contentsOf: model)
    let cutoff = potential.model.cutoff
    print("atoms, pairs, µs an atom, ns a pair, search/all, peak MB so far")
    for structure in try sizes.map(Self.copper) {
      var (times, searches, pairs): ([Double], [Double], Int) = ([], [], 0)
      // The first round compiles and takes memory, and does not count.
      for round in 0...max(1, rounds) {
        let time = try processorTime { _ = try potential.predict([structure]) }
        let search = try processorTime {
          pairs = try Neighbors(
            positions: structure.positions, cell: structure.periodicCell(), cutoff: cutoff
          ).count
        }
        guard round > 0 else { continue }
        times.append(time)
        searches.append(search)
      }
      let seconds = times.sorted()[times.count / 2]
      let search = searches.sorted()[searches.count / 2]
      print(
        String(
          format: "%d, %d, %.1f, %.0f, %.3f, %d", structure.count, pairs,
          1e6 * seconds / Double(structure.count), 1e9 * seconds / Double(pairs),
          search / seconds, peakBytes() / 1_000_000))
    }
  }

  /// Copper of 3.59 Å, displaced by up to 0.05 Å, so that no two atoms are alike.
  private static func copper(_ size: String) throws -> LabelledFrame {
    let edge = 3.59
    let counts = size.split(separator: "x").compactMap { Int($0) }
    guard counts.count == 3, counts.allSatisfy({ $0 > 0 }) else {
      throw ValidationError("'\(size)': expected three numbers of cells, such as 5x5x10")
    }
    var positions: [Double] = []
    for x in 0..<counts[0] {
      for y in 0..<counts[1] {
        for z in 0..<counts[2] {
          for site in [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)] {
            positions += [Double(x) + site.0, Double(y) + site.1, Double(z) + site.2]
          }
        }
      }
    }
    let steps = try RandomKey(seed: 0).uniform(
      Double.self, count: positions.count, lower: -0.05, upper: 0.05)
    for index in positions.indices { positions[index] = edge * positions[index] + steps[index] }
    var cell = [Double](repeating: 0, count: 9)
    for axis in 0..<3 { cell[4 * axis] = edge * Double(counts[axis]) }
    return LabelledFrame(
      atomicNumbers: [Int32](repeating: 29, count: positions.count / 3), positions: positions,
      cell: cell, pbc: [true, true, true])
  }
}

/// The processor time of all threads during a call, seconds.
private func processorTime(_ call: () throws -> Void) rethrows -> Double {
  let before = usage()
  try call()
  let after = usage()
  return seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime)
    - seconds(before.ru_stime)
}

private func seconds(_ time: timeval) -> Double {
  Double(time.tv_sec) + 1e-6 * Double(time.tv_usec)
}

/// The most memory that the program had so far.
private func peakBytes() -> Int {
  #if canImport(Darwin)
    usage().ru_maxrss
  #else
    // In KiB there.
    usage().ru_maxrss * 1024
  #endif
}

private func usage() -> rusage {
  var usage = rusage()
  #if canImport(Glibc)
    _ = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  #else
    _ = getrusage(RUSAGE_SELF, &usage)
  #endif
  return usage
}
