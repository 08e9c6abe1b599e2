// x86-64 with AVX-512 F, DQ, BW and VL (see Baseline.h).

#define VECTOR_BYTES 64
#define MANY_REGISTERS 1
#define FUSED_MULTIPLY_ADD 1
#define FEW_FORMS 0
#define TARGET "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"
#define ISA avx512
