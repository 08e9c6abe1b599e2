/* The KIM model driver of swift-e3x: portable models of it are files of `e3x train`.

   This file is distributed under the GNU General Public License, version 2: see COPYING. */

#include "KIM_LogMacros.hpp"
#include "KIM_ModelDriverHeaders.hpp"

#include "e3x.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

// A model, with what KIM holds pointers to.
struct Model {
  e3x_model *model = nullptr;
  std::vector<int32_t> elements;    // atomic number of each of KIM's species codes
  double cutoff = 0.0;              // Å
  double influence = 0.0;           // Å: hops × cutoff
  // Ghosts' neighbors are needed, unless only the last hop reaches them.
  int no_ghost_neighbors = 0;

  ~Model() { e3x_model_free(model); }
};

// Says in KIM's log what failed, with the line of this file.
template <typename Kim>
int fail(const Kim *kim, const std::string &message, int line)
{
  kim->LogEntry(KIM::LOG_VERBOSITY::error, "e3x_driver: " + message, line, __FILE__);
  return 1;
}

int compute_arguments_create(const KIM::ModelCompute *,
                             KIM::ModelComputeArgumentsCreate *create)
{
  namespace Name = KIM::COMPUTE_ARGUMENT_NAME;
  const auto optional = KIM::SUPPORT_STATUS::optional;
  return create->SetArgumentSupportStatus(Name::partialEnergy, optional) ||
      create->SetArgumentSupportStatus(Name::partialForces, optional) ||
      create->SetArgumentSupportStatus(Name::partialParticleEnergy, optional) ||
      create->SetArgumentSupportStatus(Name::partialVirial, optional) ||
      create->SetArgumentSupportStatus(Name::partialParticleVirial, optional);
}

int compute_arguments_destroy(const KIM::ModelCompute *, KIM::ModelComputeArgumentsDestroy *)
{
  return 0;
}

// KIM's virial is the derivative with respect to strain, of which the library gives the negative; the
// order of components is xx yy zz yz xz xy.
void write_virial(const double *tensor, double *components)
{
  static const int places[6] = {0, 4, 8, 5, 2, 1};
  for (int k = 0; k < 6; k++) components[k] = -tensor[places[k]];
}

int compute(const KIM::ModelCompute *kim, const KIM::ModelComputeArguments *arguments)
{
  namespace Name = KIM::COMPUTE_ARGUMENT_NAME;
  Model *self = nullptr;
  kim->GetModelBufferPointer(reinterpret_cast<void **>(&self));

  const int *count = nullptr, *codes = nullptr, *contributing = nullptr;
  const double *coordinates = nullptr;
  double *energy = nullptr, *forces = nullptr, *energies = nullptr, *virial = nullptr,
         *virials = nullptr;
  if (arguments->GetArgumentPointer(Name::numberOfParticles, &count) ||
      arguments->GetArgumentPointer(Name::particleSpeciesCodes, &codes) ||
      arguments->GetArgumentPointer(Name::particleContributing, &contributing) ||
      arguments->GetArgumentPointer(Name::coordinates, &coordinates) ||
      arguments->GetArgumentPointer(Name::partialEnergy, &energy) ||
      arguments->GetArgumentPointer(Name::partialForces, &forces) ||
      arguments->GetArgumentPointer(Name::partialParticleEnergy, &energies) ||
      arguments->GetArgumentPointer(Name::partialVirial, &virial) ||
      arguments->GetArgumentPointer(Name::partialParticleVirial, &virials))
    return fail(kim, "an argument is missing", __LINE__);

  const int atoms = *count;
  std::vector<int32_t> species(atoms), counts(atoms), neighbors;
  std::vector<size_t> firsts(atoms);
  for (int i = 0; i < atoms; i++) {
    if (codes[i] < 0 || codes[i] >= static_cast<int>(self->elements.size()))
      return fail(kim, "a species code is unknown", __LINE__);
    species[i] = self->elements[codes[i]];
    if (self->no_ghost_neighbors && !contributing[i]) continue;
    // What KIM points to may be gone with the next call.
    const int *found = nullptr;
    int number = 0;
    if (arguments->GetNeighborList(0, i, &number, &found))
      return fail(kim, "there is no list of neighbors", __LINE__);
    counts[i] = number;
    firsts[i] = neighbors.size();
    neighbors.insert(neighbors.end(), found, found + number);
  }
  std::vector<const int32_t *> lists(atoms);
  for (int i = 0; i < atoms; i++) lists[i] = neighbors.data() + firsts[i];

  e3x_domain domain = {};
  domain.size = sizeof(domain);
  domain.atoms = atoms;
  domain.species = species.data();
  domain.positions = coordinates;
  domain.contributes = contributing;
  domain.neighbor_counts = counts.data();
  domain.neighbors = lists.data();
  domain.neighbor_mask = -1;

  double tensor[9];
  std::vector<double> tensors(virials ? 9 * static_cast<size_t>(atoms) : 0);
  e3x_results results = {};
  results.size = sizeof(results);
  results.energy = energy;
  results.forces = forces;
  results.atomic_energies = energies;
  results.virial = virial ? tensor : nullptr;
  results.atomic_virials = virials ? tensors.data() : nullptr;
  if (e3x_model_predict_domain(self->model, &domain, &results) != E3X_SUCCESS)
    return fail(kim, e3x_last_error(), __LINE__);

  if (virial) write_virial(tensor, virial);
  if (virials)
    for (int i = 0; i < atoms; i++)
      write_virial(&tensors[9 * static_cast<size_t>(i)], virials + 6 * static_cast<size_t>(i));
  return 0;
}

int destroy(KIM::ModelDestroy *kim)
{
  Model *self = nullptr;
  kim->GetModelBufferPointer(reinterpret_cast<void **>(&self));
  delete self;
  return 0;
}

// Reads the model's file. Returns what failed; empty if nothing did.
std::string load(Model &self, const std::string &path)
{
  if (e3x_interface_version() != E3X_INTERFACE_VERSION)
    return "the library libe3x " + std::string(e3x_version()) + " has interface version " +
        std::to_string(e3x_interface_version()) + ", expected " +
        std::to_string(E3X_INTERFACE_VERSION) + ": compile the driver again";
  if (e3x_model_load(path.c_str(), &self.model) != E3X_SUCCESS) return e3x_last_error();
  e3x_model_info info = {};
  info.size = sizeof(info);
  if (e3x_model_get_info(self.model, &info) != E3X_SUCCESS) return e3x_last_error();
  if (info.hops < 1 || !std::isfinite(info.cutoff))
    return "a model of this kind does not say how far its atoms' energies depend on others";
  self.cutoff = info.cutoff;
  self.influence = info.hops * info.cutoff;
  self.no_ghost_neighbors = info.hops == 1;
  self.elements.resize(info.elements);
  if (e3x_model_get_elements(self.model, self.elements.data(), self.elements.size()) !=
      E3X_SUCCESS)
    return e3x_last_error();
  return "";
}

}    // namespace

extern "C" {
KIM::ModelDriverCreateFunction e3x_driver_create;
}

// Units are those of the library, whatever is asked for: KIM's users convert them.
int e3x_driver_create(KIM::ModelDriverCreate *kim, KIM::LengthUnit, KIM::EnergyUnit,
                      KIM::ChargeUnit, KIM::TemperatureUnit, KIM::TimeUnit)
{
  int files = 0;
  const std::string *folder = nullptr, *file = nullptr;
  kim->GetNumberOfParameterFiles(&files);
  kim->GetParameterFileDirectoryName(&folder);
  if (files != 1 || kim->GetParameterFileBasename(0, &file))
    return fail(kim, "expected one parameter file, a model of e3x train", __LINE__);

  auto self = std::make_unique<Model>();
  const std::string problem = load(*self, *folder + "/" + *file);
  if (!problem.empty()) return fail(kim, problem, __LINE__);
  // One thread unless the environment says otherwise, as processes share the cores.
  if (!getenv("E3X_THREADS")) e3x_set_threads(1);

  int code = 0;
  for (int32_t element : self->elements)
    if (kim->SetSpeciesCode(KIM::SpeciesName(e3x_element_symbol(element)), code++))
      return fail(kim, "KIM does not know an element of the model", __LINE__);

  namespace Routine = KIM::MODEL_ROUTINE_NAME;
  const auto language = KIM::LANGUAGE_NAME::cpp;
  const auto function = [](auto *pointer) { return reinterpret_cast<KIM::Function *>(pointer); };
  KIM::ModelComputeArgumentsCreateFunction *create_arguments = compute_arguments_create;
  KIM::ModelComputeArgumentsDestroyFunction *destroy_arguments = compute_arguments_destroy;
  KIM::ModelComputeFunction *run = compute;
  KIM::ModelDestroyFunction *end = destroy;
  if (kim->SetModelNumbering(KIM::NUMBERING::zeroBased) ||
      kim->SetUnits(KIM::LENGTH_UNIT::A, KIM::ENERGY_UNIT::eV, KIM::CHARGE_UNIT::unused,
                    KIM::TEMPERATURE_UNIT::unused, KIM::TIME_UNIT::unused) ||
      kim->SetRoutinePointer(Routine::ComputeArgumentsCreate, language, true,
                             function(create_arguments)) ||
      kim->SetRoutinePointer(Routine::ComputeArgumentsDestroy, language, true,
                             function(destroy_arguments)) ||
      kim->SetRoutinePointer(Routine::Compute, language, true, function(run)) ||
      kim->SetRoutinePointer(Routine::Destroy, language, true, function(end)))
    return fail(kim, "KIM refuses the driver's functions", __LINE__);

  Model *model = self.release();
  kim->SetInfluenceDistancePointer(&model->influence);
  kim->SetNeighborListPointers(1, &model->cutoff, &model->no_ghost_neighbors);
  kim->SetModelBufferPointer(model);
  return 0;
}
