// The program e3x with a potential of one's own: everything it does, it does with that too.

import E3xCommandLine

E3xProgram.main(models: [PowerSpectrumPotential.self])
