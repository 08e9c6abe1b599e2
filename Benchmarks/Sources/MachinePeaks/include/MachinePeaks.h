// What one core of this machine can do: the yardstick of the kernels' benchmarks.

#ifndef MACHINE_PEAKS_H
#define MACHINE_PEAKS_H

#include <stdint.h>

// Runs `rounds` rounds of independent float32 multiply-adds in registers, with the widest vectors
// there are. Returns the number of multiply-adds; `sink` gets a result that depends on all.
int64_t machine_multiply_adds(int64_t rounds, float *sink);

#endif
