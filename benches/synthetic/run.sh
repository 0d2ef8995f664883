#!/bin/bash
# The synthetic benchmark: prints the table of README.md beside this script. benches/synthetic/run.sh [FOLDER]
# 1,000 people train, 150 calibrate, 500 test; nobody of them exists. The same command goes on after an interruption.
set -euo pipefail
out=${1:-benchmark}
recipe=$(dirname "$0")/recipe.toml
mkdir -p "$out"
if [ ! -e "$out/data/dataset.json" ]; then
    host-trainer synth --out "$out/data" --subjects-per-class 99 --photos-per-subject 1 --negatives 462 --seed 11 \
        --split 0.6061,0.0909,0.3030
fi
# People who do not exist are different people, however alike two of them look: so the search for copies may not stop it.
if [ -e "$out/run/last.safetensors" ]; then
    host-trainer train --data "$out/data" --run "$out/run" --resume --allow-leaks >&2
else
    host-trainer train --data "$out/data" --run "$out/run" --config "$recipe" --allow-leaks >&2
fi
host-trainer baselines --data "$out/data" --run "$out/run" --set-2018 epochs=4
