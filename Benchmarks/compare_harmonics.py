"""Times harmonics here and in sphericart in turn, on one core.

Usage: OMP_NUM_THREADS=1 python compare_harmonics.py PROGRAM   (pip install sphericart)
where PROGRAM is Benchmarks/.build/release/Benchmarks. Prints medians in nanoseconds a point.
"""

import json
import os
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import numpy
import sphericart

POINTS, ROUNDS = 100_000, 5


def seconds(call):
    call()
    times = []
    while len(times) < 5 or sum(times) < 0.5:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return sorted(times)[len(times) // 2]


results = {}
for _ in range(ROUNDS):
    for degree in 3, 6:
        for dtype in "float32", "float64":
            xyz = numpy.random.default_rng(0).normal(size=(POINTS, 3)).astype(dtype)
            for name, kind in ("solid", sphericart.SolidHarmonics), (
                "spherical",
                sphericart.SphericalHarmonics,
            ):
                harmonics = kind(degree)
                for what, call in (
                    ("values", harmonics.compute),
                    ("values and gradient", harmonics.compute_with_gradients),
                ):
                    key = (name, what, degree, dtype)
                    value = 1e9 * seconds(lambda: call(xyz)) / POINTS
                    results.setdefault(key, ([], []))[1].append(value)
    output = subprocess.run(
        [sys.argv[1], "harmonics", "--points", str(POINTS)],
        env=dict(os.environ, E3X_THREADS="1"),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for line in map(json.loads, output.splitlines()):
        key = (line["function"], line["what"], line["degree"], line["dtype"])
        results[key][0].append(line["ns_per_point"])

print("| function | what | degree | type | sphericart | this project | ratio |")
print("|---|---|---|---|---|---|---|")
for key, (ours, theirs) in results.items():
    a, b = sorted(ours)[len(ours) // 2], sorted(theirs)[len(theirs) // 2]
    print("|", " | ".join(map(str, key)), f"| {b:.1f} | {a:.1f} | {a / b:.2f} |")
