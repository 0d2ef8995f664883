"""Mends the face detector's ONNX file so that every runtime reads it alike.

Usage: python mend.py ORIGINAL.onnx MENDED.onnx   (needs the Python package `onnx`)

The original's ConstantOfShape nodes carry no `value`. The ONNX specification says that this means one
32-bit float zero; tract 0.23 takes a 64-bit zero and then refuses the Concat that follows. The attribute
is written out here as what the specification says, so the network's results stay the same.
"""

import hashlib
import sys

import onnx
from onnx import helper, numpy_helper
import numpy

ORIGINAL_SHA256 = "d388b1cf8a5f6f1af2b3f4c14f6d0f138bab970cd618cccd12dddb7484e82e51"
MENDED_SHA256 = "ffd3fd9ab57e9c33e01b18a1c2b5b7bd1d4bfcf8db8b31bb6ea149df5d0cd9d3"


def sha256(contents):
    return hashlib.sha256(contents).hexdigest()


def main(original, mended):
    contents = open(original, "rb").read()
    if sha256(contents) != ORIGINAL_SHA256:
        sys.exit(f"error: {original} has SHA-256 {sha256(contents)}, expected {ORIGINAL_SHA256}")
    model = onnx.load_model_from_string(contents)
    zero = numpy_helper.from_array(numpy.zeros(1, dtype=numpy.float32))
    for node in model.graph.node:
        if node.op_type == "ConstantOfShape" and not node.attribute:
            node.attribute.append(helper.make_attribute("value", zero))
    onnx.checker.check_model(model, full_check=True)
    contents = model.SerializeToString(deterministic=True)
    if sha256(contents) != MENDED_SHA256:
        sys.exit(f"error: the mended file has SHA-256 {sha256(contents)}, expected {MENDED_SHA256}")
    open(mended, "wb").write(contents)


if __name__ == "__main__":
    main(*sys.argv[1:])
