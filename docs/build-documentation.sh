#!/usr/bin/env bash
# Builds the documentation of the package as a web page, without a plug-in: everything that
# `import E3x` makes visible, under one module. Warnings, broken links among them, are errors.
#
#   docs/build-documentation.sh [OUTPUT]     default: .build/documentation
set -euo pipefail
cd "$(dirname "$0")/.."
output=${1:-.build/documentation}

swift build -c release --product e3x
bin=$(swift build -c release --show-bin-path)
graphs=$(mktemp -d)
trap 'rm -rf "$graphs"' EXIT

# Symbols live in the modules under E3x, which re-exports them.
target=$(swift -print-target-info | sed -n 's/^ *"unversionedTriple" *: *"\(.*\)",*$/\1/p')
maps=$(find -L "$bin/E3xCKernels.build" .build/checkouts/*/Sources/*/include -name module.modulemap)
swift-symbolgraph-extract -module-name E3x -I "$bin/Modules" $(printf -- '-Xcc -fmodule-map-file=%s ' $maps) \
  -target "$target" -minimum-access-level public -skip-synthesized-members \
  -experimental-allowed-reexported-modules=E3xBundledData,E3xEngine,E3xExact,E3xSO3,E3xNN,E3xFiles,E3xPotentials,E3xSimulation \
  -output-dir "$graphs"
docc convert Sources/E3x/E3x.docc --additional-symbol-graph-dir "$graphs" \
  --fallback-display-name E3x --fallback-bundle-identifier swift-e3x.E3x \
  --warnings-as-errors --output-path "$output"
echo "wrote $output"
