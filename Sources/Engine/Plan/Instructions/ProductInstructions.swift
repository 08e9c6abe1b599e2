// Linear maps, products with blocks, and functions of points.

extension Instruction {
  /// A linear map of the features of each component, with the weights of the component's block.
  struct Linear: BitwiseCopyable {
    /// Rows of components, perhaps apart, of contiguous features.
    var source: Operand
    var weights: Operand
    /// Factors [outputs] of the result, if there are any.
    var scale: Operand?
    var result: Operand
    /// Whether the kernel adds to what the result holds already.
    var isAdded = false
    var components: Int
    var inputs: Int
    var outputs: Int
    /// Elements from a component of the source to the next.
    var componentStride: Int
    /// The block of each component; -1 for none.
    var blocks: UnsafePointer<Int32>
  }

  /// The derivative of linear maps to their weights, summed over all rows.
  struct LinearWeights: BitwiseCopyable {
    /// The map's operand and the cotangent of its result.
    var source: Operand
    var cotangent: Operand
    var sink: Operand
    /// The sum of a tile.
    var scratch: Operand
    var components: Int
    var inputs: Int
    var outputs: Int
    /// Elements from a component to the next, of the source and of the cotangent.
    var sourceStride: Int
    var cotangentStride: Int
    var blockCount: Int
    var blocks: UnsafePointer<Int32>

    /// The elements of the result.
    var count: Int { blockCount * inputs * outputs }
  }

  /// The form Σ y[c] h[block[c], f] g[c, f], opened at one of the three.
  struct BlockProduct: BitwiseCopyable {
    /// Which one: 0, 1 or 2.
    var opened: Int
    /// The other two, in order.
    var a: Operand
    var b: Operand
    var result: Operand
    /// Whether the kernel adds to what the result holds already.
    var isAdded = false
    var components: Int
    var blockCount: Int
    var features: Int
    var blocks: UnsafePointer<Int32>

    /// The elements of a row of each of the three.
    var widths: (y: Int, h: Int, g: Int) {
      (components, blockCount * features, components * features)
    }
  }

  /// Polynomials of points of three coordinates.
  struct Polynomial: BitwiseCopyable {
    var kernel: UnsafePointer<PolynomialKernel>
    var points: Operand
    /// Of sums of polynomials, the weights of a row.
    var weights: Operand?
    var result: Operand
    var scratch: Operand
  }

  /// Lengths or directions of vectors of three components.
  struct Vectors: BitwiseCopyable {
    enum Kernel: BitwiseCopyable {
      case length
      /// Vectors are divided by their length if it is above this.
      case direction(above: Double)
    }
    var kernel: Kernel
    var source: Operand
    var result: Operand
  }
}
