// The library is used by Sources/MPI/Shim, in C; nothing of it is seen by Swift.
