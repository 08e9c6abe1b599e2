// What swift-e3x needs of MPI, on all processes that were started together (MPI_COMM_WORLD).
//
// All calls come from the thread that called e3x_mpi_start. An error ends all processes with MPI's
// own message, as MPI does unless it is told otherwise.
#ifndef E3X_MPI_SHIM_H
#define E3X_MPI_SHIM_H

#include <stddef.h>

/// Joins the other processes: which this is, from 0, and how many there are.
void e3x_mpi_start(int *rank, int *size);
/// Replaces numbers by their sums over all processes, the same on all.
void e3x_mpi_sum_float(float *values, size_t count);
void e3x_mpi_sum_double(double *values, size_t count);
/// Replaces numbers by those of process 0.
void e3x_mpi_broadcast_double(double *values, size_t count);
/// Leaves, once all others do.
void e3x_mpi_end(void);
/// Ends all processes at once.
void e3x_mpi_abort(int code);

#endif
