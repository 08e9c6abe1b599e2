#include "../InstructionSets/Baseline.h"
#include "../Families/Harmonics.h"
