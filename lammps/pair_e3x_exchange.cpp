/* What processes tell each other: features of atoms between layers, and forces of a committee's members.

   This file is part of the LAMMPS plugin of swift-e3x. It includes headers of LAMMPS and is
   distributed under its license, the GNU General Public License, version 2: see COPYING. */

#include "pair_e3x.h"

#include "atom.h"
#include "comm.h"
#include "domain.h"

#include "e3x.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace LAMMPS_NS;

/* ----------------------------------------------------------------------
   layers: features of atoms to ghosts, and derivatives back
------------------------------------------------------------------------- */

// Whether handing over takes less time. With all ghosts a process computes layers also of atoms around
// its own; with features handed over it computes all but the last layer again for their derivatives,
// which was seen to take 0.6 of a layer, the handing over included.
bool PairE3x::layers_pay() const
{
  if (widest < 0) return false;
  double all = 0.0;
  for (int hop = 0; hop < hops; hop++) all += growth(hop * cutoff);
  return all > hops + 0.6 * (hops - 1);
}

// How many times as many atoms a process has if those within a distance of its own are added: as if
// atoms were everywhere, and processes had boxes of the same size.
double PairE3x::growth(double distance) const
{
  double times = 1.0;
  for (int axis = 0; axis < 3; axis++) {
    const int count = comm->procgrid[axis];
    const double sides = domain->periodicity[axis] ? 2.0 : 2.0 * (count - 1) / count;
    times *= 1.0 + sides * distance * count / domain->prd[axis];
  }
  return times;
}

bool PairE3x::predict_layers(const e3x_domain &atoms, const e3x_results &results)
{
  e3x_exchange exchange = {};
  exchange.size = sizeof(exchange);
  exchange.context = this;
  exchange.forward = [](void *pair, int64_t columns, float *values) {
    return static_cast<PairE3x *>(pair)->hand_over(columns, values, &Comm::forward_comm);
  };
  exchange.reverse = [](void *pair, int64_t columns, float *values) {
    return static_cast<PairE3x *>(pair)->hand_over(columns, values, &Comm::reverse_comm);
  };
  failure = nullptr;
  const bool done = e3x_model_predict_layers(model, &atoms, &exchange, &results) == E3X_SUCCESS;
  if (failure) std::rethrow_exception(failure);
  return done;
}

// Exceptions of LAMMPS must not pass the library: they are kept until it has returned.
int32_t PairE3x::hand_over(int64_t columns, float *values, void (Comm::*pass_on)(Pair *, int))
{
  exchanged = values;
  width = columns;
  try {
    (comm->*pass_on)(this, (width + 1) / 2);
  } catch (...) {
    failure = std::current_exception();
  }
  exchanged = nullptr;
  return failure ? 1 : 0;
}

/* ----------------------------------------------------------------------
   deviation of a committee: of what processes and images give together
------------------------------------------------------------------------- */

void PairE3x::compute_deviation()
{
  comm->reverse_comm(this, 3 * members);
  const size_t all = atom->nlocal + atom->nghost;
  deviation.assign(std::max(1, atom->nmax), 0.0);
  for (int i = 0; i < atom->nlocal; i++) {
    double squares = 0.0;
    for (int k = 0; k < 3; k++) {
      double mean = 0.0;
      for (int m = 0; m < members; m++) mean += member_forces[3 * (m * all + i) + k] / members;
      for (int m = 0; m < members; m++) {
        const double difference = member_forces[3 * (m * all + i) + k] - mean;
        squares += difference * difference;
      }
    }
    deviation[i] = sqrt(squares / (members - 1));
  }
}

/* ----------------------------------------------------------------------
   packing: features if some are handed over, otherwise forces of members
------------------------------------------------------------------------- */

int PairE3x::pack_forward_comm(int n, int *indices, double *buf, int /*pbc_flag*/, int * /*pbc*/)
{
  const size_t stride = (width + 1) / 2;
  for (int i = 0; i < n; i++)
    memcpy(buf + i * stride, exchanged + (size_t) indices[i] * width, width * sizeof(float));
  return n * stride;
}

void PairE3x::unpack_forward_comm(int n, int first, double *buf)
{
  const size_t stride = (width + 1) / 2;
  for (int i = 0; i < n; i++)
    memcpy(exchanged + (size_t) (first + i) * width, buf + i * stride, width * sizeof(float));
}

int PairE3x::pack_reverse_comm(int n, int first, double *buf)
{
  if (exchanged) {
    const size_t stride = (width + 1) / 2;
    for (int i = 0; i < n; i++)
      memcpy(buf + i * stride, exchanged + (size_t) (first + i) * width, width * sizeof(float));
    return n * stride;
  }
  const size_t all = atom->nlocal + atom->nghost;
  int size = 0;
  for (int i = first; i < first + n; i++)
    for (int m = 0; m < members; m++)
      for (int k = 0; k < 3; k++) buf[size++] = member_forces[3 * (m * all + i) + k];
  return size;
}

void PairE3x::unpack_reverse_comm(int n, int *indices, double *buf)
{
  if (exchanged) {
    const size_t stride = (width + 1) / 2;
    for (int i = 0; i < n; i++) {
      const float *from = reinterpret_cast<const float *>(buf + i * stride);
      float *to = exchanged + (size_t) indices[i] * width;
      for (int k = 0; k < width; k++) to[k] += from[k];
    }
    return;
  }
  const size_t all = atom->nlocal + atom->nghost;
  int next = 0;
  for (int i = 0; i < n; i++)
    for (int m = 0; m < members; m++)
      for (int k = 0; k < 3; k++) member_forces[3 * (m * all + indices[i]) + k] += buf[next++];
}
