import E3xPotentials
import Foundation

/// A report in which nothing is missing.
func completeReport() -> TrainingReport {
  let steps: [Double] = (1...5000).map { Double($0) }
  let losses: [Double?] = steps.map { 1 / $0 }
  var report = TrainingReport(name: "Ethanol <potential> & \"more\"", model: "it's a test")
  report.date = Date(timeIntervalSince1970: 1_800_000_000)
  report.timeZone = TimeZone(secondsFromGMT: 19_800) ?? .gmt
  report.program = "swift-e3x 9.8.7"
  report.status = "stopped after 5000 of 6000 steps"
  report.warnings = ["the cutoff is below every distance"]
  report.dataSets = [
    TrainingReport.DataSet(
      role: "training", path: "/data/md/first.xyz", frames: 12_345, bytes: 2_500_000,
      sha256: "0123456789abcdef"),
    TrainingReport.DataSet(role: "training", path: "/data/md/second.xyz"),
    TrainingReport.DataSet(role: "test", path: "/data/md/test.xyz"),
  ]
  report.errors = [
    TrainingReport.Errors(name: "validation", frames: 200, energyMAE: 4.5, forceMAE: 12.9),
    TrainingReport.Errors(
      name: "test", frames: 12345, energyMAE: 4.25, energyRMSE: 6, energyPerAtomMAE: 0.47,
      forceMAE: 13.37, forceRMSE: 20),
  ]
  report.written = TrainingReport.WrittenStep(step: 100, criterion: "lowest of all")
  report.loss = TrainingReport.Curve(steps: steps, values: losses)
  report.energyError = TrainingReport.Curve(steps: [100, 200], values: [3, 30])
  report.forceError = TrainingReport.Curve(steps: [100, 200], values: [300, 20])
  report.learningRate = TrainingReport.Curve(steps: [1, 200], values: [1e-2, 1e-5])
  report.predictions = PredictionSummary(set: "test")
  for index in 0..<100 {
    let forces = (0..<300).map { Double((300 * index + $0) % 997) / 100 }
    let errors = forces.indices.map { $0 % 2 == 0 ? 0.01 : -0.01 }
    let energy = -309 + Double(index) / 100
    report.predictions?.add(
      energy: (energy, energy + (index % 2 == 0 ? 0.002 : -0.002)),
      forces: (forces, zip(forces, errors).map(+)), atomicNumbers: [1, 6, 8, 1],
      group: index % 3 == 0 ? "md" : "scan")
  }
  report.facts = [TrainingReport.Entry("Time of training", "2 min 3 s")]
  report.elementEnergies = [TrainingReport.ElementEnergy(symbol: "H", energy: -13.60569)]
  report.changes = [TrainingReport.Change(step: 3000, text: "learning_rate 0.003 to 0.001")]
  report.configuration = (0..<9).map { TrainingReport.Entry("key\($0)", "<value> \($0)") }
  report.options = [TrainingReport.Entry("seed", "17")]
  return report
}

extension PredictionSummary {
  /// Adds a frame of as many atoms as there are forces, on a line.
  mutating func add(
    energy: (reference: Double, predicted: Double)?,
    forces: (reference: [Double], predicted: [Double])?, atomicNumbers: [Int32] = [1],
    group: String? = nil
  ) {
    let count = max(1, (forces?.reference.count ?? 0) / 3)
    var frame = LabelledFrame(
      atomicNumbers: (0..<count).map { atomicNumbers[$0 % atomicNumbers.count] },
      positions: (0..<3 * count).map { $0 % 3 == 0 ? Double($0) / 3 : 0 },
      energy: energy?.reference, forces: forces?.reference)
    frame.group = group
    add(
      frame,
      Potential.Prediction(
        energy: energy?.predicted ?? 0,
        forces: forces?.predicted ?? [Double](repeating: 0, count: 3 * count)))
  }
}

/// Reports with everything that numbers can do wrong.
let oddReports: [TrainingReport] = {
  let values: [Double] = [
    .nan, .infinity, -.infinity, 0, -0.0, -1, 1e308, -1e308, 5e-300, 1e300, 1, 1,
  ]
  var curves: [[Double]] = [
    [], [1], [1, 1], [0, 0], [-1, -2], [1e-300, 1e300], [1e17, 1e17 + 16],
    [.leastNonzeroMagnitude, .leastNormalMagnitude / 1024],
    [-1e300, 1e300], [.leastNonzeroMagnitude], values, values + (0..<900).map { Double($0 % 7) },
  ]
  for value in values { curves.append([value]) }
  return [TrainingReport(name: "")]
    + curves.map { values in
      let curve = TrainingReport.Curve(steps: values, values: values.reversed())
      var predictions = PredictionSummary()
      for (value, other) in zip(values, values.reversed()) {
        predictions.add(
          energy: (value, other), forces: ([value, 0, value], [other, value, 0]),
          atomicNumbers: [Int32(predictions.errors.frames % 120)])
      }
      var report = TrainingReport(name: "x")
      report.errors = [
        TrainingReport.Errors(
          name: "\u{0}\u{1B}", frames: -1, energyMAE: values.first, forceMAE: values.last)
      ]
      (report.loss, report.energyError, report.forceError) = (curve, curve, curve)
      (report.learningRate, report.predictions) = (curve, predictions)
      report.elementEnergies = values.map { TrainingReport.ElementEnergy(symbol: "H", energy: $0) }
      report.written = TrainingReport.WrittenStep(step: .max, criterion: "")
      report.dataSets = [TrainingReport.DataSet(role: "", path: "", frames: .min, bytes: .min)]
      report.date = Date(timeIntervalSince1970: values.first ?? -1e12)
      return report
    }
}()
