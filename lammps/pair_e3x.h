/* -*- c++ -*-
   A pair style for potentials of swift-e3x: pair_style e3x.

   This file is part of the LAMMPS plugin of swift-e3x. It includes headers of LAMMPS and is
   distributed under its license, the GNU General Public License, version 2: see COPYING. */

#ifdef PAIR_CLASS
// clang-format off
PairStyle(e3x,PairE3x);
// clang-format on
#else

#ifndef LMP_PAIR_E3X_H
#define LMP_PAIR_E3X_H

#include "pair.h"

#include <cstdint>
#include <string>
#include <vector>

typedef struct e3x_model e3x_model;

namespace LAMMPS_NS {

// Everything that computes is in the library libe3x: this class hands it the atoms of a process, with
// their ghosts and neighbors, and hands LAMMPS its results.
class PairE3x : public Pair {
 public:
  PairE3x(class LAMMPS *);
  ~PairE3x() override;

  void settings(int, char **) override;
  void coeff(int, char **) override;
  void init_style() override;
  double init_one(int, int) override;
  void compute(int, int) override;

  int pack_reverse_comm(int, int, double *) override;
  void unpack_reverse_comm(int, int *, double *) override;

  void *extract(const char *, int &) override;
  void *extract_peratom(const char *, int &) override;
  double memory_usage() override;

  // Why the library that was found cannot be used with this style; empty if it can.
  static std::string library_problem();

 private:
  e3x_model *model = nullptr;
  double cutoff = 0.0;    // Å
  int hops = 0;           // over how many cutoffs an atom's energy depends on others
  int members = 1;        // of a committee

  std::vector<int32_t> numbers;    // atomic number of each type, 0 for NULL

  // What the library sees, for each atom and ghost.
  std::vector<int32_t> species, contributes, counts;
  std::vector<const int32_t *> lists;
  // What it says of them.
  std::vector<double> forces, energies, virials;

  // The deviation of a committee's forces, eV/Å: for local atoms, computed on request.
  std::vector<double> member_forces, deviation;
  int deviation_flag = 0;           // set by a fix for the next step
  bool deviation_asked = false;     // somebody reads it
  bool deviation_flagged = false;   // and sets the flag when it will

  void unload();
  void load(const std::string &);
  void map_types(int, char **);
  void check_types();
  void collect();
  void add_results(double, const double *);
  void compute_deviation();
};

}    // namespace LAMMPS_NS

#endif
#endif
