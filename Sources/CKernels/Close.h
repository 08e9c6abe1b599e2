// The end of what is compiled for an instruction set (Setup.h).

#ifdef TARGET
#pragma clang attribute pop
#endif
