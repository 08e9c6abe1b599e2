// The end of what is compiled for a REAL.

#undef REAL
#undef BITS
#undef REAL_BYTES
#undef REAL_IS_INTEGER
#undef SUFFIX
#undef CALL
