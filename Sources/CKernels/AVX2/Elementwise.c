#if defined(__x86_64__)
#include "../InstructionSets/AVX2.h"
#include "../Families/Elementwise.h"
#endif
