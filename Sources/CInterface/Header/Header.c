#include "e3x.h"
