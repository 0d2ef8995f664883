"""Writes the integer layers as an ncnn int8 network (.param and .bin): the same weights and scales.

As ncnn2int8 would: convolutions and the dense layer in int8, with requantization in between where one convolution feeds
only another (`8=102`), everything else in floats. ncnn has signed bytes alone: 0 to 255 becomes 0 to 127 of twice the step.
"""

import numpy as np

MAGIC = 7767517
# The tag in front of int8 weights.
INT8_TAG = np.uint32(0x000D4B38)


def write(param, binary, input_scale, layers):
    lines, data = [], bytearray()
    readers = {}
    for layer in layers:
        for name in (layer.source, layer.residual):
            if name is not None:
                readers.setdefault(name, []).append(layer)
    ports = {}  # of each value, the blobs that its readers have yet to take
    blobs = 0

    def add(kind, name, inputs, outputs, **options):
        nonlocal blobs
        blobs += len(outputs)
        words = " ".join(f"{key.removeprefix('p')}={value}" for key, value in options.items())
        lines.append(f"{kind} {name} {len(inputs)} {len(outputs)} {' '.join([*inputs, *outputs])} {words}".strip())

    def offer(name):
        """One blob for each reader: ncnn wants a Split where there are several."""
        count = len(readers.get(name, []))
        ports[name] = [name]
        if count > 1:
            ports[name] = [f"{name}.{at}" for at in range(count)]
            add("Split", f"{name}.split", [name], list(ports[name]))

    def weights(layer, requantize):
        def put(values):
            data.extend(np.ascontiguousarray(values).tobytes())
            data.extend(bytes(-len(data) % 4))

        put(INT8_TAG)
        put(layer.weights)
        put((layer.bias * (layer.weight_scales.astype(np.float64) * scales[layer.source])).astype(np.float32))
        put((1 / layer.weight_scales).astype(np.float32))
        put(np.float32(1 / signed[layer.source]))
        if requantize:
            put(np.float32(1 / signed[layer.name]))

    scales = {layers[0].source: input_scale} | {layer.name: layer.scale for layer in layers}
    signed = scales | {layer.name: layer.scale * 255 / 127 for layer in layers if layer.unsigned}
    add("Input", "input", [], [layers[0].source], p0=224, p1=224, p2=3)
    offer(layers[0].source)
    for layer in layers:
        source = ports[layer.source].pop(0)
        following = readers.get(layer.name, [])
        if layer.kind == "conv":
            requantize = layer.residual is None and [each.kind for each in following] == ["conv"] and following[0].residual != layer.name
            output = layer.name if layer.residual is None else layer.sums
            add(
                "Convolution", f"{layer.name}.conv", [source], [output],
                p0=len(layer.weights), p1=layer.kernel, p3=layer.stride, p4=layer.padding, p5=1, p6=layer.weights.size,
                p8=102 if requantize else 2, p9=int(layer.relu and layer.residual is None),
            )
            weights(layer, requantize)
            if layer.residual is not None:
                total = layer.name + ".sum" if layer.relu else layer.name
                add("BinaryOp", f"{layer.name}.add", [output, ports[layer.residual].pop(0)], [total], p0=0)
                if layer.relu:
                    add("ReLU", f"{layer.name}.relu", [total], [layer.name])
        elif layer.kind == "max":
            add("Pooling", f"{layer.name}.pool", [source], [layer.name], p0=0, p1=layer.kernel, p2=layer.stride, p3=layer.padding, p5=1)
        elif layer.kind == "average":
            add("Pooling", f"{layer.name}.pool", [source], [layer.name], p0=1, p4=1)
        else:
            add("InnerProduct", layer.name, [source], [layer.name], p0=len(layer.weights), p1=1, p2=layer.weights.size, p8=2)
            weights(layer, False)
        if following:
            offer(layer.name)
    param.write_text("\n".join([str(MAGIC), f"{len(lines)} {blobs}", *lines]) + "\n")
    binary.write_bytes(data)
    return layers[0].source, layers[-1].name
