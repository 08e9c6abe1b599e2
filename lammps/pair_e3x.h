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
#include <exception>
#include <string>
#include <vector>

typedef struct e3x_model e3x_model;
typedef struct e3x_domain e3x_domain;
typedef struct e3x_results e3x_results;

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

  int pack_forward_comm(int, int *, double *, int, int *) override;
  void unpack_forward_comm(int, int, double *) override;
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

  // Whether processes hand over features of atoms between layers, with ghosts within one cutoff, or
  // have all ghosts that their atoms depend on.
  enum class Layers { AUTO, YES, NO };
  Layers layers = Layers::AUTO;    // what was asked for
  bool layered = false;            // what is done
  int widest = -1;                 // numbers of an atom that are handed over; -1: the model cannot

  // What is handed over at the moment; none: forces of a committee's members.
  float *exchanged = nullptr;
  int width = 0;
  std::exception_ptr failure;    // of LAMMPS, on its way through the library

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
  bool layers_pay() const;
  double growth(double) const;
  bool predict_layers(const e3x_domain &, const e3x_results &);
  int32_t hand_over(int64_t, float *, void (Comm::*)(Pair *, int));
  void add_results(double, const double *);
  void compute_deviation();
};

}    // namespace LAMMPS_NS

#endif
#endif
