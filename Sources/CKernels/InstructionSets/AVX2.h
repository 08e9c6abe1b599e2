// x86-64 with AVX2 and FMA (see Baseline.h).

#define VECTOR_BYTES 32
#define MANY_REGISTERS 0
#define FUSED_MULTIPLY_ADD 1
#define FEW_FORMS 0
#define TARGET "avx2,fma"
#define ISA avx2
