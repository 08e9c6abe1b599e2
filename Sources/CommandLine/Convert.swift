public import ArgumentParser
internal import E3xEngine
internal import E3xFiles
public import E3xNN
internal import OrderedCollections

/// A floating-point type as the command line names it: as ``DType`` does.
enum StoredType: String, CaseIterable, ExpressibleByArgument {
  case float16, bfloat16, float32, float64
}

/// `e3x convert`: parameters from one file format to another.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert parameters between safetensors, Flax and NumPy files.",
    discussion: """
      Formats go by the extension: .safetensors, .msgpack (flax.serialization.to_bytes) and .npz \
      (numpy.savez). A model written by 'e3x train' keeps its configuration and element energies \
      when it becomes safetensors again; the other formats hold its parameters alone. To make a \
      model of parameters that come back from Python, name the model they belong to with \
      --metadata-from. Beside the parameters a checkpoint may hold whatever it likes: it is left \
      out, and said. With --dtype, numbers are rounded once, to the nearest.
      """)

  @Argument(
    help: "The file to read, - for standard input; an unknown extension is read by its contents.")
  var input: String
  @Argument(help: "The file to write, or - for standard output.")
  var output: String
  @Option(help: "float16, bfloat16, float32 or float64; as they are if not given.")
  var dtype: StoredType?
  @Option(help: "What to write: safetensors, msgpack or npz; by the extension if not given.")
  var format: ParameterFileFormat?
  @Flag(inversion: .prefixedNo, help: "Write the parameters below the root 'params', as e3x does.")
  var root = true
  @Option(help: "A model (safetensors) whose configuration and element energies to copy.")
  var metadataFrom: String?

  func run() throws {
    let keepsMetadata = (format ?? ParameterFileFormat(path: output)) == .safetensors
    if metadataFrom != nil && !keepsMetadata {
      throw ValidationError("--metadata-from needs an output in .safetensors")
    }
    try ParameterFile.checkWritable(output, format: format)
    var file = try ParameterFile(contentsOf: input)
    if let dtype { file = try file.converted(to: DType(rawValue: dtype.rawValue)!) }
    if let metadataFrom {
      file.metadata = try SafetensorsFile(contentsOf: metadataFrom).metadata
    }
    try file.write(to: output, format: format, hasRoot: root)

    let count = file.tensors.values.reduce(0) { $0 + $1.bytes.count / $1.dtype.size }
    say("wrote \(file.tensors.count) tensors of \(count) parameters to \(OutputFile.name(output))")
    if !file.metadata.isEmpty {
      let keys = file.metadata.keys.sorted().joined(separator: ", ")
      say(keepsMetadata ? "with metadata: \(keys)" : "without metadata: \(keys)")
    }
    if !file.reasons.isEmpty {
      let listed = file.reasons.prefix(10).map { "\(quoted($0)) (\($1))" }.joined(separator: ", ")
      let more = file.reasons.count > 10 ? ", …" : ""
      say("left out \(file.reasons.count) entries that are no parameters: \(listed)\(more)")
    }
  }

  /// Prints a line, to standard error where the parameters go to standard output.
  private func say(_ line: String) {
    if OutputFile.isStandardOutput(output) { StandardError.print(line) } else { print(line) }
  }
}

extension ParameterFileFormat: ExpressibleByArgument {}
