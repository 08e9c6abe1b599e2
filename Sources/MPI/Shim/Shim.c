#include "E3xMPIShim.h"

// Without the trait MPI the file is empty, and its header is not there.
#ifdef E3X_MPI

#include <mpi.h>

// The most numbers of a message: MPI counts in int.
static const size_t most = (size_t)1 << 28;

void e3x_mpi_start(int *rank, int *size) {
  int provided;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, size);
}

static void sum(void *values, size_t count, size_t width, MPI_Datatype type) {
  for (size_t start = 0; start < count; start += most) {
    size_t part = count - start < most ? count - start : most;
    MPI_Allreduce(MPI_IN_PLACE, (char *)values + start * width, (int)part, type, MPI_SUM,
                  MPI_COMM_WORLD);
  }
}

void e3x_mpi_sum_float(float *values, size_t count) {
  sum(values, count, sizeof(float), MPI_FLOAT);
}

void e3x_mpi_sum_double(double *values, size_t count) {
  sum(values, count, sizeof(double), MPI_DOUBLE);
}

void e3x_mpi_broadcast_double(double *values, size_t count) {
  for (size_t start = 0; start < count; start += most) {
    size_t part = count - start < most ? count - start : most;
    MPI_Bcast(values + start, (int)part, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  }
}

void e3x_mpi_end(void) { MPI_Finalize(); }

void e3x_mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

#endif
