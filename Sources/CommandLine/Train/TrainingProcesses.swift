internal import E3xParallel
internal import Foundation

#if MPI
  internal import E3xMPI
#endif

/// The processes that train together: those that `mpirun` started, or this one alone.
enum TrainingProcesses {
  /// Variables by which launchers tell how many processes they started.
  private static let sizes = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE"]
  /// Variables that tell that there is a launcher.
  private static let signs = sizes + ["PMI_RANK", "PMIX_RANK"]

  /// Joins the processes that were started together.
  /// - Throws: `PlainError` if there are several, and the program was built without MPI.
  static func join() throws -> any Communicator {
    let environment = ProcessInfo.processInfo.environment
    #if MPI
      return signs.contains { environment[$0] != nil } ? MPICommunicator() : SingleProcess()
    #else
      for size in sizes.compactMap({ environment[$0] }).compactMap(Int.init) where size > 1 {
        throw PlainError(
          "one of \(size) processes that were started together, but built without MPI: build with "
            + "'swift build -c release --traits MPI'")
      }
      return SingleProcess()
    #endif
  }

  /// Leaves, once all others do.
  static func leave(_ processes: any Communicator) {
    #if MPI
      (processes as? MPICommunicator)?.end()
    #endif
  }

  /// Ends all processes at once: those that wait for this one would wait for ever.
  static func abort(_ processes: any Communicator) {
    #if MPI
      (processes as? MPICommunicator)?.abort(code: 1)
    #endif
  }

  /// Does something that may fail on some of the processes: then it fails on all, and the first on
  /// which it did says why.
  static func together<Result>(
    _ processes: any Communicator, _ body: () throws -> Result
  ) throws -> Result {
    let result = Swift.Result { try body() }
    var failed = false
    if case .failure = result { failed = true }
    if let first = processes.size == 1 ? nil : processes.first(failed), first != processes.rank {
      throw SilentFailure()
    }
    return try result.get()
  }

  /// A failure that another process tells of.
  struct SilentFailure: Error {}
}
