/* A pair style for potentials of swift-e3x: pair_style e3x.

   This file is part of the LAMMPS plugin of swift-e3x. It includes headers of LAMMPS and is
   distributed under its license, the GNU General Public License, version 2: see COPYING. */

#include "pair_e3x.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "force.h"
#include "memory.h"
#include "neigh_list.h"
#include "neighbor.h"
#include "update.h"

#include "e3x.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace LAMMPS_NS;

/* ---------------------------------------------------------------------- */

PairE3x::PairE3x(LAMMPS *lmp) : Pair(lmp)
{
  single_enable = 0;
  restartinfo = 0;
  one_coeff = 1;
  manybody_flag = 1;
  ghostneigh = 1;
  centroidstressflag = CENTROID_NOTAVAIL;
}

PairE3x::~PairE3x()
{
  if (copymode) return;
  unload();
  if (allocated) {
    memory->destroy(setflag);
    memory->destroy(cutsq);
    memory->destroy(cutghost);
  }
}

void PairE3x::unload()
{
  e3x_model_free(model);
  model = nullptr;
}

std::string PairE3x::library_problem()
{
  const int32_t found = e3x_interface_version();
  if (found == E3X_INTERFACE_VERSION) return "";
  return fmt::format("the library libe3x {} has interface version {}, but this plugin was compiled "
                     "with e3x.h {}, interface version {}: compile it again",
                     e3x_version(), found, E3X_VERSION, E3X_INTERFACE_VERSION);
}

/* ----------------------------------------------------------------------
   pair_style e3x [threads N] [layers auto|yes|no]
------------------------------------------------------------------------- */

void PairE3x::settings(int narg, char **arg)
{
  const std::string problem = library_problem();
  if (!problem.empty()) error->all(FLERR, "Pair style e3x: {}", problem);

  // One by default, as processes share the cores.
  int threads = 1;
  layers = Layers::AUTO;
  for (int i = 0; i < narg; i += 2) {
    const std::string key = arg[i], value = i + 1 < narg ? arg[i + 1] : "";
    if (key == "threads" && !value.empty())
      threads = utils::inumeric(FLERR, value, false, lmp);
    else if (key == "layers" && value == "auto")
      layers = Layers::AUTO;
    else if (key == "layers" && value == "auto")
      layers = Layers::AUTO;
    else if (key == "layers" && (value == "yes" || value == "no"))
      layers = value == "yes" ? Layers::YES : Layers::NO;
    else
      error->all(FLERR,
                 "Pair style e3x: expected 'threads N' or 'layers auto|yes|no', received '{}'",
                 utils::join_words(std::vector<std::string>(arg + i, arg + std::min(i + 2, narg)), " "));
  }
  if (e3x_set_threads(threads) != E3X_SUCCESS)
    error->all(FLERR, "Pair style e3x: threads: {}", e3x_last_error());
}

/* ----------------------------------------------------------------------
   pair_coeff * * FILE ELEMENT ...
------------------------------------------------------------------------- */

void PairE3x::coeff(int narg, char **arg)
{
  const int types = atom->ntypes;
  if (narg != types + 3)
    error->all(FLERR,
               "Pair style e3x: expected 'pair_coeff * * FILE' and an element or NULL for each of "
               "{} atom types, received {} of them",
               types, std::max(0, narg - 3));
  if (!allocated) {
    memory->create(setflag, types + 1, types + 1, "pair:setflag");
    memory->create(cutsq, types + 1, types + 1, "pair:cutsq");
    memory->create(cutghost, types + 1, types + 1, "pair:cutghost");
    allocated = 1;
  }
  load(arg[2]);
  map_types(types, arg + 3);
}

// Every process reads the file; if one cannot, all end with what the first of these says.
void PairE3x::load(const std::string &name)
{
  unload();
  std::string path = utils::get_potential_file_path(name);
  if (path.empty()) path = name;
  const bool loaded = e3x_model_load(path.c_str(), &model) == E3X_SUCCESS;
  std::string message = loaded ? "" : e3x_last_error();

  int mine = loaded ? comm->nprocs : comm->me, first;
  MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, world);
  if (first < comm->nprocs) {
    int size = message.size();
    MPI_Bcast(&size, 1, MPI_INT, first, world);
    message.resize(size);
    MPI_Bcast(&message[0], size, MPI_CHAR, first, world);
    error->all(FLERR, "Pair style e3x: {}", message);
  }

  e3x_model_info info = {};
  info.size = sizeof(info);
  if (e3x_model_get_info(model, &info) != E3X_SUCCESS)
    error->all(FLERR, "Pair style e3x: {}", e3x_last_error());
  if (info.hops < 1)
    error->all(FLERR,
               "Pair style e3x: {}: a model of this kind does not say how far its atoms' energies "
               "depend on others, so that a structure cannot be divided",
               name);
  if (!std::isfinite(info.cutoff))
    error->all(FLERR, "Pair style e3x: {}: the model has no cutoff", name);
  cutoff = info.cutoff;
  hops = info.hops;
  members = info.members;
  widest = info.layered ? info.widest : -1;
  if (layers == Layers::YES && widest < 0)
    error->all(FLERR, "Pair style e3x: layers: {}: a model of this kind has no layers", name);
  deviation.clear();
}

void PairE3x::map_types(int types, char **symbols)
{
  e3x_model_info info = {};
  info.size = sizeof(info);
  e3x_model_get_info(model, &info);
  std::vector<int32_t> known(info.elements);
  if (e3x_model_get_elements(model, known.data(), known.size()) != E3X_SUCCESS)
    error->all(FLERR, "Pair style e3x: {}", e3x_last_error());

  numbers.assign(types + 1, 0);
  for (int type = 1; type <= types; type++) {
    const char *symbol = symbols[type - 1];
    if (strcmp(symbol, "NULL") == 0) continue;
    const int32_t number = e3x_element_number(symbol);
    if (number == 0)
      error->all(FLERR, "Pair style e3x: atom type {}: '{}' is no element", type, symbol);
    if (std::find(known.begin(), known.end(), number) == known.end()) {
      std::vector<std::string> elements;
      for (int32_t element : known) elements.push_back(e3x_element_symbol(element));
      error->all(FLERR, "Pair style e3x: atom type {}: the model does not know {}, only {}", type,
                 symbol, utils::join_words(elements, ", "));
    }
    numbers[type] = number;
  }

  // Beside other styles NULL is what they compute; alone it is for types that no atom has.
  const bool hybrid = utils::strmatch(force->pair_style, "^hybrid");
  for (int i = 1; i <= types; i++)
    for (int j = 1; j <= types; j++)
      setflag[i][j] = !hybrid || (numbers[i] != 0 && numbers[j] != 0);
}

/* ---------------------------------------------------------------------- */

void PairE3x::init_style()
{
  if (strcmp(update->unit_style, "metal") != 0)
    error->all(FLERR, "Pair style e3x: expected 'units metal', not 'units {}'", update->unit_style);
  if (force->newton_pair == 0)
    error->all(FLERR, "Pair style e3x: expected 'newton on' for pairs, as ghosts have forces");
  if (comm->mode != Comm::SINGLE)
    error->all(FLERR, "Pair style e3x: expected 'comm_modify mode single'");
  check_types();

  // Pairs that a molecule's bonds leave out would be missing without a word.
  if (atom->molecular != Atom::ATOMIC && (atom->nbonds > 0 || atom->nangles > 0))
    for (int k = 1; k <= 3; k++)
      if (force->special_lj[k] == 0.0 && force->special_coul[k] == 0.0)
        error->all(FLERR,
                   "Pair style e3x: 'special_bonds' leaves pairs of bonded atoms out of the "
                   "neighbor list: give weights that are not 0, such as lj/coul 1 1 1");

  layered = hops > 1 && (layers == Layers::YES || (layers == Layers::AUTO && layers_pay()));
  // Nobody asks whom ghosts see where only the last hop, or the last layer, reaches them.
  ghostneigh = hops > 1 && !layered;
  neighbor->add_request(
      this, NeighConst::REQ_FULL | (ghostneigh ? NeighConst::REQ_GHOST : NeighConst::REQ_DEFAULT));

  if (comm->me == 0 && hops > 1)
    utils::logmesg(lmp, "Pair style e3x: {}\n",
                   layered ? "processes hand over features of atoms between layers"
                           : "processes have all ghosts that their atoms depend on");
  const double shell = (layered ? 1 : hops) * cutoff + neighbor->skin;
  if (comm->cutghostuser > 0.0 && comm->cutghostuser < shell && comm->me == 0)
    error->warning(FLERR, "Pair style e3x: the cutoff of ghosts is raised from {:.6g} to {:.6g}",
                   comm->cutghostuser, shell);
  comm->cutghostuser = std::max(comm->cutghostuser, shell);

  // Two features in the place of one double.
  comm_forward = layered ? (widest + 1) / 2 : 0;
  comm_reverse = std::max(comm_forward, members > 1 ? 3 * members : 0);
  // A hybrid style asked before there was a model.
  force->pair->comm_forward = std::max(force->pair->comm_forward, comm_forward);
  force->pair->comm_reverse = std::max(force->pair->comm_reverse, comm_reverse);
}

// Alone, every atom must be of a type that has an element.
void PairE3x::check_types()
{
  if (force->pair != this) return;
  int mine = atom->ntypes + 1, first;
  for (int i = 0; i < atom->nlocal; i++)
    if (numbers[atom->type[i]] == 0) mine = std::min(mine, atom->type[i]);
  MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, world);
  if (first <= atom->ntypes)
    error->all(FLERR, "Pair style e3x: atom type {} is NULL, but there are atoms of it", first);
}

double PairE3x::init_one(int i, int j)
{
  if (setflag[i][j] == 0) error->all(FLERR, "Pair style e3x: expected 'pair_coeff * *' first");
  cutghost[i][j] = cutghost[j][i] = cutoff;
  return cutoff;
}

/* ---------------------------------------------------------------------- */

// Says of every atom and ghost what it is and whom it sees. Those that are not in the neighbor list,
// which are atoms of other styles, see nobody and are seen by nobody.
void PairE3x::collect()
{
  const int all = atom->nlocal + atom->nghost;
  int32_t any = 0;
  for (int32_t number : numbers) any = std::max(any, number);
  species.resize(all);
  for (int i = 0; i < all; i++) {
    const int32_t number = numbers[atom->type[i]];
    species[i] = number != 0 ? number : any;
  }
  contributes.assign(all, 0);
  counts.assign(all, 0);
  lists.assign(all, nullptr);
  for (int ii = 0; ii < list->inum + list->gnum; ii++) {
    const int i = list->ilist[ii];
    counts[i] = list->numneigh[i];
    lists[i] = list->firstneigh[i];
    if (ii >= list->inum) continue;
    contributes[i] = 1;
    if (numbers[atom->type[i]] == 0)
      error->one(FLERR, "Pair style e3x: atom type {} is NULL, but there are atoms of it",
                 atom->type[i]);
  }
}

void PairE3x::compute(int eflag, int vflag)
{
  ev_init(eflag, vflag);
  collect();
  const int all = atom->nlocal + atom->nghost;
  const bool deviates = members > 1 && (deviation_flag || (deviation_asked && !deviation_flagged));

  e3x_domain atoms = {};
  atoms.size = sizeof(atoms);
  atoms.atoms = all;
  atoms.species = species.data();
  atoms.positions = all > 0 ? atom->x[0] : nullptr;
  atoms.contributes = contributes.data();
  atoms.neighbor_counts = counts.data();
  atoms.neighbors = lists.data();
  atoms.neighbor_mask = NEIGHMASK;

  double energy = 0.0, virial_of_all[9] = {};
  e3x_results results = {};
  results.size = sizeof(results);
  results.energy = &energy;
  forces.resize(3 * (size_t) all);
  results.forces = forces.data();
  if (eflag_atom) {
    energies.resize(all);
    results.atomic_energies = energies.data();
  }
  if (vflag_global) results.virial = virial_of_all;
  if (vflag_atom) {
    virials.resize(9 * (size_t) all);
    results.atomic_virials = virials.data();
  }
  if (deviates) {
    member_forces.resize(3 * (size_t) all * members);
    results.member_forces = member_forces.data();
  }
  const bool predicted = layered
      ? predict_layers(atoms, results)
      : e3x_model_predict_domain(model, &atoms, &results) == E3X_SUCCESS;
  if (!predicted) error->one(FLERR, "Pair style e3x: {}", e3x_last_error());

  add_results(energy, virial_of_all);
  if (vflag_fdotr) virial_fdotr_compute();
  if (deviates) compute_deviation();
}

void PairE3x::add_results(double energy, const double *virial_of_all)
{
  // LAMMPS' order of the components of a tensor: xx yy zz xy xz yz.
  static const int places[6] = {0, 4, 8, 1, 2, 5};
  const int all = atom->nlocal + atom->nghost;
  for (int i = 0; i < all; i++)
    for (int k = 0; k < 3; k++) atom->f[i][k] += forces[3 * (size_t) i + k];
  if (eflag_global) eng_vdwl += energy;
  if (eflag_atom)
    for (int i = 0; i < atom->nlocal; i++) eatom[i] += energies[i];
  if (vflag_global)
    for (int k = 0; k < 6; k++) virial[k] += virial_of_all[places[k]];
  if (vflag_atom)
    for (int i = 0; i < all; i++)
      for (int k = 0; k < 6; k++) vatom[i][k] += virials[9 * (size_t) i + places[k]];
}

/* ----------------------------------------------------------------------
   what fixes and computes may ask for
------------------------------------------------------------------------- */

void *PairE3x::extract(const char *name, int &dim)
{
  dim = 0;
  if (strcmp(name, "cutoff") == 0) return &cutoff;
  if (strcmp(name, "deviation_flag") == 0) {
    deviation_flagged = true;
    return &deviation_flag;
  }
  return nullptr;
}

void *PairE3x::extract_peratom(const char *name, int &columns)
{
  columns = 0;
  if (strcmp(name, "deviation") != 0) return nullptr;
  if (members < 2)
    error->all(FLERR, "Pair style e3x: only a committee has a deviation; 'pair_coeff' comes first");
  deviation_asked = true;
  // Somebody may look before the first step.
  if (deviation.size() < (size_t) atom->nmax || deviation.empty())
    deviation.resize(std::max(1, atom->nmax), 0.0);
  return deviation.data();
}

double PairE3x::memory_usage()
{
  double bytes = Pair::memory_usage();
  bytes += (species.capacity() + contributes.capacity() + counts.capacity()) * sizeof(int32_t);
  bytes += lists.capacity() * sizeof(int32_t *);
  bytes += (forces.capacity() + energies.capacity() + virials.capacity() +
            member_forces.capacity() + deviation.capacity()) *
      sizeof(double);
  return bytes;
}
