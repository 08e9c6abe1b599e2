// From nothing to what a chemist wants to know of a molecule: a potential is trained, and then
// ethanol is relaxed, vibrates, moves and turns, beside the numbers of the method that it learned.

import ArgumentParser
import E3x
import Foundation

@main struct EthanolCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Ethanol",
    abstract: "Trains a potential for ethanol and shows what it is good for, beside GFN2-xTB.")

  @Option(help: "How long the training takes.")
  var minutes = 2.0
  @Option(help: "A potential made before, in place of a training.")
  var model: String?
  @Option(help: "The length of the dynamics.")
  var picoseconds = 20.0
  @Option(help: "The folder that the model, the trajectory and the page are written to.")
  var output = "ethanol"

  func validate() throws {
    guard minutes > 0, minutes <= 1000 else {
      throw ValidationError("--minutes: expected above 0 and at most 1000, received \(minutes)")
    }
    guard picoseconds >= 0.1, picoseconds <= 1000 else {
      throw ValidationError("--picoseconds: expected 0.1 to 1000, received \(picoseconds)")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    do {
      try FileManager.default.createDirectory(
        atPath: output, withIntermediateDirectories: true)
    } catch {
      throw ValidationError("--output: \(output): no folder can be made there")
    }
    let reference = try Reference.bundled()

    print("1. A potential")
    let potential = try model.map { try Potential(contentsOf: $0) } ?? train(minutes: minutes)
    try potential.write(to: output + "/model.safetensors")
    let errors = try potential.errors(on: LabelledFrame.read(BundledData.ethanol(.test)))
    print(TestErrors.text(errors))

    print("\n2. The minima")
    let begin = try LabelledFrame.read(BundledData.ethanol(.valid))[0]
    let gauche = try Minimum(near: 60, from: begin, potential)
    let trans = try Minimum(near: 180, from: begin, potential)
    print(Geometries.table(gauche, trans, reference).text)

    print("\n3. The vibrations of the gauche molecule")
    let vibrations = try Vibrations(gauche, potential, reference: reference.gauche)
    print(vibrations.table.text)
    print(vibrations.summary)

    print("\n4. \(fixed(picoseconds, 1)) ps of dynamics at 300 K")
    let trajectory = try Trajectory(potential, from: gauche.frame, picoseconds: picoseconds)
    try trajectory.write(to: output + "/trajectory.xyz")
    print(trajectory.summary)

    print("\n5. The rotor of the hydroxyl group")
    let rotor = try RotorProfile(potential, from: trans.frame)
    print(rotor.table(beside: reference.rotor).text)
    print(rotor.summary(beside: reference.rotor))

    let attention = try BondAttention(potential, gauche.frame, from: 3, to: 2)?.summary
    if let attention { print("\n6. Attention along the O–H bond\n\(attention)") }

    let page = ResultsPage(
      potential: potential, errors: errors, gauche: gauche, trans: trans, vibrations: vibrations,
      trajectory: trajectory, rotor: rotor, attention: attention, reference: reference)
    try page.write(to: output + "/report.html")
    print("\nwrote \(output)/report.html, model.safetensors and trajectory.xyz")
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print("\(fixed(seconds, 0)) s, peak memory \(fixed(peakMemory(), 0)) MB")
  }
}
