#!/usr/bin/env python3
"""How many neighbouring blocks of a network's weights may be added in 16 bits by neon-a53 and neon-a72.

    python benches/arm/pairs.py [MODEL.onnx]        with the packages of benches/peers/requirements.txt

A lower bound: the packer also tries blocks further away.
"""

import sys

import numpy
import onnx
from onnx import numpy_helper

LIMIT = 32767 // 127  # of the weights of one sign that meet in one 16-bit sum

model = onnx.load(sys.argv[1] if len(sys.argv) > 1 else "models/demo/model.onnx")
pairs = fit = 0
for tensor in model.graph.initializer:
    weights = numpy_helper.to_array(tensor)
    if weights.dtype != numpy.int8 or weights.ndim != 4 or weights.shape[1] % 32:
        continue  # no convolution, or the first, whose input is a picture
    outputs = weights.shape[0]
    # panel x channel x block x (two halves of a block) x lane
    blocks = weights.transpose(0, 2, 3, 1).reshape(outputs // 4, 4, -1, 2, 8).astype(int)
    most = [numpy.maximum(sign * blocks, 0).sum(3) for sign in (1, -1)]
    most = [(sums[:, :, 0::2] + sums[:, :, 1::2]).max(axis=(1, 3)) for sums in most]
    allowed = (most[0] <= LIMIT) & (most[1] <= LIMIT)
    pairs += allowed.size
    fit += int(allowed.sum())
print(f"{fit} of {pairs} pairs of neighbouring blocks ({fit / pairs:.1%}) need no rearranging")
