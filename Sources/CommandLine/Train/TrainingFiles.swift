internal import E3xBundledData
internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// Reads the files of a run: those that are named, those that come with the program, or those that
/// a run remembers.
struct TrainingFiles {
  private let keys: LabelKeys
  private let skipsBadFrames: Bool
  /// What frames may take of memory, in bytes.
  private let memory: Int

  init(_ labels: RunRecord.Labels, skipsBadFrames: Bool, memory: Int) {
    keys = LabelOptions.keys(labels)
    (self.skipsBadFrames, self.memory) = (skipsBadFrames, memory)
  }

  private func add(
    _ path: String, bundled: String? = nil, to set: inout FrameSet
  ) throws(FileError) {
    try set.add(path, bundled: bundled, keys: keys, skipsBadFrames: skipsBadFrames)
  }

  /// Reads the sets of a new run; the ethanol data if no training set is named.
  func read(train: [String], valid: [String], test: [String]) throws(FileError) -> TrainingData {
    var data = TrainingData(memory: memory)
    func add(_ paths: [String], _ split: BundledData.Split, to set: inout FrameSet)
      throws(FileError)
    {
      for path in paths { try self.add(path, to: &set) }
      if train.isEmpty {
        try self.add(BundledData.ethanol(split), bundled: split.rawValue, to: &set)
      }
    }
    try add(train, .train, to: &data.train)
    try add(valid, .valid, to: &data.valid)
    try add(test, .test, to: &data.test)
    return data
  }

  /// Reads the sets of a run that goes on.
  ///
  /// - Parameters:
  ///   - recorded: the files that the run remembers.
  ///   - train, valid, test: files that are named anew: where the same contents are now, or a new
  ///     test set.
  ///   - step: the number of steps done, for the changes.
  ///   - acceptsChanges: whether other contents are accepted.
  /// - Returns: the data, what has changed, and whether the validation set has.
  /// - Throws: `FileError` for a file that is not there and for one that has changed.
  func read(
    _ recorded: RunRecord.DataFiles, train: [String], valid: [String], test: [String], step: Int,
    acceptsChanges: Bool
  ) throws(FileError) -> (TrainingData, [RunRecord.Change], validIsChanged: Bool) {
    var data = TrainingData(memory: memory)
    var changes: [RunRecord.Change] = []
    var changed: Set<String> = []
    func add(
      _ name: String, _ files: [DataFile], _ given: [String], to set: inout FrameSet,
      mayChange: Bool = false
    ) throws(FileError) {
      if given.isEmpty {
        for file in files {
          try self.add(location(file, option: name), bundled: file.bundled, to: &set)
        }
      } else {
        for path in given { try self.add(path, to: &set) }
      }
      let isSame = files.elementsEqual(set.files) { $0.hasSameContents(as: $1) }
      if isSame { return }
      if !acceptsChanges && !(mayChange && !given.isEmpty) {
        throw Self.changed(name, files, set)
      }
      changed.insert(name)
      changes.append(
        RunRecord.Change(
          step: step, name: name, old: Self.list(files), new: Self.list(set.files)))
    }
    try add("train", recorded.train, train, to: &data.train)
    try add("valid", recorded.valid, valid, to: &data.valid)
    try add("test", recorded.test, test, to: &data.test, mayChange: true)
    return (data, changes, changed.contains("valid"))
  }

  /// Where a file is that a run remembers.
  private func location(_ file: DataFile, option: String) throws(FileError) -> String {
    if let split = file.bundled.flatMap(BundledData.Split.init) {
      return BundledData.ethanol(split)
    }
    guard let absolute = file.absolutePath else {
      throw FileError(
        file: file.path,
        reason: "the run read it from a pipe: give the same frames again with --\(option)")
    }
    // From the folder that the run was started in, the path as it was given says the same, shorter.
    let given = URL(fileURLWithPath: file.path).standardizedFileURL.path
    if access(absolute, F_OK) == 0 { return given == absolute ? file.path : absolute }
    throw FileError(
      file: absolute,
      reason: "the run's data are not there any more: --\(option) says where they are now")
  }

  private static func changed(
    _ name: String, _ files: [DataFile], _ set: FrameSet
  ) -> FileError {
    let advice = "--accept-changed-data goes on with it"
    if files.count == set.files.count,
      let (old, new) = zip(files, set.files).first(where: { !$0.hasSameContents(as: $1) })
    {
      return FileError(
        file: new.path,
        reason: "is not the file that the run was trained with: \(text(new)), recorded as "
          + "\(text(old)); \(advice)")
    }
    return FileError(
      file: "--\(name)",
      reason: "the run has \(list(files)), received \(list(set.files)); \(advice)")
  }

  private static func text(_ file: DataFile) -> String {
    "\(file.bytes) bytes, SHA-256 \(file.sha256.prefix(12))…"
  }

  private static func list(_ files: [DataFile]) -> String {
    let texts = files.map { "\($0.path) (\(text($0)))" }
    return texts.isEmpty ? "no file" : texts.joined(separator: ", ")
  }
}
