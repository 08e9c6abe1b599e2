import E3xPotentials
import Foundation

/// A report in which nothing is missing.
func completeReport() -> TrainingReport {
  let steps: [Double] = (1...5000).map { Double($0) }
  let losses: [Double?] = steps.map { 1 / $0 }
  let references: [Double] = (0..<30_000).map { Double($0 % 997) / 100 }
  let predictions: [Double] = references.enumerated().map { index, value in
    index % 2 == 0 ? value + 0.01 : value - 0.01
  }
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
  report.predictedSet = "test"
  report.energies = TrainingReport.Parity(
    reference: [-309, -308], predicted: [-309.002, -307.998])
  report.forces = TrainingReport.Parity(reference: references, predicted: predictions)
  report.facts = [TrainingReport.Entry("Time of training", "2 min 3 s")]
  report.elementEnergies = [TrainingReport.ElementEnergy(symbol: "H", energy: -13.60569)]
  report.changes = [TrainingReport.Change(step: 3000, text: "learning_rate 0.003 to 0.001")]
  report.configuration = (0..<9).map { TrainingReport.Entry("key\($0)", "<value> \($0)") }
  report.options = [TrainingReport.Entry("seed", "17")]
  return report
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
      let parity = TrainingReport.Parity(reference: values, predicted: values.reversed())
      var report = TrainingReport(name: "x")
      report.errors = [
        TrainingReport.Errors(
          name: "\u{0}\u{1B}", frames: -1, energyMAE: values.first, forceMAE: values.last)
      ]
      (report.loss, report.energyError, report.forceError) = (curve, curve, curve)
      (report.learningRate, report.energies, report.forces) = (curve, parity, parity)
      report.elementEnergies = values.map { TrainingReport.ElementEnergy(symbol: "H", energy: $0) }
      report.written = TrainingReport.WrittenStep(step: .max, criterion: "")
      report.dataSets = [TrainingReport.DataSet(role: "", path: "", frames: .min, bytes: .min)]
      report.date = Date(timeIntervalSince1970: values.first ?? -1e12)
      return report
    }
}()
