#include "../InstructionSets/Baseline.h"
#include "../Families/Elementwise.h"
