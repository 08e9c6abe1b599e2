#include "../InstructionSets/Baseline.h"
#include "../Families/Products.h"
