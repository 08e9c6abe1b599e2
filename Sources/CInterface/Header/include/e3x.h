/*
 * e3x.h: trained potentials and the layers of swift-e3x, for programs in C and in whatever calls C.
 *
 * Units are eV, Å and what is made of them; energies are of the whole structure, those of its
 * elements included. Arrays are contiguous, in row-major order, and belong to the caller; of a
 * result that is not wanted the pointer is NULL.
 *
 * A function returns E3X_SUCCESS or why not; then e3x_last_error() says it in words, nothing was
 * written to the results, and everything can be used as before. Nothing aborts, throws or prints.
 *
 * Any thread may call any function at any time, but a calculator computes for one thread after the
 * other. Handles are numbers in disguise: one that was freed, or never made, is refused.
 *
 * Structs begin with their size, `sizeof`, so that later versions can add members at their end.
 */
#ifndef E3X_H
#define E3X_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that this header belongs to. */
#define E3X_VERSION "0.1.0"
/* What programs must agree on with the library that they run with: it is another number when
   anything here means something else than before, or is gone. */
#define E3X_INTERFACE_VERSION 1

typedef int32_t e3x_status;
enum {
  E3X_SUCCESS = 0,
  /* An argument cannot be: the message names it, and says what was expected. */
  E3X_INVALID_ARGUMENT = 1,
  /* A file cannot be read, or is not what it should be. */
  E3X_INVALID_FILE = 2,
  /* Everything else. */
  E3X_FAILURE = 3
};

/* The version of the library that runs, such as "1.0.0". */
const char *e3x_version(void);
/* Its E3X_INTERFACE_VERSION. */
int32_t e3x_interface_version(void);

/* Why the last call of this thread that failed did: one line, UTF-8; "" if none has. It stays until
   this thread's next call that fails. */
const char *e3x_last_error(void);

/* How many threads compute, 1 to 1024, the calling one included: for the whole process. At first it
   is what the environment variable E3X_THREADS says, otherwise the number of processors. Results are
   the same bits for any number. */
int32_t e3x_threads(void);
e3x_status e3x_set_threads(int32_t count);

/* The symbol of an atomic number, 1 to 118, such as "Cu"; NULL for any other. */
const char *e3x_element_symbol(int32_t number);
/* The atomic number of a symbol in any case; 0 for what is none, and for NULL. */
int32_t e3x_element_number(const char *symbol);

/* ---- Models ---- */

/* A trained potential, which never changes. */
typedef struct e3x_model e3x_model;

typedef struct e3x_model_info {
  size_t size; /* sizeof(e3x_model_info) */
  /* Å; atoms farther apart do not see each other. */
  double cutoff;
  /* Over how many cutoffs an atom's energy depends on others; 0 if the model does not say: then no
     domain is large enough. */
  int32_t hops;
  /* How many models a committee has; 1 for a single one. */
  int32_t members;
  /* How many elements it knows. */
  int32_t elements;
  /* 1 if it can be computed layer by layer (e3x_model_predict_layers), otherwise 0. */
  int32_t layered;
  /* The most numbers of an atom that are handed over between layers; 0 for a single layer. */
  int32_t widest;
} e3x_model_info;

/* Loads a model that `e3x train` wrote.
   path: in the encoding of the system, ending in a zero
   model: where the handle is written; to be freed by e3x_model_free */
e3x_status e3x_model_load(const char *path, e3x_model **model);
/* Forgets a model; what computes with it goes on. NULL is accepted. */
e3x_status e3x_model_free(e3x_model *model);

e3x_status e3x_model_get_info(const e3x_model *model, e3x_model_info *info);
/* The atomic numbers that the model knows, ascending.
   elements: [capacity]; capacity: at least info.elements */
e3x_status e3x_model_get_elements(const e3x_model *model, int32_t *elements, int64_t capacity);
/* What the model is made of, as JSON: {"kind": …, "config": {…}}. It is valid as long as the model
   is. */
e3x_status e3x_model_get_description(const e3x_model *model, const char **description);

/* ---- Structures ---- */

/* A molecule or a structure that repeats. */
typedef struct e3x_structure {
  size_t size;             /* sizeof(e3x_structure) */
  int64_t atoms;           /* N */
  const int32_t *species;  /* [N], atomic numbers */
  const double *positions; /* [N, 3], Å; anywhere, also outside of the cell */
  const double *cell;      /* [3, 3], lattice vectors as rows, Å; NULL for a molecule */
  const int32_t *periodic; /* [3], along which of them it repeats, 0 or 1; NULL: along all if there
                              is a cell, along none otherwise */
} e3x_structure;

/* What is wanted of a structure, and where it is written. Members may be NULL. */
typedef struct e3x_results {
  size_t size;             /* sizeof(e3x_results) */
  double *energy;          /* [1], eV */
  double *atomic_energies; /* [N], eV; their sum is the energy */
  double *forces;          /* [N, 3], eV/Å */
  double *stress;          /* [3, 3], eV/Å³: the derivative of the energy with respect to strain over
                              the volume, negative under compression; NaN for what has no volume */
  double *virial;          /* [3, 3], eV: the negative derivative with respect to strain */
  double *atomic_virials;  /* [N, 3, 3], eV: half of what each pair gives at either of its atoms; their
                              sum is the virial */
  double *energy_deviation; /* [1], eV: of a committee the sample standard deviation of its members'
                               energies; NaN of a single model */
  double *force_deviations; /* [N], eV/Å: of a committee the norm of the sample standard deviations of
                               an atom's force components; NaN of a single model */
  /* Members that were added later: */
  double *member_forces;   /* [members, N, 3], eV/Å: the forces of each model of a committee */
} e3x_results;

/* Predicts structures, each for itself, as many at once as is quick.
   structures, results: [count] */
e3x_status e3x_model_predict(const e3x_model *model, int64_t count,
                             const e3x_structure *structures, const e3x_results *results);

/* Rows of the matrix of second derivatives of the energy with respect to positions, eV/Å²: exact
   derivatives in double precision.
   first_row, rows: 3 * atom + axis, and how many
   hessian: [rows, 3 N] */
e3x_status e3x_model_hessian(const e3x_model *model, const e3x_structure *structure,
                             int64_t first_row, int64_t rows, double *hessian);

/* ---- Structures that move ---- */

/* A model with the pairs of atoms of the last structure, which serve the next one too if that has
   moved little. */
typedef struct e3x_calculator e3x_calculator;

/* skin: Å; how far beyond the cutoff pairs are searched; 0 searches in every call, and 0.5 is a good
         choice for dynamics
   calculator: where the handle is written; to be freed by e3x_calculator_free */
e3x_status e3x_calculator_create(const e3x_model *model, double skin, e3x_calculator **calculator);
/* Forgets a calculator. NULL is accepted. */
e3x_status e3x_calculator_free(e3x_calculator *calculator);
/* Predicts a structure: quickest if it has the atoms of the last one in the same order. */
e3x_status e3x_calculator_predict(e3x_calculator *calculator, const e3x_structure *structure,
                                  const e3x_results *results);
/* How often the calculator has searched for pairs. */
e3x_status e3x_calculator_get_searches(const e3x_calculator *calculator, int64_t *searches);

/* ---- Parts of structures, with neighbours that the caller has ---- */

/* Atoms whose energies count, and ghosts: atoms, or copies of atoms, that are there because the
   former see them, over `hops` cutoffs. */
typedef struct e3x_domain {
  size_t size;                /* sizeof(e3x_domain) */
  int64_t atoms;              /* N, ghosts included */
  const int32_t *species;     /* [N], atomic numbers */
  const double *positions;    /* [N, 3], Å */
  const int32_t *contributes; /* [N], 1 if the atom's energy counts, 0 for ghosts; NULL: all count */
  /* The neighbours of each atom: how many, and where they are. All within the cutoff must be there,
     for ghosts too unless only the last hop reaches them; others do not matter. */
  const int32_t *neighbor_counts;   /* [N] */
  const int32_t *const *neighbors;  /* [N] of [neighbor_counts[i]], indices of atoms */
  int32_t neighbor_mask;            /* what indices are combined with by "and" first, for programs
                                       that keep flags in them; -1 for none */
} e3x_domain;

/* Predicts a domain. The energy is that of the atoms that count; forces and virials are of all, and
   those of ghosts belong to the atoms that they are copies of. There is no stress: it is NaN.
   Deviations are those of the domain alone: for those of atoms whose forces are sums over several
   domains, or over copies, member_forces are to be added up first. */
e3x_status e3x_model_predict_domain(const e3x_model *model, const e3x_domain *domain,
                                    const e3x_results *results);

/* How domains hand over what they have computed of atoms, between layers. Both functions return 0,
   or anything else to end the prediction with E3X_FAILURE.
   values: [N, width], by the domain's atoms; it is there during the call only */
typedef struct e3x_exchange {
  size_t size; /* sizeof(e3x_exchange) */
  void *context;
  /* Gives rows of ghosts the values of the atoms that they are copies of. */
  int32_t (*forward)(void *context, int64_t width, float *values);
  /* Adds rows of ghosts to those of the atoms that they are copies of. */
  int32_t (*reverse)(void *context, int64_t width, float *values);
} e3x_exchange;

/* As e3x_model_predict_domain, but the domain needs ghosts within one cutoff only, whatever hops are,
   and ghosts need no neighbours. All domains of a structure compute at the same time; the functions of
   the exchange are called as often, in the same order and with the same widths, for each, whatever
   atoms it has: (layers - 1) times each, for each member of a committee. */
e3x_status e3x_model_predict_layers(const e3x_model *model, const e3x_domain *domain,
                                    const e3x_exchange *exchange, const e3x_results *results);

/* ---- Operations: layers and functions of e3x ---- */

/* An array with a name. */
typedef struct e3x_array {
  size_t size;          /* sizeof(e3x_array) */
  const char *name;     /* UTF-8, ending in a zero */
  int32_t type;         /* of its elements: one of those below */
  int32_t rank;         /* how many axes it has, 0 to 32 */
  const int64_t *shape; /* [rank]; NULL for rank 0 */
  const void *data;     /* elements in row-major order; NULL if there are none */
} e3x_array;
enum {
  E3X_FLOAT32 = 0,
  E3X_FLOAT64 = 1,
  E3X_FLOAT16 = 2,
  E3X_BFLOAT16 = 3,
  E3X_INT32 = 4,
  E3X_BOOL = 5 /* a byte each, 0 or 1 */
};

/* Arrays that the library has made. */
typedef struct e3x_arrays e3x_arrays;

e3x_status e3x_arrays_free(e3x_arrays *arrays);
e3x_status e3x_arrays_get_count(const e3x_arrays *arrays, int64_t *count);
/* One of the arrays: what its pointers point to stays as long as the arrays do. */
e3x_status e3x_arrays_get(const e3x_arrays *arrays, int64_t index, e3x_array *array);

/* A layer or a function with its options. It never changes. */
typedef struct e3x_operation e3x_operation;

/* name: as in e3x, such as "nn.SelfAttention"
   options: an object in JSON: "config", the options of a layer or the keyword arguments of a function
            under e3x's names, "static", arguments of a call that are no arrays, and "dtype", "float32"
            or "float64", the type of constants; "{}" is all of e3x's defaults
   operation: where the handle is written; to be freed by e3x_operation_free */
e3x_status e3x_operation_create(const char *name, const char *options, e3x_operation **operation);
/* Forgets an operation. NULL is accepted. */
e3x_status e3x_operation_free(e3x_operation *operation);

/* Draws the parameters of a layer, as Flax's `init` does.
   key: [2], such as jax.random.PRNGKey(seed)
   arrays: [count], the arguments: "arg.NAME"
   parameters: where a handle is written: "params.PATH", and "key.PATH", [2] the key that the parameter
               was drawn from, as int32 of the same bits; to be freed by e3x_arrays_free */
e3x_status e3x_operation_init(const e3x_operation *operation, const uint32_t *key, int64_t count,
                              const e3x_array *arrays, e3x_arrays **parameters);

/* The results of an operation, or of derivatives of any order. Function 0 is the operation; function K
   gives the gradients of the sum of `cotangent.K.I` times result I of function K - 1, with respect to
   the arrays of list K of `derivatives`. A cotangent that is not there is zero.
   derivatives: a list in JSON of at most 8 lists of names; NULL for the operation itself
   arrays: [count], "arg.NAME", "params.PATH" and "cotangent.K.I"
   results: where a handle is written, named "0", "1", ...; to be freed by e3x_arrays_free */
e3x_status e3x_operation_apply(const e3x_operation *operation, const char *derivatives,
                               int64_t count, const e3x_array *arrays, e3x_arrays **results);
/* Types and shapes of what e3x_operation_apply would give. The data of the arrays are not looked at, and
   the results have none: so operations whose shapes depend on values are refused. */
e3x_status e3x_operation_shapes(const e3x_operation *operation, const char *derivatives,
                                int64_t count, const e3x_array *arrays, e3x_arrays **results);

/* ---- Training ---- */

/* A structure with what a potential is to say of it. */
typedef struct e3x_example {
  size_t size;                    /* sizeof(e3x_example) */
  const e3x_structure *structure;
  const double *energy;           /* [1], eV; NULL if it is not known, as the others */
  const double *forces;           /* [N, 3], eV/Å */
  const double *stress;           /* [3, 3], eV/Å³, as e3x_results.stress */
  double weight;                  /* how much its errors count; 1 for most */
} e3x_example;

/* How far a training is. Errors are mean absolute ones: energies in eV, forces in eV/Å, stress in
   eV/Å³; NaN where there are none. */
typedef struct e3x_training_progress {
  size_t size;               /* sizeof(e3x_training_progress), of the library */
  int64_t step;              /* steps done */
  int64_t steps;             /* of how many; fitted to the time if that is what was given */
  double seconds;            /* since the beginning */
  double loss;               /* mean since the last validation, as the errors that follow */
  double train_energy_mae;
  double train_forces_mae;
  double train_stress_mae;
  int32_t validated;         /* 1 if this step was validated: then those that follow are of it */
  int32_t best;              /* 1 if it is the best so far: it was written to the file */
  double energy_mae;
  double forces_mae;
  double stress_mae;
} e3x_training_progress;

/* Is told of each validation, and about every second. Returns 0 to go on; anything else ends the
   training, which is a success. */
typedef int32_t (*e3x_training_observer)(void *context, const e3x_training_progress *progress);

/* Trains a potential and writes the best one to a file, which is replaced whenever there is a better
   one, as a whole.
   options: an object in JSON: "preset", "model", "config", "from", "freeze", "committee", "minutes",
            and the options of a training under the names that `e3x config` prints; "{}" trains as
            `e3x train` does
   train: [train_count]; valid: [valid_count], which the best parameters are chosen by; may be none
   path: where the model is written
   observer: may be NULL; context: is handed to it */
e3x_status e3x_train(const char *options, int64_t train_count, const e3x_example *train,
                     int64_t valid_count, const e3x_example *valid, const char *path,
                     e3x_training_observer observer, void *context);

#ifdef __cplusplus
}
#endif

#endif
