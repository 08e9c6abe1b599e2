/* Energy and forces of a molecule: ./water model.safetensors */
#include <e3x.h>
#include <stdio.h>

static int failed(e3x_status status) {
  if (status != E3X_SUCCESS) fprintf(stderr, "%s\n", e3x_last_error());
  return status != E3X_SUCCESS;
}

int main(int count, char **arguments) {
  if (count != 2) return fprintf(stderr, "usage: %s MODEL\n", arguments[0]), 64;
  if (e3x_interface_version() != E3X_INTERFACE_VERSION)
    return fprintf(stderr, "libe3x %s is of another kind than its header\n", e3x_version()), 1;
  e3x_model *model;
  if (failed(e3x_model_load(arguments[1], &model))) return 1;

  int32_t species[] = {8, 1, 1};
  double positions[] = {0, 0, 0.119, 0, 0.763, -0.477, 0, -0.763, -0.477};
  e3x_structure water = {sizeof water, 3, species, positions, NULL, NULL};
  double energy, forces[9];
  e3x_results results = {.size = sizeof results, .energy = &energy, .forces = forces};
  if (failed(e3x_model_predict(model, 1, &water, &results))) return 1;

  printf("%.6f eV\n", energy);
  for (int atom = 0; atom < 3; atom++)
    printf("%9.5f %9.5f %9.5f eV/A\n", forces[3 * atom], forces[3 * atom + 1], forces[3 * atom + 2]);
  e3x_model_free(model);
  return 0;
}
