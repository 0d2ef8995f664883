#!/usr/bin/env bash
# Counts the ARM instructions of one inference of the same network in ncnn and onnxruntime, under QEMU, one thread.
#
#     benches/arm/peers.sh PYTHON [BUNDLE]
#
# PYTHON has the packages of benches/peers/requirements.txt: it writes the peers' forms of the network. Their aarch64 builds and a
# Python for them are fetched as packages into target/arm and unpacked; nothing is installed. Needs Debian's qemu-user and gcc.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
host_python=$(realpath -s "$1")
bundle=$(realpath "${2:-models/demo}")
here=$(realpath benches/arm)
mkdir -p "${CARGO_TARGET_DIR:-target}/arm"
folder=$(realpath "${CARGO_TARGET_DIR:-target}/arm")
plugin=$folder/libcount.so
gcc -O2 -shared -fPIC -o "$plugin" benches/arm/count_instructions.c

# Debian 12's Python 3.11 for arm64, by a configuration of apt's own.
if [ ! -e "$folder/python/.whole" ]; then
    . tests/vm/arm64.sh
    use_arm64 "$folder/python"
    unpack_arm64 "$folder/python" python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libexpat1 zlib1g libffi8 \
        libssl3 libbz2-1.0 liblzma5 libc6 libstdc++6 libgcc-s1 libgomp1 libuuid1
    touch "$folder/python/.whole"
fi
system=$folder/python/root
# onnxruntime: later wheels crash when this QEMU's user emulation loads them.
if [ ! -e "$folder/site/.whole" ]; then
    "$host_python" -m pip download -q --no-deps --only-binary=:all: --python-version 311 --dest "$folder/wheels" \
        --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 \
        ncnn==1.0.20261020 numpy==2.4.6 onnxruntime==1.23.2
    for wheel in "$folder"/wheels/*.whl; do "$host_python" -m zipfile -e "$wheel" "$folder/site"; done
    touch "$folder/site/.whole"
fi

"$host_python" "$here/peers.py" write "$bundle/model.onnx" "$folder/forms"

count() { # PROCESSOR ENGINE RUNS
    # The size of the environment moves the count, and one thread waits for no other.
    env -i PYTHONHOME="$system/usr" PYTHONPATH="$folder/site" PYTHONHASHSEED=0 OMP_NUM_THREADS=1 \
        qemu-aarch64 -cpu "$1" -L "$system" -plugin "$plugin" \
        "$system/usr/bin/python3.11" "$here/peers.py" run "$2" "$folder/forms" "$3" 2>&1 >/dev/null |
        sed -n 's/^guest instructions: //p'
}

echo "| processor | engine | instructions of one inference |"
echo "| --- | --- | --- |"
for processor in ${PROCESSORS:-cortex-a53 cortex-a72 cortex-a76}; do
    for engine in ${ENGINES:-ncnn onnxruntime}; do
        # The first time, Python compiles what it imports.
        [ -e "$folder/site/.compiled-$engine" ] || { count "$processor" "$engine" 1 >/dev/null; touch "$folder/site/.compiled-$engine"; }
        one=$(count "$processor" "$engine" 1)
        two=$(count "$processor" "$engine" 2)
        echo "| $processor | $engine | $([ -n "$one" ] && [ -n "$two" ] && echo $((two - one)) || echo "did not run") |"
    done
done
