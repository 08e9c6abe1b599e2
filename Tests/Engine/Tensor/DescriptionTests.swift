import E3xEngine
import Testing

/// Texts of tensors. The elements are as numpy 2.4.6 writes them, with commas:
/// `np.array2string(x, separator=", ")`.
@Suite struct DescriptionTests {
  @Test func numbers() throws {
    for (tensor, text) in [
      (try Tensor([[1, 2.5], [-3, 4]]), "[[ 1. ,  2.5],\n [-3. ,  4. ]] float32 [2, 2]"),
      (Tensor([0.1, 0.25, 1.0 / 3]), "[0.1       , 0.25      , 0.33333334] float32 [3]"),
      (
        Tensor([0.1, 0.25, 1.0 / 3] as [Double]),
        "[0.1       , 0.25      , 0.33333333] float64 [3]"
      ),
      (Tensor([1e10, 2.5, 0]), "[1.0e+10, 2.5e+00, 0.0e+00] float32 [3]"),
      (Tensor([1e-5, 2.5e-5] as [Double]), "[1.0e-05, 2.5e-05] float64 [2]"),
      (Tensor([.nan, .infinity, -.infinity, 1.5]), "[ nan,  inf, -inf,  1.5] float32 [4]"),
      (Tensor([1, -20, 300], dtype: .int32), "[  1, -20, 300] int32 [3]"),
      (Tensor([true, false]), "[ true, false] bool [2]"),
      (Tensor(2.5), "2.5 float32 []"),
      (try Tensor([], shape: [0, 3]), "[] float32 [0, 3]"),
      (try Tensor([], shape: [2, 0]), "[] float32 [2, 0]"),
      (Tensor([123456.78, 0.1]), "[1.2345678e+05, 1.0000000e-01] float32 [2]"),
      (Tensor([1000, 1]), "[1000.,    1.] float32 [2]"),
      (Tensor([99_999_999, 1e8] as [Double]), "[9.9999999e+07, 1.0000000e+08] float64 [2]"),
      (Tensor([0.1], dtype: .float16), "[0.1] float16 [1]"),
      (Tensor([-0.0, 1]), "[-0.,  1.] float32 [2]"),
      (Tensor([1e300, 1e-300] as [Double]), "[1.e+300, 1.e-300] float64 [2]"),
      (Tensor([123_456_789, 1] as [Double]), "[1.23456789e+08, 1.00000000e+00] float64 [2]"),
      (Tensor([.nan, 1e10]), "[   nan, 1.e+10] float32 [2]"),
    ] {
      #expect(tensor.description == text)
    }
  }

  @Test func lines() throws {
    let long = try Tensor.iota([40], dtype: .float32)
    #expect(
      long.description == """
        [ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13., 14.,
         15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27., 28., 29.,
         30., 31., 32., 33., 34., 35., 36., 37., 38., 39.] float32 [40]
        """)
    let wide = try Tensor.iota([200]).reshaped(to: [4, 50])[0..<1] * 100
    #expect(
      wide.description == """
        [[   0,  100,  200,  300,  400,  500,  600,  700,  800,  900, 1000, 1100,
          1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900, 2000, 2100, 2200, 2300,
          2400, 2500, 2600, 2700, 2800, 2900, 3000, 3100, 3200, 3300, 3400, 3500,
          3600, 3700, 3800, 3900, 4000, 4100, 4200, 4300, 4400, 4500, 4600, 4700,
          4800, 4900]] int32 [1, 50]
        """)
    let blocks = try Tensor.iota([8], dtype: .float64).reshaped(to: [2, 2, 2])
    #expect(
      blocks.description == """
        [[[0., 1.],
          [2., 3.]],

         [[4., 5.],
          [6., 7.]]] float64 [2, 2, 2]
        """)
  }

  @Test func longAxesAreShortened() throws {
    #expect(
      try Tensor.iota([2000]).description
        == "[   0,    1,    2, ..., 1997, 1998, 1999] int32 [2000]")
    #expect(
      try Tensor.iota([2000], dtype: .float32).reshaped(to: [1000, 2]).description == """
        [[0.000e+00, 1.000e+00],
         [2.000e+00, 3.000e+00],
         [4.000e+00, 5.000e+00],
         ...,
         [1.994e+03, 1.995e+03],
         [1.996e+03, 1.997e+03],
         [1.998e+03, 1.999e+03]] float32 [1000, 2]
        """)
    let blocks = try Tensor.iota([1200]).reshaped(to: [10, 2, 60]).description
    #expect(
      blocks.hasPrefix(
        "[[[   0,    1,    2, ...,   57,   58,   59],\n  [  60,   61,   62, ...,  117,  118,  119]],\n\n ["
      ))
    #expect(blocks.contains("]],\n\n ...,\n\n [[ 840,"))
  }

  @Test func whatHasNoElements() throws {
    var texts: [String] = []
    _ = try CompiledFunction([TensorSpecification([.rows("atoms"), 3]), TensorSpecification([2])]) {
      texts = $0.map(\.description)
      return $0
    }
    #expect(texts[0] == "float32 [atoms, 3]")
    #expect(texts[1].hasPrefix("float32 [2], evaluate of [2]: depends on arguments"))
    let bad = try Tensor([1, 2]).gathered(at: Tensor([5], dtype: .int32))
    #expect(bad.description.contains("index 5 at position 0 is outside"))
  }
}
