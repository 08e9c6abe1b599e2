// Runs the kernels of every instruction set of this machine on the sizes and edge cases of the
// tests, and compares them with plain loops; compares the results of two machines.
//
//   driver [--results FILE]     checks; FILE gets the results of the lowest instruction set
//   driver --compare A B        compares two such files number by number
//
// Exit code: 0 if all agrees, 1 if not.

#include "Checks.h"

static const struct {
  const char *name;
  void (*check)();
} groups[] = {
    {"elementwise", checkElementwise}, {"transcendental", checkTranscendental},
    {"masks", checkMasks},             {"halves", checkHalves},
    {"reductions", checkReductions},   {"rows", checkRows},
    {"segments", checkSegments},       {"matrices", checkMatrices},
    {"blocks", checkBlocks},           {"lanes", checkLanes},
    {"couplings", checkCouplings},     {"dots", checkDots},
    {"polynomials", checkPolynomials}, {"harmonics", checkHarmonics},
    {"directions", checkDirections},
};

static struct {
  const char *instructionSet, *group;
  int64_t numbers, failures;
  FILE *results;
} now;

static bool fails(const char *what, int round) {
  if (++now.failures > 20) { return false; }
  printf("  FAILED %s, %s, %s, round %d", now.instructionSet, now.group, what, round);
  return true;
}

void expect(bool holds, const char *what, int round) {
  if (!holds && fails(what, round)) { printf("\n"); }
}

void reportStrayWrite() { expect(false, "a write beside an array"); }

void expectNumbers(const char *what, int round, int64_t count, const double *values,
                   const double *expected, const double *bounds) {
  now.numbers += count;
  int64_t worst = -1;
  for (int64_t i = 0; i < count && worst < 0; i++) {
    if (!same(values[i], expected[i]) && !(fabs(values[i] - expected[i]) <= bounds[i])) {
      worst = i;
    }
  }
  if (worst >= 0 && fails(what, round)) {
    printf(": element %lld is %.17g, expected %.17g, may differ by %g\n", (long long)worst,
           values[worst], expected[worst], bounds[worst]);
  }
  if (!now.results) { return; }
  char name[64] = {0};
  snprintf(name, sizeof name, "%s, %s", now.group, what);
  fwrite(name, sizeof name, 1, now.results);
  fwrite(&count, sizeof count, 1, now.results);
  fwrite(values, sizeof *values, (size_t)count, now.results);
  fwrite(bounds, sizeof *bounds, (size_t)count, now.results);
}

static int check(const char *file) {
  if (file && !(now.results = fopen(file, "wb"))) {
    perror(file);
    return 1;
  }
  const e3x_isa all[] = {E3X_ISA_BASELINE, E3X_ISA_NEON, E3X_ISA_AVX2, E3X_ISA_AVX512};
  int64_t failures = 0;
  for (e3x_isa isa : all) {
    if (e3x_force_isa(isa) != 0) { continue; }
    now.instructionSet = e3x_isa_name(isa);
    for (const auto &group : groups) {
      now.group = group.name;
      now.numbers = now.failures = 0;
      group.check();
      printf("%-9s %-15s %9lld numbers, %lld failures\n", now.instructionSet, group.name,
             (long long)now.numbers, (long long)now.failures);
      fflush(stdout);
      failures += now.failures;
    }
    if (now.results && fclose(now.results) != 0) {
      perror(file);
      return 1;
    }
    now.results = nullptr;
  }
  return failures != 0;
}

/// One block of numbers of a file of results.
struct Results {
  FILE *file;
  char name[64];
  int64_t count;
  double *values = nullptr, *bounds = nullptr;

  explicit Results(const char *path) : file(fopen(path, "rb")) {
    if (!file) { perror(path); }
  }
  bool read(double *&numbers) {
    numbers = (double *)realloc(numbers, sizeof(double) * (size_t)(count + 1));
    return fread(numbers, sizeof(double), (size_t)count, file) == (size_t)count;
  }
  bool next() {
    return fread(name, sizeof name, 1, file) == 1 && fread(&count, sizeof count, 1, file) == 1 &&
           read(values) && read(bounds);
  }
};

static int compare(const char *first, const char *second) {
  Results a(first), b(second);
  if (!a.file || !b.file) { return 1; }
  int64_t numbers = 0, equal = 0, failures = 0;
  double worst = 0;  // of what is allowed
  bool isOrdered = true;
  while (a.next()) {
    isOrdered = b.next() && strcmp(a.name, b.name) == 0 && a.count == b.count;
    if (!isOrdered) { break; }
    for (int64_t i = 0; i < a.count; i++) {
      numbers++;
      if (same(a.values[i], b.values[i])) {
        equal++;
        continue;
      }
      const double part = fabs(a.values[i] - b.values[i]) / a.bounds[i];
      if (part > worst) { worst = part; }
      if (!(part <= 1) && ++failures <= 20) {
        printf("  FAILED %s: %.17g and %.17g, may differ by %g\n", a.name, a.values[i],
               b.values[i], a.bounds[i]);
      }
    }
  }
  if (!isOrdered || b.next() || numbers == 0) {
    printf("the files are not of the same checks\n");
    return 1;
  }
  printf("%lld numbers, %.2f %% the same, others differ by at most %.2f of what is allowed, "
         "%lld failures\n",
         (long long)numbers, 100.0 * (double)equal / (double)numbers, worst, (long long)failures);
  return failures != 0;
}

int main(int count, char **words) {
  if (count == 1) { return check(nullptr); }
  if (count == 3 && strcmp(words[1], "--results") == 0) { return check(words[2]); }
  if (count == 4 && strcmp(words[1], "--compare") == 0) { return compare(words[2], words[3]); }
  fprintf(stderr, "usage: driver [--results FILE] | --compare A B\n");
  return 64;
}
