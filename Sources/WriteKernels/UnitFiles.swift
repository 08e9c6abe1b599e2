import E3xExact

/// The C files of all units up to a degree.
package enum UnitFiles {
  /// Units of higher degrees take more registers than there are, and gain little over the kernel of
  /// tables.
  package static let maxDegree = 3

  private static let note = """
    // Written by WriteKernels from exact Clebsch-Gordan coefficients; not to be edited.
    """

  /// `UnitTable.h`: degrees and coefficients, to recognise units by.
  package static func table() -> String {
    let units = Unit.all(maxDegree: maxDegree)
    var start = 0
    var heads = ""
    var terms = ""
    for unit in units {
      heads += "    {{\(list(unit.degrees))}, \(start)},\n"
      start += unit.terms.count
      terms += "    // \(list(unit.degrees))\n"
      for term in unit.terms {
        terms += "    {\(term.first), \(term.second), \(term.third), \(term.value)},\n"
      }
    }
    return """
      \(note)

      #define UNIT_DEGREE \(maxDegree)
      #define UNIT_COUNT \(units.count)

      // Degrees of the operands and of the result, and where the terms begin.
      static const struct {
        int8_t degree[3];
        int16_t start;
      } units[UNIT_COUNT + 1] = {
      \(heads)    {{0, 0, 0}, \(start)},
      };

      // Components of the operands and of the result, and the coefficient.
      static const struct {
        int8_t index[3];
        double value;
      } unit_terms[\(start)] = {
      \(terms)};

      """
  }

  /// `UnitKernels.h`: the units that result in one degree, as cases of a function.
  package static func kernels() -> String {
    let units = Unit.all(maxDegree: maxDegree).enumerated()
    var text = """
      \(note)
      //
      // For rows r < height of operands p and q, whose components lie `distance` elements apart,
      // TAKE(k, value) takes each component k of a unit; or TAKE_SCALED does, where the second
      // operand is SCALE of what it is. UNIT(degree) names the functions, with UNIT_PARAMETERS for
      // what these need.

      #define C(value) NAME(splat)((REAL)(value))
      #define L(p, n) NAME(load_some)(p[r] + n * distance, masked, mask)

      """
    for degree in 0...maxDegree {
      text += """

        INLINE void UNIT(\(degree))(int32_t unit, const int height, const REAL *const *p,
                            const REAL *const *q, int64_t distance, const int masked,
                            NAME(mask) mask, UNIT_PARAMETERS) {
          switch (unit) {

        """
      for (number, unit) in units where unit.degrees[2] == degree {
        text += """
              case \(number):  // \(list(unit.degrees))
                UNROLL
                for (int r = 0; r < height; r++) {
                  const NAME(vec) u[] = {\(loads("p", unit.degrees[0]))};
                  const NAME(vec) v[] = {\(loads(
                    "q", unit.degrees[1], of: unit.scalesOperand ? "SCALE" : ""))};

          """
        let take = unit.scalesOperand ? "TAKE_SCALED" : "TAKE"
        for component in 0...2 * degree {
          text += "        \(take)(\(component), \(unit.expression(component: component)));\n"
        }
        text += """
                }
                return;

          """
      }
      text += """
            default: __builtin_unreachable();
          }
        }

        """
    }
    return text + """

      #undef C
      #undef L

      """
  }

  private static func list(_ degrees: [Int]) -> String {
    degrees.map { String($0) }.joined(separator: ", ")
  }

  private static func loads(_ pointer: String, _ degree: Int, of name: String = "") -> String {
    (0...2 * degree).map {
      let load = "L(\(pointer), \($0))"
      return name.isEmpty ? load : "\(name)(\(load))"
    }.joined(separator: ", ")
  }
}
