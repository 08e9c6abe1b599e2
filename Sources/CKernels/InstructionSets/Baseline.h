// What every processor of the architecture has: SSE2 or NEON.
//   VECTOR_BYTES       the width of its registers
//   MANY_REGISTERS     1 if it has 32 of them, 0 if 16
//   FUSED_MULTIPLY_ADD 1 if it rounds a * b + c once
//   TARGET             its text as the attribute of clang; undefined for the compiler's default
//   FEW_FORMS          1 if few processors run it: less is compiled, and what is runs slower
//   ISA                its name in tables

#define VECTOR_BYTES 16
#if defined(__aarch64__) || defined(_M_ARM64)
#define MANY_REGISTERS 1
#define FUSED_MULTIPLY_ADD 1
#define FEW_FORMS 0
#else
#define MANY_REGISTERS 0
#define FUSED_MULTIPLY_ADD 0
#define FEW_FORMS 1
#endif
#define ISA baseline
