// Gathering and fetching rows, sorting indices: memory-bound, the same for every instruction set.

#include <string.h>

#include "CKernels.h"

// Copies of a size known at compile time become a few vector moves.
#define GATHER(bytes)                                                      \
  for (int64_t r = 0; r < rows; r++) {                                     \
    const int64_t from = indices[r] < last ? indices[r] : last;            \
    memcpy(to + r * to_stride, source + from * stride, (bytes));          \
  }

// Rows of several lines, out of more than the second-level cache holds, are fetched this many rows
// ahead.
#define ROWS_AHEAD 8
#define CACHED_BYTES (1 << 20)

static void gather_far(const int32_t *indices, int64_t rows, size_t row_bytes, int64_t last,
                       const char *source, int64_t stride, char *to, int64_t to_stride) {
  for (int64_t r = 0; r < rows; r++) {
    if (r + ROWS_AHEAD < rows) {
      const int64_t next = indices[r + ROWS_AHEAD];
      e3x_fetch(source + (next < last ? next : last) * stride, (int64_t)row_bytes);
    }
    const int64_t from = indices[r] < last ? indices[r] : last;
    memcpy(to + r * to_stride, source + from * stride, row_bytes);
  }
}

void e3x_gather(const int32_t *indices, int64_t rows, size_t row_bytes, int64_t source_rows,
                const void *in, int64_t in_stride_bytes, void *out, int64_t out_stride_bytes) {
  const char *source = in;
  char *to = out;
  const int64_t last = source_rows - 1;
  const int64_t stride = in_stride_bytes, to_stride = out_stride_bytes;
  if (row_bytes > 64 && source_rows * stride > CACHED_BYTES) {
    gather_far(indices, rows, row_bytes, last, source, stride, to, to_stride);
    return;
  }
  switch (row_bytes) {
    case 0: return;
    case 1: GATHER(1) return;
    case 4: GATHER(4) return;
    case 8: GATHER(8) return;
    case 12: GATHER(12) return;
    case 16: GATHER(16) return;
    case 24: GATHER(24) return;
    case 32: GATHER(32) return;
    case 64: GATHER(64) return;
    case 128: GATHER(128) return;
    default: GATHER(row_bytes) return;
  }
}

void e3x_scatter(const int32_t *indices, int64_t rows, size_t row_bytes, const void *in,
                 int64_t in_stride_bytes, void *out) {
  const char *from = in;
  char *to = out;
  for (int64_t r = 0; r < rows; r++) {
    if (r + ROWS_AHEAD < rows) {
      const char *next = to + indices[r + ROWS_AHEAD] * (int64_t)row_bytes;
      for (size_t b = 0; b < row_bytes; b += 64) { __builtin_prefetch(next + b, 1, 2); }
    }
    memcpy(to + indices[r] * (int64_t)row_bytes, from + r * in_stride_bytes, row_bytes);
  }
}

void e3x_fetch(const void *from, int64_t bytes) {
  for (int64_t b = 0; b < bytes; b += 64) { __builtin_prefetch((const char *)from + b, 0, 2); }
}

void e3x_segment_index(const int32_t *indices, int64_t count, int64_t segments, int32_t *offsets,
                       int32_t *order) {
  memset(offsets, 0, (size_t)(segments + 1) * sizeof(int32_t));
  for (int64_t i = 0; i < count; i++) {
    if (indices[i] >= 0 && indices[i] < segments) { offsets[indices[i] + 1]++; }
  }
  for (int64_t s = 0; s < segments; s++) { offsets[s + 1] += offsets[s]; }
  // Each segment's offset moves to its end, which is the next one's start; then all move back.
  for (int64_t i = 0; i < count; i++) {
    if (indices[i] >= 0 && indices[i] < segments) {
      order[offsets[indices[i]]++] = (int32_t)i;
    }
  }
  for (int64_t s = segments; s > 0; s--) { offsets[s] = offsets[s - 1]; }
  offsets[0] = 0;
}
