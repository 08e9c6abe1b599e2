// Written by WriteKernels from exact Clebsch-Gordan coefficients; not to be edited.
//
// For rows r < height of operands p and q, whose components lie `distance` elements apart,
// TAKE(k, value) takes each component k of a unit; or TAKE_SCALED does, where the second
// operand is SCALE of what it is. UNIT(degree) names the functions, with UNIT_PARAMETERS for
// what these need.

#define C(value) NAME(splat)((REAL)(value))
#define L(p, n) NAME(load_some)(p[r] + n * distance, masked, mask)

INLINE void UNIT(0)(int32_t unit, const int height, const REAL *const *p,
                    const REAL *const *q, int64_t distance, const int masked,
                    NAME(mask) mask, UNIT_PARAMETERS) {
  switch (unit) {
    case 0:  // 0, 0, 0
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0)};
        const NAME(vec) v[] = {L(q, 0)};
        TAKE(0, + v[0] * u[0]);
      }
      return;
    case 1:  // 1, 1, 0
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2)};
        TAKE(0, + v[0] * u[0] + v[1] * u[1] + v[2] * u[2]);
      }
      return;
    case 2:  // 2, 2, 0
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2), L(q, 3), L(q, 4)};
        TAKE(0, + v[0] * u[0] + v[1] * u[1] + v[2] * u[2] + v[3] * u[3] + v[4] * u[4]);
      }
      return;
    case 3:  // 3, 3, 0
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2), L(q, 3), L(q, 4), L(q, 5), L(q, 6)};
        TAKE(0, + v[0] * u[0] + v[1] * u[1] + v[2] * u[2] + v[3] * u[3] + v[4] * u[4] + v[5] * u[5] + v[6] * u[6]);
      }
      return;
    default: __builtin_unreachable();
  }
}

INLINE void UNIT(1)(int32_t unit, const int height, const REAL *const *p,
                    const REAL *const *q, int64_t distance, const int masked,
                    NAME(mask) mask, UNIT_PARAMETERS) {
  switch (unit) {
    case 4:  // 1, 0, 1
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2)};
        const NAME(vec) v[] = {SCALE(L(q, 0))};
        TAKE_SCALED(0, + v[0] * u[0]);
        TAKE_SCALED(1, + v[0] * u[1]);
        TAKE_SCALED(2, + v[0] * u[2]);
      }
      return;
    case 5:  // 1, 1, 1
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2)};
        TAKE(0, + v[2] * u[1] - v[1] * u[2]);
        TAKE(1, - v[2] * u[0] + v[0] * u[2]);
        TAKE(2, + v[1] * u[0] - v[0] * u[1]);
      }
      return;
    case 6:  // 2, 1, 1
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2)};
        TAKE(0, + v[0] * u[0] + v[1] * u[1] + v[2] * u[2] - C(0.5773502691896258) * v[0] * u[4]);
        TAKE(1, - v[1] * u[0] + v[0] * u[1] + v[2] * u[3] - C(0.5773502691896258) * v[1] * u[4]);
        TAKE(2, + v[0] * u[2] + v[1] * u[3] + C(1.1547005383792517) * v[2] * u[4]);
      }
      return;
    case 7:  // 2, 2, 1
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2), L(q, 3), L(q, 4)};
        TAKE(0, - (u[0] * v[3] - u[1] * v[2] + u[2] * v[1] - u[3] * v[0]) + C(1.7320508075688772) * (u[3] * v[4] - u[4] * v[3]));
        TAKE(1, - (u[0] * v[2] + u[1] * v[3] - u[2] * v[0] - u[3] * v[1]) - C(1.7320508075688772) * (u[2] * v[4] - u[4] * v[2]));
        TAKE(2, + C(2.0) * (u[0] * v[1] - u[1] * v[0]) + u[2] * v[3] - u[3] * v[2]);
      }
      return;
    case 8:  // 3, 2, 1
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2), L(q, 3), L(q, 4)};
        TAKE(0, + (C(1.224744871391589) * u[0] - C(0.3162277660168379) * u[4]) * v[0] + (C(1.224744871391589) * u[1] - C(0.3162277660168379) * u[5]) * v[1] + (u[2] - C(0.7745966692414834) * u[6]) * v[2] + u[3] * v[3] + C(1.0954451150103321) * u[4] * v[4]);
        TAKE(1, - (C(1.224744871391589) * u[0] + C(0.3162277660168379) * u[4]) * v[1] + (C(1.224744871391589) * u[1] + C(0.3162277660168379) * u[5]) * v[0] - (u[2] + C(0.7745966692414834) * u[6]) * v[3] + u[3] * v[2] + C(1.0954451150103321) * u[5] * v[4]);
        TAKE(2, + u[2] * v[0] + u[3] * v[1] + C(1.2649110640673515) * (u[4] * v[2] + u[5] * v[3]) + C(1.3416407864998738) * (u[6] * v[4]));
      }
      return;
    case 9:  // 3, 3, 1
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2), L(q, 3), L(q, 4), L(q, 5), L(q, 6)};
        TAKE(0, - (u[0] * v[3] - u[1] * v[2] + u[2] * v[1] - u[3] * v[0]) - C(1.2909944487358056) * (u[2] * v[5] - u[3] * v[4] + u[4] * v[3] - u[5] * v[2]) + C(2.0) * (u[5] * v[6] - u[6] * v[5]));
        TAKE(1, - (u[0] * v[2] + u[1] * v[3] - u[2] * v[0] - u[3] * v[1]) - C(1.2909944487358056) * (u[2] * v[4] + u[3] * v[5] - u[4] * v[2] - u[5] * v[3]) - C(2.0) * (u[4] * v[6] - u[6] * v[4]));
        TAKE(2, + C(2.4494897427831783) * (u[0] * v[1] - u[1] * v[0]) + C(1.6329931618554523) * (u[2] * v[3] - u[3] * v[2]) + C(0.8164965809277261) * (u[4] * v[5] - u[5] * v[4]));
      }
      return;
    default: __builtin_unreachable();
  }
}

INLINE void UNIT(2)(int32_t unit, const int height, const REAL *const *p,
                    const REAL *const *q, int64_t distance, const int masked,
                    NAME(mask) mask, UNIT_PARAMETERS) {
  switch (unit) {
    case 10:  // 1, 1, 2
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2)};
        const NAME(vec) v[] = {SCALE(L(q, 0)), SCALE(L(q, 1)), SCALE(L(q, 2))};
        TAKE_SCALED(0, + v[0] * u[0] - v[1] * u[1]);
        TAKE_SCALED(1, + v[1] * u[0] + v[0] * u[1]);
        TAKE_SCALED(2, + v[2] * u[0] + v[0] * u[2]);
        TAKE_SCALED(3, + v[2] * u[1] + v[1] * u[2]);
        TAKE_SCALED(4, - C(0.5773502691896257) * (u[0] * v[0] + u[1] * v[1]) + C(1.1547005383792515) * (u[2] * v[2]));
      }
      return;
    case 11:  // 2, 0, 2
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4)};
        const NAME(vec) v[] = {SCALE(L(q, 0))};
        TAKE_SCALED(0, + v[0] * u[0]);
        TAKE_SCALED(1, + v[0] * u[1]);
        TAKE_SCALED(2, + v[0] * u[2]);
        TAKE_SCALED(3, + v[0] * u[3]);
        TAKE_SCALED(4, + v[0] * u[4]);
      }
      return;
    case 12:  // 2, 1, 2
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4)};
        const NAME(vec) v[] = {SCALE(L(q, 0)), SCALE(L(q, 1)), SCALE(L(q, 2))};
        TAKE_SCALED(0, + C(2.0) * v[2] * u[1] - v[1] * u[2] - v[0] * u[3]);
        TAKE_SCALED(1, - C(2.0) * v[2] * u[0] + v[0] * u[2] - v[1] * u[3]);
        TAKE_SCALED(2, + v[1] * u[0] - v[0] * u[1] + v[2] * u[3] - C(1.7320508075688774) * v[1] * u[4]);
        TAKE_SCALED(3, + v[0] * u[0] + v[1] * u[1] - v[2] * u[2] + C(1.7320508075688774) * v[0] * u[4]);
        TAKE_SCALED(4, + C(1.7320508075688774) * (u[2] * v[1] - u[3] * v[0]));
      }
      return;
    case 13:  // 2, 2, 2
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2), L(q, 3), L(q, 4)};
        TAKE(0, - C(1.1547005383792517) * (u[0] * v[4] + u[4] * v[0]) + u[2] * v[2] - u[3] * v[3]);
        TAKE(1, - C(1.1547005383792517) * (u[1] * v[4] + u[4] * v[1]) + u[2] * v[3] + u[3] * v[2]);
        TAKE(2, + u[0] * v[2] + u[1] * v[3] + u[2] * v[0] + u[3] * v[1] + C(0.5773502691896258) * (u[2] * v[4] + u[4] * v[2]));
        TAKE(3, - (u[0] * v[3] - u[1] * v[2] - u[2] * v[1] + u[3] * v[0]) + C(0.5773502691896258) * (u[3] * v[4] + u[4] * v[3]));
        TAKE(4, - C(1.1547005383792517) * (u[0] * v[0] + u[1] * v[1] - u[4] * v[4]) + C(0.5773502691896258) * (u[2] * v[2] + u[3] * v[3]));
      }
      return;
    case 14:  // 3, 1, 2
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {SCALE(L(q, 0)), SCALE(L(q, 1)), SCALE(L(q, 2))};
        TAKE_SCALED(0, + (C(1.224744871391589) * u[0] - C(0.31622776601683794) * u[4]) * v[0] + (C(1.224744871391589) * u[1] + C(0.31622776601683794) * u[5]) * v[1] + u[2] * v[2]);
        TAKE_SCALED(1, - (C(1.224744871391589) * u[0] + C(0.31622776601683794) * u[4]) * v[1] + (C(1.224744871391589) * u[1] - C(0.31622776601683794) * u[5]) * v[0] + u[3] * v[2]);
        TAKE_SCALED(2, + v[0] * u[2] + v[1] * u[3] + C(1.2649110640673518) * v[2] * u[4] - C(0.7745966692414834) * v[0] * u[6]);
        TAKE_SCALED(3, - v[1] * u[2] + v[0] * u[3] + C(1.2649110640673518) * v[2] * u[5] - C(0.7745966692414834) * v[1] * u[6]);
        TAKE_SCALED(4, + C(1.0954451150103321) * (u[4] * v[0] + u[5] * v[1]) + C(1.3416407864998738) * (u[6] * v[2]));
      }
      return;
    case 15:  // 3, 2, 2
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2), L(q, 3), L(q, 4)};
        TAKE(0, - C(1.2909944487358056) * (u[0] * v[3] - u[1] * v[2]) + C(1.8257418583505534) * (u[3] * v[4]) - (u[4] * v[3] + u[5] * v[2]) + C(0.816496580927726) * (u[6] * v[1]));
        TAKE(1, - C(1.2909944487358056) * (u[0] * v[2] + u[1] * v[3]) - C(1.8257418583505534) * (u[2] * v[4]) + u[4] * v[2] - u[5] * v[3] - C(0.816496580927726) * (u[6] * v[0]));
        TAKE(2, + C(1.2909944487358056) * (u[0] * v[1] - u[1] * v[0]) - (u[4] * v[1] - u[5] * v[0]) + C(1.1547005383792515) * (u[5] * v[4]) - C(1.632993161855452) * (u[6] * v[3]));
        TAKE(3, + C(1.2909944487358056) * (u[0] * v[0] + u[1] * v[1]) + u[4] * v[0] + u[5] * v[1] - C(1.1547005383792515) * (u[4] * v[4]) + C(1.632993161855452) * (u[6] * v[2]));
        TAKE(4, + C(1.8257418583505534) * (u[2] * v[1] - u[3] * v[0]) + C(1.1547005383792515) * (u[4] * v[3] - u[5] * v[2]));
      }
      return;
    case 16:  // 3, 3, 2
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2), L(q, 3), L(q, 4), L(q, 5), L(q, 6)};
        TAKE(0, - (u[0] * v[4] + u[1] * v[5] + u[4] * v[0] + u[5] * v[1]) - C(2.0) * (u[2] * v[6] + u[6] * v[2]) + C(1.5491933384829668) * (u[4] * v[4] - u[5] * v[5]));
        TAKE(1, + u[0] * v[5] - u[1] * v[4] - u[4] * v[1] + u[5] * v[0] - C(2.0) * (u[3] * v[6] + u[6] * v[3]) + C(1.5491933384829668) * (u[4] * v[5] + u[5] * v[4]));
        TAKE(2, + C(1.5811388300841898) * (u[0] * v[2] + u[1] * v[3] + u[2] * v[0] + u[3] * v[1]) + C(1.224744871391589) * (u[2] * v[4] + u[3] * v[5] + u[4] * v[2] + u[5] * v[3]) + C(0.6324555320336759) * (u[4] * v[6] + u[6] * v[4]));
        TAKE(3, - C(1.5811388300841898) * (u[0] * v[3] - u[1] * v[2] - u[2] * v[1] + u[3] * v[0]) - C(1.224744871391589) * (u[2] * v[5] - u[3] * v[4] - u[4] * v[3] + u[5] * v[2]) + C(0.6324555320336759) * (u[5] * v[6] + u[6] * v[5]));
        TAKE(4, - C(2.2360679774997894) * (u[0] * v[0] + u[1] * v[1]) + C(1.3416407864998738) * (u[4] * v[4] + u[5] * v[5]) + C(1.7888543819998317) * (u[6] * v[6]));
      }
      return;
    default: __builtin_unreachable();
  }
}

INLINE void UNIT(3)(int32_t unit, const int height, const REAL *const *p,
                    const REAL *const *q, int64_t distance, const int masked,
                    NAME(mask) mask, UNIT_PARAMETERS) {
  switch (unit) {
    case 17:  // 2, 1, 3
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4)};
        const NAME(vec) v[] = {SCALE(L(q, 0)), SCALE(L(q, 1)), SCALE(L(q, 2))};
        TAKE_SCALED(0, + C(1.2247448713915892) * (u[0] * v[0] - u[1] * v[1]));
        TAKE_SCALED(1, + C(1.2247448713915892) * (u[0] * v[1] + u[1] * v[0]));
        TAKE_SCALED(2, + v[2] * u[0] + v[0] * u[2] - v[1] * u[3]);
        TAKE_SCALED(3, + v[2] * u[1] + v[1] * u[2] + v[0] * u[3]);
        TAKE_SCALED(4, - (C(0.31622776601683794) * u[0] - C(1.0954451150103324) * u[4]) * v[0] - C(0.31622776601683794) * u[1] * v[1] + C(1.2649110640673518) * u[2] * v[2]);
        TAKE_SCALED(5, + (C(0.31622776601683794) * u[0] + C(1.0954451150103324) * u[4]) * v[1] - C(0.31622776601683794) * u[1] * v[0] + C(1.2649110640673518) * u[3] * v[2]);
        TAKE_SCALED(6, - C(0.7745966692414834) * (u[2] * v[0] + u[3] * v[1]) + C(1.3416407864998738) * (u[4] * v[2]));
      }
      return;
    case 18:  // 2, 2, 3
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4)};
        const NAME(vec) v[] = {SCALE(L(q, 0)), SCALE(L(q, 1)), SCALE(L(q, 2)), SCALE(L(q, 3)), SCALE(L(q, 4))};
        TAKE_SCALED(0, + C(1.2909944487358056) * (u[0] * v[3] + u[1] * v[2] - u[2] * v[1] - u[3] * v[0]));
        TAKE_SCALED(1, - C(1.2909944487358056) * (u[0] * v[2] - u[1] * v[3] - u[2] * v[0] + u[3] * v[1]));
        TAKE_SCALED(2, + C(1.8257418583505538) * (u[1] * v[4] - u[4] * v[1]));
        TAKE_SCALED(3, - C(1.8257418583505538) * (u[0] * v[4] - u[4] * v[0]));
        TAKE_SCALED(4, + u[0] * v[3] - u[1] * v[2] + u[2] * v[1] - u[3] * v[0] + C(1.1547005383792515) * (u[3] * v[4] - u[4] * v[3]));
        TAKE_SCALED(5, + u[0] * v[2] + u[1] * v[3] - u[2] * v[0] - u[3] * v[1] - C(1.1547005383792515) * (u[2] * v[4] - u[4] * v[2]));
        TAKE_SCALED(6, - C(0.816496580927726) * (u[0] * v[1] - u[1] * v[0]) + C(1.632993161855452) * (u[2] * v[3] - u[3] * v[2]));
      }
      return;
    case 19:  // 3, 0, 3
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {SCALE(L(q, 0))};
        TAKE_SCALED(0, + v[0] * u[0]);
        TAKE_SCALED(1, + v[0] * u[1]);
        TAKE_SCALED(2, + v[0] * u[2]);
        TAKE_SCALED(3, + v[0] * u[3]);
        TAKE_SCALED(4, + v[0] * u[4]);
        TAKE_SCALED(5, + v[0] * u[5]);
        TAKE_SCALED(6, + v[0] * u[6]);
      }
      return;
    case 20:  // 3, 1, 3
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {SCALE(L(q, 0)), SCALE(L(q, 1)), SCALE(L(q, 2))};
        TAKE_SCALED(0, + C(2.449489742783178) * v[2] * u[1] - v[1] * u[2] - v[0] * u[3]);
        TAKE_SCALED(1, - C(2.449489742783178) * v[2] * u[0] + v[0] * u[2] - v[1] * u[3]);
        TAKE_SCALED(2, + u[0] * v[1] - u[1] * v[0] + C(1.6329931618554518) * (u[3] * v[2]) - C(1.2909944487358056) * (u[4] * v[1] + u[5] * v[0]));
        TAKE_SCALED(3, + u[0] * v[0] + u[1] * v[1] - C(1.6329931618554518) * (u[2] * v[2]) + C(1.2909944487358056) * (u[4] * v[0] - u[5] * v[1]));
        TAKE_SCALED(4, + (C(1.2909944487358056) * u[2] - C(2.0) * u[6]) * v[1] - C(1.2909944487358056) * u[3] * v[0] + C(0.8164965809277259) * u[5] * v[2]);
        TAKE_SCALED(5, + (C(1.2909944487358056) * u[2] + C(2.0) * u[6]) * v[0] + C(1.2909944487358056) * u[3] * v[1] - C(0.8164965809277259) * u[4] * v[2]);
        TAKE_SCALED(6, + C(2.0) * (u[4] * v[1] - u[5] * v[0]));
      }
      return;
    case 21:  // 3, 2, 3
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {SCALE(L(q, 0)), SCALE(L(q, 1)), SCALE(L(q, 2)), SCALE(L(q, 3)), SCALE(L(q, 4))};
        TAKE_SCALED(0, - C(2.23606797749979) * (u[0] * v[4]) + C(1.5811388300841898) * (u[2] * v[2] - u[3] * v[3]) - (u[4] * v[0] - u[5] * v[1]));
        TAKE_SCALED(1, - C(2.23606797749979) * (u[1] * v[4]) + C(1.5811388300841898) * (u[2] * v[3] + u[3] * v[2]) - (u[4] * v[1] + u[5] * v[0]));
        TAKE_SCALED(2, + (C(1.5811388300841898) * u[0] + C(1.2247448713915892) * u[4]) * v[2] + (C(1.5811388300841898) * u[1] - C(1.2247448713915892) * u[5]) * v[3] - C(2.0) * u[6] * v[0]);
        TAKE_SCALED(3, - (C(1.5811388300841898) * u[0] - C(1.2247448713915892) * u[4]) * v[3] + (C(1.5811388300841898) * u[1] + C(1.2247448713915892) * u[5]) * v[2] - C(2.0) * u[6] * v[1]);
        TAKE_SCALED(4, - (u[0] * v[0] + u[1] * v[1]) + C(1.2247448713915892) * (u[2] * v[2] + u[3] * v[3]) + C(1.5491933384829668) * (u[4] * v[0] + u[5] * v[1]) + C(1.3416407864998738) * (u[4] * v[4]) + C(0.6324555320336759) * (u[6] * v[2]));
        TAKE_SCALED(5, + u[0] * v[1] - u[1] * v[0] - C(1.2247448713915892) * (u[2] * v[3] - u[3] * v[2]) + C(1.5491933384829668) * (u[4] * v[1] - u[5] * v[0]) + C(1.3416407864998738) * (u[5] * v[4]) + C(0.6324555320336759) * (u[6] * v[3]));
        TAKE_SCALED(6, - C(2.0) * (u[2] * v[0] + u[3] * v[1]) + C(0.6324555320336759) * (u[4] * v[2] + u[5] * v[3]) + C(1.7888543819998322) * (u[6] * v[4]));
      }
      return;
    case 22:  // 3, 3, 3
      UNROLL
      for (int r = 0; r < height; r++) {
        const NAME(vec) u[] = {L(p, 0), L(p, 1), L(p, 2), L(p, 3), L(p, 4), L(p, 5), L(p, 6)};
        const NAME(vec) v[] = {L(q, 0), L(q, 1), L(q, 2), L(q, 3), L(q, 4), L(q, 5), L(q, 6)};
        TAKE(0, - v[6] * u[1] + v[5] * u[2] + v[4] * u[3] - v[3] * u[4] - v[2] * u[5] + v[1] * u[6]);
        TAKE(1, + v[6] * u[0] - v[4] * u[2] + v[5] * u[3] + v[2] * u[4] - v[3] * u[5] - v[0] * u[6]);
        TAKE(2, - v[5] * u[0] + v[4] * u[1] + v[6] * u[3] - v[1] * u[4] + v[0] * u[5] - v[3] * u[6]);
        TAKE(3, - v[4] * u[0] - v[5] * u[1] - v[6] * u[2] + v[0] * u[4] + v[1] * u[5] + v[2] * u[6]);
        TAKE(4, + v[3] * u[0] - v[2] * u[1] + v[1] * u[2] - v[0] * u[3] + v[6] * u[5] - v[5] * u[6]);
        TAKE(5, + v[2] * u[0] + v[3] * u[1] - v[0] * u[2] - v[1] * u[3] - v[6] * u[4] + v[4] * u[6]);
        TAKE(6, - v[1] * u[0] + v[0] * u[1] + v[3] * u[2] - v[2] * u[3] + v[5] * u[4] - v[4] * u[5]);
      }
      return;
    default: __builtin_unreachable();
  }
}

#undef C
#undef L
