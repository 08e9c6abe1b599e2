internal import E3xSystem

extension TrainingReport.Run {
  /// What the record of a run tells of it.
  /// - Parameter name: the name of the run's folder.
  public init(_ record: RunRecord, name: String) {
    self.init(name: name)
    program = "swift-e3x \(record.version)"
    let sets = [
      ("training", record.data.train), ("validation", record.data.valid),
      ("test", record.data.test),
    ]
    dataSets = sets.flatMap { role, files in
      files.map { TrainingReport.DataSet($0, role: role) }
    }
    changes = record.changes.map {
      TrainingReport.Change(step: $0.step, text: "\($0.name): \($0.old) to \($0.new)")
    }
    if record.resumes > 0 {
      facts.append(TrainingReport.Entry("Resumed", ReportText.count(record.resumes, "time")))
    }
    if let preparation = record.preparation {
      for (name, fraction) in [
        ("Split off for validation", preparation.validFraction),
        ("Split off for the test", preparation.testFraction),
      ] where fraction > 0 {
        facts.append(
          TrainingReport.Entry(
            name,
            "\(Float(fraction)) of the training frames, by \(preparation.splitBy.rawValue), seed "
              + "\(preparation.seed)"))
      }
    }
    if let origin = record.origin {
      facts.append(
        TrainingReport.Entry(
          "Begun with", "\(ReportText.shortPath(origin.path)), SHA-256 \(origin.sha256.prefix(12))…"
        ))
    }
    if let frozen = record.frozen {
      facts.append(
        TrainingReport.Entry("Parameters that do not move", frozen.joined(separator: ", ")))
    }
    if let source = record.elementEnergySource {
      facts.append(TrainingReport.Entry("Element energies", source))
    }
    facts += [
      TrainingReport.Entry("Begun", Self.moment(record.started)),
      TrainingReport.Entry("Threads", "\(record.threads)"),
      TrainingReport.Entry("Key of energies", record.labels.energy),
      TrainingReport.Entry("Key of forces", record.labels.forces),
      TrainingReport.Entry("Key of stress", record.labels.stress),
    ]
  }

  /// A moment of a record as the page writes it.
  private static func moment(_ text: String) -> String {
    (try? Date(text, strategy: .iso8601)).map { ReportText.moment($0, in: .current) } ?? text
  }
}

extension TrainingReport.DataSet {
  /// A file; data that come with the program by their name alone.
  fileprivate init(_ file: DataFile, role: String) {
    let path = file.absolutePath ?? file.path
    self.init(
      role: file.bundled == nil ? role : "\(role), bundled",
      path: file.bundled == nil ? path : ReportText.shortPath(path), frames: file.frames,
      bytes: file.bytes, sha256: file.sha256)
  }
}
