internal import E3xEngine
internal import E3xFiles
internal import E3xNN

extension Trainer {
  /// A training that begins with a potential: its model, scales and parameters.
  ///
  /// Elements that the potential does not know have the parameters that it was drawn with, and an
  /// energy from the data.
  /// - Parameters:
  ///   - potential: what it begins with.
  ///   - train, valid: as of ``init(model:options:train:valid:elementEnergies:members:)-(_,_,StoredFrames,_,_,_)``.
  ///   - elementEnergies: of all elements of the frames; nil for those of the potential, fitted anew
  ///     for the elements of the training frames: see ``ElementEnergies/refit(_:_:known:)-(_,StoredFrames,_)``.
  ///   - members: how many members a committee has; nil for as many as the potential. Those of a
  ///     single potential begin alike, and go through the frames in orders of their own.
  ///   - frozen: paths of parameters that do not move: `embed` is everything below `embed/`. Neither
  ///     the optimiser nor averages change a bit of them.
  /// - Throws: `ArgumentError` if the data or the options cannot be trained with, naming the option
  ///   or the set and frame; naming `freeze` for what is no path, and `committee` for another number
  ///   of members than the potential has; `FileError` for frames that cannot be read.
  public init(
    from potential: Potential, options: TrainingOptions, train: StoredFrames,
    valid: StoredFrames, elementEnergies: ElementEnergies? = nil, members: Int? = nil,
    freezing frozen: [String] = []
  ) throws {
    let members = members ?? potential.members
    try Trainer.check(members: members)
    guard potential.members == 1 || potential.members == members else {
      throw ArgumentError(
        "train", "committee",
        "the potential is a committee of \(potential.members), received \(members)")
    }
    let model = potential.model
    try Trainer.check(model, options)
    let known =
      elementEnergies ?? potential.elementEnergies.extended(to: train.elements)
    try Trainer.check(train, valid, model, options, elements: Set(known.energies.keys))
    let energies = try elementEnergies ?? ElementEnergies.refit(potential, train)
    try Trainer.checkLabels(train, energies, model)
    let parameters = (0..<members).map {
      potential.parameters(ofMember: potential.members == 1 ? 0 : $0)
    }
    // The order of parameters in a vector is that in which the model asks for them.
    let layout = try ParameterLayout(model.initialParameters(seed: options.seed))
    try self.init(
      model, options, elementEnergies: energies, layout: layout, train: train, valid: valid,
      members: members, frozen: frozen)
    try begin(with: parameters)
  }

  /// How many parameters of a member do not move.
  package var frozenCount: Int {
    (try? FrozenParameters(frozen, of: layout).count) ?? 0
  }

  static func check(members: Int) throws(ArgumentError) {
    guard (1...Committee.greatest).contains(members) else {
      throw ArgumentError(
        "train", "committee",
        "must be between 1 and \(Committee.greatest), received \(members)")
    }
  }
}

extension ElementEnergies {
  /// With 0 for elements that have none.
  package func extended(to elements: Set<Int32>) -> ElementEnergies {
    ElementEnergies(energies.merging(elements.map { ($0, 0) }) { known, _ in known })
  }

  /// The energies of a potential, fitted anew for the elements of frames: what least squares add to
  /// them explains as much as composition can of what the potential errs by. Elements that it does not
  /// know begin with 0; where compositions do not determine the change, the least is taken. Elements
  /// that the frames do not have keep their energies.
  ///
  /// - Parameter known: energies of elements that are not fitted, in eV by atomic number.
  /// - Throws: `ArgumentError` for frames that the model cannot be asked about.
  public static func refit(
    _ potential: Potential, _ frames: [LabelledFrame], known: [Int32: Double] = [:]
  ) throws -> ElementEnergies {
    try refit(potential, StoredFrames(frames), known: known)
  }

  /// As ``refit(_:_:known:)-(_,[LabelledFrame],_)``, for frames of which memory need not hold all.
  /// - Throws: `ArgumentError` for frames that the model cannot be asked about; `FileError` for those
  ///   that cannot be read.
  public static func refit(
    _ potential: Potential, _ frames: StoredFrames, known: [Int32: Double] = [:]
  ) throws -> ElementEnergies {
    var energies = potential.elementEnergies.extended(to: frames.elements)
    for (element, energy) in known where frames.elements.contains(element) {
      energies.energies[element] = energy
    }
    let extended = try Potential(
      model: potential.model, parameters: potential.parameters, elementEnergies: energies,
      members: potential.members)
    var fit = CompositionFit(known: known.mapValues { _ in 0 })
    try extended.predict(frames) {
      $0.energy != nil
    } then: { frame, prediction in
      fit.add(frame.atomicNumbers, energy: (frame.energy ?? 0) - prediction.energy)
    }
    for (element, change) in fit.energies.energies {
      energies.energies[element, default: 0] += change
    }
    return energies
  }
}
