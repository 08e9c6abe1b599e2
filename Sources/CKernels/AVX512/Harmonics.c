#if defined(__x86_64__)
#include "../InstructionSets/AVX512.h"
#include "../Families/Harmonics.h"
#endif
