/* Makes pair_style e3x known to LAMMPS: plugin load e3xplugin.so

   This file is part of the LAMMPS plugin of swift-e3x. It includes headers of LAMMPS and is
   distributed under its license, the GNU General Public License, version 2: see COPYING. */

#include "pair_e3x.h"

#include "error.h"

#include "e3x.h"

// For which LAMMPS this is compiled. Headers of an installed LAMMPS may not say it; then it is taken to
// be the one that loads the plugin.
#if __has_include("version.h")
#include "version.h"
#endif

using namespace LAMMPS_NS;

namespace {

// What LAMMPS expects of a plugin, as in its lammpsplugin.h, which is not installed with it.
struct Plugin {
  const char *version, *style, *name, *info, *author;
  union {
    Pair *(*v1)(LAMMPS *);
    void *(*v2)(LAMMPS *, int, char **);
  } creator;
  void *handle;
};

typedef void (*Register)(Plugin *, void *);

Pair *create(LAMMPS *lmp)
{
  return new PairE3x(lmp);
}

}    // namespace

extern "C" __attribute__((visibility("default"))) void lammpsplugin_init(void *lmp, void *handle,
                                                                         void *regfunc)
{
  LAMMPS *lammps = static_cast<LAMMPS *>(lmp);
  const std::string problem = PairE3x::library_problem();
  if (!problem.empty()) lammps->error->all(FLERR, "Plugin e3x: {}", problem);

  Plugin plugin = {};
#ifdef LAMMPS_VERSION
  plugin.version = LAMMPS_VERSION;
#else
  plugin.version = lammps->version;
#endif
  plugin.style = "pair";
  plugin.name = "e3x";
  plugin.info = "E(3)-equivariant potentials of swift-e3x " E3X_VERSION;
  plugin.author = "swift-e3x";
  plugin.creator.v1 = create;
  plugin.handle = handle;
  reinterpret_cast<Register>(regfunc)(&plugin, lmp);
}
