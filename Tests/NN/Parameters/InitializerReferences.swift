import E3xNN

/// What `jax.nn.initializers` draw from `jax.random.PRNGKey(5)` in float32 (JAX 0.10.2).
struct InitializerReference: Sendable, CustomStringConvertible {
  let description: String
  let initializer: Initializer
  let shape: [Int]
  let values: [Double]

  static let all: [InitializerReference] = [
    .init(
      description: "normal", initializer: .normal(),
      shape: [3, 4],
      values: [
        -0.000843730639, 0.014110229, 0.00630481541, -0.0131009733, 0.0136893149, 0.00461358484,
        -0.02123845, -0.0160587225, -0.00837266911, -0.00168425031, -0.0316519514, -0.00287067611,
      ]),
    .init(
      description: "wide normal", initializer: .normal(0.7),
      shape: [3, 4],
      values: [
        -0.0590611435, 0.987716019, 0.441337079, -0.917068124, 0.958252072, 0.322950959,
        -1.48669159, -1.12411058, -0.58608681, -0.117897525, -2.21563673, -0.200947329,
      ]),
    .init(
      description: "truncated normal", initializer: .truncatedNormal(0.3, lower: -1, upper: 1.5),
      shape: [3, 4],
      values: [
        0.014958729, 0.340643048, 0.182546228, -0.219388589, 0.333643138, 0.143321723,
        -0.284241021, -0.251846999, -0.144933149, -0.00441704597, -0.299256831, -0.031320937,
      ]),
    .init(
      description: "uniform", initializer: .uniform(0.25),
      shape: [3, 4],
      values: [
        0.11659497, 0.230220258, 0.18395254, 0.0237703621, 0.228622407, 0.169432312, 0.0042103827,
        0.0135377347, 0.0503053069, 0.108281106, 0.000193715096, 0.096757561,
      ]),
    .init(
      description: "glorot uniform", initializer: .glorotUniform,
      shape: [3, 4],
      values: [
        -0.0622523651, 0.77932024, 0.436635584, -0.749763489, 0.767485678, 0.329090625,
        -0.894635677, -0.825552046, -0.553230822, -0.123829506, -0.924385369, -0.209179342,
      ]),
    .init(
      description: "glorot normal", initializer: .glorotNormal,
      shape: [3, 4],
      values: [
        -0.0489330441, 0.784792364, 0.363388181, -0.734123588, 0.763865411, 0.26672253,
        -1.07222378, -0.877183616, -0.47995162, -0.0976488739, -1.20712817, -0.166299134,
      ]),
    .init(
      description: "xavier uniform", initializer: .xavierUniform,
      shape: [2, 5],
      values: [
        -0.0622523651, 0.77932024, 0.436635584, -0.749763489, 0.767485678, 0.329090625,
        -0.894635677, -0.825552046, -0.553230822, -0.123829506,
      ]),
    .init(
      description: "xavier normal", initializer: .xavierNormal,
      shape: [2, 5],
      values: [
        -0.0489330441, 0.784792364, 0.363388181, -0.734123588, 0.763865411, 0.26672253,
        -1.07222378, -0.877183616, -0.47995162, -0.0976488739,
      ]),
    .init(
      description: "lecun uniform", initializer: .lecunUniform,
      shape: [3, 4],
      values: [
        -0.0672402382, 0.841762066, 0.471620321, -0.809837103, 0.828979254, 0.355458498,
        -0.966316938, -0.891698122, -0.597557545, -0.133751154, -0.998450279, -0.225939512,
      ]),
    .init(
      description: "lecun normal", initializer: .lecunNormal,
      shape: [3, 4],
      values: [
        -0.0528537296, 0.847672641, 0.392504096, -0.792944074, 0.825068951, 0.288093269,
        -1.15813398, -0.947466612, -0.518406987, -0.10547284, -1.30384743, -0.179623589,
      ]),
    .init(
      description: "he uniform", initializer: .heUniform,
      shape: [3, 4],
      values: [
        -0.0950920582, 1.19043136, 0.666971862, -1.14528263, 1.17235363, 0.502694249, -1.36657846,
        -1.26105154, -0.845073998, -0.189152688, -1.41202188, -0.319526702,
      ]),
    .init(
      description: "he normal", initializer: .heNormal,
      shape: [3, 4],
      values: [
        -0.0747464672, 1.19879019, 0.555084646, -1.12139237, 1.16682374, 0.407425433, -1.63784897,
        -1.33992028, -0.733138263, -0.14916113, -1.8439188, -0.254026145,
      ]),
    .init(
      description: "kaiming uniform", initializer: .kaimingUniform,
      shape: [2, 5],
      values: [
        -0.116463505, 1.45797467, 0.816870332, -1.40267897, 1.43583417, 0.615672171, -1.67370999,
        -1.54446638, -1.03499997, -0.231663793,
      ]),
    .init(
      description: "kaiming normal", initializer: .kaimingNormal,
      shape: [2, 5],
      values: [
        -0.0915453508, 1.46821213, 0.679837108, -1.37341952, 1.42906141, 0.498992205, -2.00594711,
        -1.64106047, -0.897907376, -0.182684332,
      ]),
    .init(
      description: "variance scaling",
      initializer: .varianceScaling(0.1, .fanAverage, .normal, inputAxis: 0, outputAxis: 1),
      shape: [3, 2, 2],
      values: [
        -0.0119321523, 0.199548766, 0.0891635492, -0.185275733, 0.19359614, 0.0652459413,
        -0.300357044, -0.227104619, -0.118407413, -0.0238188952, -0.447626173, -0.040597491,
      ]),
    .init(
      description: "fan out", initializer: .varianceScaling(0.3, .fanOut, .truncatedNormal),
      shape: [2, 3, 2],
      values: [
        -0.0250707269, 0.402086467, 0.186181054, -0.376126438, 0.391364604, 0.136654645,
        -0.549351275, -0.449422926, -0.245902061, -0.0500301681, -0.618469179, -0.0852029622,
      ]),
    .init(
      description: "orthogonal, tall", initializer: .orthogonal(1.5),
      shape: [2, 3, 4],
      values: [
        -0.0416609645, 1.1718303, 0.121036813, 0.281815648, 0.675939977, 0.583377242,
        -0.829931498, -0.0426600091, -0.413418889, -0.261361837, -1.17747498, -0.39715302,
        0.234535038, -0.0473507196, 0.390905768, -1.21418417, -0.436967134, 0.670587301,
        0.0830359682, -0.720814109, 1.1723938, -0.127457514, 0.0203335006, -0.131199569,
      ]),
    .init(
      description: "orthogonal, wide", initializer: .orthogonal(),
      shape: [2, 4],
      values: [
        -0.0323810577, 0.241968781, 0.525374174, -0.815097928, 0.642727435, -0.708439708,
        -0.072329022, -0.282459497,
      ]),
    .init(
      description: "zeros", initializer: .zeros,
      shape: [2, 2],
      values: [
        0, 0, 0, 0,
      ]),
    .init(
      description: "ones", initializer: .ones,
      shape: [2, 2],
      values: [
        1, 1, 1, 1,
      ]),
    .init(
      description: "constant", initializer: .constant(0.1),
      shape: [2, 2],
      values: [
        0.100000001, 0.100000001, 0.100000001, 0.100000001,
      ]),
  ]
}
