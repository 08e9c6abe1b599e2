// Sparse multilinear forms.
// Included once for each instruction set.

#include "../Setup.h"

#include "../Types/Float32.h"
#include "../CouplingForms.h"
#include "../Contractions.h"
#include "../Couplings.h"
#include "../Types/End.h"

#include "../Types/Float64.h"
#include "../CouplingForms.h"
#include "../Contractions.h"
#include "../Couplings.h"
#include "../Types/End.h"

static int couple_prepare(e3x_dtype dtype, int64_t features, int slots, const int32_t *size,
                          const e3x_term *terms, int64_t term_count, int out_slot, int reduce,
                          const void *const *operand, const int64_t *row_stride,
                          const int64_t *component, void *scratch) {
  BY_REAL(couple_prepare, features, slots, size, terms, term_count, out_slot, reduce,
          operand, row_stride, component, scratch)
}

static int couple_refresh(e3x_dtype dtype, const e3x_term *terms, int64_t term_count,
                          const void *const *operand, void *scratch) {
  BY_REAL(couple_refresh, terms, term_count, operand, scratch)
}

static int couple_run(e3x_dtype dtype, int64_t rows, const void *const *operand, int reduced,
                      void *out, void *scratch) {
  BY_REAL(couple_run, rows, operand, reduced, out, scratch)
}

static int couple_rows(e3x_dtype dtype, int64_t rows, const e3x_rows *operand,
                       const e3x_rows *out, int add, void *scratch) {
  BY_REAL(couple_indirect, rows, operand, out, add, scratch)
}

#include "../Close.h"

const e3x_couplings_table JOIN(e3x_couplings, ISA) = {
    .couple_prepare = couple_prepare,
    .couple_refresh = couple_refresh,
    .couple_run = couple_run,
    .couple_rows = couple_rows,
};
