import ArgumentParser
import E3xNN
import Foundation
import Processes

/// Damages good files and command lines at random and looks whether the library takes it well.
///
/// A signal, an error of a foreign type, a message of several lines, five seconds, or two gigabytes
/// are findings; so is a file that was read and does not read back the same after it was written.
/// Inputs depend on the seed alone.
@main
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look for files and command lines that the program cannot take.",
    discussion: """
      Prints a line for each kind of input and exits with 1 if anything was found; the inputs are \
      kept, and 'Fuzz --use KIND FILE' tries one again.
      """)

  @Option(help: "How long to look, in all.")
  var seconds = 60.0
  @Option(help: "Other inputs for every seed.")
  var seed: UInt64 = 0
  @Option(help: "Only these kinds of input; all if none is given.")
  var only: [String] = []
  @Option(help: "A folder with golden cases, for the kind 'case'.")
  var cases = "Tests/Conformance/Golden"
  @Option(help: "Where inputs with findings are kept.")
  var kept = ".build/fuzz"
  @Option(help: "Use one file as this kind of input.")
  var use: String?
  @Argument(help: "The file for --use.")
  var file: String?

  @Option(help: .private) var worker: String?
  @Option(help: .private) var status = ""
  @Option(help: .private) var first: UInt64 = 0

  func run() throws {
    let targets = try makeTargets()
    func target(_ name: String) throws -> any FuzzTarget {
      guard let target = targets.first(where: { $0.name == name }) else {
        let names = targets.map(\.name).joined(separator: ", ")
        throw ValidationError("there is no kind of input '\(name)': there are \(names)")
      }
      return target
    }
    if let worker {
      return try reporting {
        try Worker(target: try target(worker), seed: seed, status: status)
          .run(from: first, seconds: seconds)
      }
    }
    if let use {
      guard let file else { throw ValidationError("--use needs a file") }
      let target = try target(use)
      return try reporting { try target.judge(file) }
    }
    let chosen = only.isEmpty ? targets : try only.map(target)
    var found = 0
    for target in chosen {
      let supervisor = Supervisor(
        program: Program(path: Self.executable),
        arguments: ["--seed", "\(seed)", "--cases", cases], target: target, seed: seed, kept: kept)
      let (tried, findings) = try supervisor.run(seconds: seconds / Double(chosen.count))
      let name = target.name.padding(toLength: 12, withPad: " ", startingAt: 0)
      print("\(name) \(tried) inputs, \(findings.count) findings")
      for finding in findings { print("  \(finding)") }
      fflush(nil)
      found += findings.count
    }
    if found > 0 { throw ExitCode(1) }
  }

  /// A finding becomes text on standard error and an exit code of its own.
  private func reporting(_ body: () throws -> Void) throws {
    do { try body() } catch let finding as Finding {
      FileHandle.standardError.write(Data("\(finding)\n".utf8))
      throw ExitCode(Worker.findingCode)
    }
  }

  private func makeTargets() throws -> [any FuzzTarget] {
    let samples = try Samples(cases: cases)
    var targets: [any FuzzTarget] = ParameterFileFormat.allCases.map { ParameterTarget(format: $0) }
    targets += [FrameTarget(), GzipTarget(), MoleculeTarget(), ConfigTarget()] as [any FuzzTarget]
    targets +=
      [
        ModelTarget(samples: samples), CheckpointTarget(samples: samples),
        try RestartTarget(samples: samples), try IPITarget(samples: samples),
      ] as [any FuzzTarget]
    if !samples.cases.isEmpty { targets.append(CaseTarget(samples: samples)) }
    let folder = URL(fileURLWithPath: Self.executable).deletingLastPathComponent().path
    targets.append(try CommandTarget(program: Program(path: folder + "/e3x"), samples: samples))
    return targets
  }

  /// The path of this program.
  private static var executable: String {
    Bundle.main.executablePath ?? CommandLine.arguments[0]
  }
}
