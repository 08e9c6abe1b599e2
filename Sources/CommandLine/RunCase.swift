internal import ArgumentParser
internal import E3xConformance
internal import E3xEngine
internal import E3xFiles
internal import E3xNN
internal import Foundation

/// `e3x run`: evaluates one call, so that layers can be driven from any language.
struct RunCase: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Evaluate one operation from a file of arguments and parameters.",
    discussion: """
      The file is in the format of golden cases: metadata 'op', 'config' and 'static', tensors \
      'arg.NAME' and 'params.PATH'. Writes the results as 'out.I' and, where there are \
      'cotangent.I', the gradients of the sum of their products with the results as \
      'grad.arg.NAME' and 'grad.params.PATH'.
      """)

  @Argument(help: "A safetensors file.")
  var file: String
  @Option(name: .shortAndLong, help: "The safetensors file to write.")
  var output: String
  @Option(help: "float32 or float64.")
  var dtype = FloatType.float64

  func run() throws {
    let evaluation = try CaseEvaluation(Case(file, dtype: dtype.dtype))
    try evaluate(evaluation.outputs + evaluation.gradients.values)
    var tensors: [String: SafetensorsTensor] = [:]
    for (index, tensor) in evaluation.outputs.enumerated() {
      tensors["out.\(index)"] = try SafetensorsTensor(tensor)
    }
    for (name, tensor) in evaluation.gradients {
      tensors["grad.\(name)"] = try SafetensorsTensor(tensor)
    }
    try SafetensorsFile.write(tensors, to: output)
  }
}
