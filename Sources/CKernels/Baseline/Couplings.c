#include "../InstructionSets/Baseline.h"
#include "../Families/Couplings.h"
