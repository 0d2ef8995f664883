#!/usr/bin/env bash
# Counts the ARM instructions of one inference: `edge-app bench` under QEMU with one run and with two, the difference.
#
#     benches/arm/count.sh [BUNDLE]
#
# EDGE_APP=FILE takes that program instead of building it.
#
# Needs Debian's qemu-user (not -static: that one takes no plugins), gcc and gcc-aarch64-linux-gnu. Counts are exact, and
# say nothing about how long an instruction takes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bundle=$(realpath "${1:-models/demo}")
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/arm"
plugin=$(realpath "$target/arm")/libcount.so
gcc -O2 -shared -fPIC -o "$plugin" benches/arm/count_instructions.c
if [ -z "${EDGE_APP:-}" ]; then
    cargo build --quiet --release --target aarch64-unknown-linux-gnu -p edge-app
    EDGE_APP=$target/aarch64-unknown-linux-gnu/release/edge-app
fi
program=$(realpath "$EDGE_APP")

count() { # PROCESSOR RUNS
    # The size of the environment moves the count, and one thread waits for no other.
    env -i qemu-aarch64 -cpu "$1" -L /usr/aarch64-linux-gnu -plugin "$plugin" \
        "$program" bench --bundle "$bundle" --threads 1 --runs "$2" 2>&1 >/dev/null | sed -n 's/^guest instructions: //p'
}

echo "| processor | instructions of one inference |"
echo "| --- | --- |"
for processor in ${PROCESSORS:-cortex-a53 cortex-a72 cortex-a76}; do
    # One run more is two inferences more: the second is timed layer by layer.
    echo "| $processor | $((($(count "$processor" 2) - $(count "$processor" 1)) / 2)) |"
done
