#if MPI
  internal import E3xMPIShim
  internal import E3xParallel

  /// The processes that `mpirun` started together.
  ///
  /// Sums are the same bits on all processes, as the standard requires of MPI_Allreduce (MPI 4.1,
  /// section 6.9.6: "all processes … receive identical results").
  package struct MPICommunicator: Communicator {
    package let rank: Int
    package let size: Int

    /// Joins the other processes; once in a process.
    package init() {
      var (rank, size): (Int32, Int32) = (0, 1)
      e3x_mpi_start(&rank, &size)
      (self.rank, self.size) = (Int(rank), Int(size))
    }

    package func sum(_ values: inout [Float]) {
      values.withUnsafeMutableBufferPointer { e3x_mpi_sum_float($0.baseAddress, $0.count) }
    }

    package func sum(_ values: inout [Double]) {
      values.withUnsafeMutableBufferPointer { e3x_mpi_sum_double($0.baseAddress, $0.count) }
    }

    package func broadcast(_ values: inout [Double]) {
      values.withUnsafeMutableBufferPointer { e3x_mpi_broadcast_double($0.baseAddress, $0.count) }
    }

    /// Ends all processes at once.
    package func abort(code: Int32) { e3x_mpi_abort(code) }

    /// Leaves, once all others do; nothing may be called afterwards.
    package func end() { e3x_mpi_end() }
  }
#endif
