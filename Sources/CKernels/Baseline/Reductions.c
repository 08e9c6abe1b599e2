#include "../InstructionSets/Baseline.h"
#include "../Families/Reductions.h"
