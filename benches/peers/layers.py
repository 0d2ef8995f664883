"""Reads the ONNX file that `host-trainer quantize` writes as a list of integer layers, for engines with formats of their own."""

import dataclasses

import numpy as np
import onnx
from onnx import numpy_helper


@dataclasses.dataclass
class Layer:
    """One layer. Its output is bytes of `scale`; the last layer's is floats, and its scale None."""

    kind: str  # conv, max, average, dense
    name: str
    source: str
    shape: tuple = ()  # of the output: channels, height, width
    scale: float | None = None
    unsigned: bool = False  # its bytes: 0 to 255 instead of -128 to 127
    weights: np.ndarray | None = None  # int8, OIHW or OI
    weight_scales: np.ndarray | None = None
    bias: np.ndarray | None = None  # int32
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    residual: str | None = None
    relu: bool = False
    sums: str = ""  # the float tensor before a residual is added


def read(path):
    """The input's scale, and the layers in order. Layers are named by the DequantizeLinear that ends them."""
    graph = onnx.shape_inference.infer_shapes(onnx.load(path)).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    makers = {node.output[0]: node for node in graph.node}
    readers = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    shapes = {
        value.name: tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim[1:])
        for value in [*graph.value_info, *graph.output]
    }

    def attribute(node, name, default):
        found = [onnx.helper.get_attribute_value(each) for each in node.attribute if each.name == name]
        return found[0] if found else default

    def square(values):
        assert len(set(values)) == 1, f"{values} differ"
        return values[0]

    layers, input_scale = [], None
    for node in graph.node:
        if node.op_type == "QuantizeLinear" and node.input[0] == graph.input[0].name:
            input_scale = float(constants[node.input[1]])
        if node.op_type not in ("Conv", "MaxPool", "GlobalAveragePool", "Gemm"):
            continue
        source = makers[node.input[0]]
        if source.op_type == "Flatten":
            source = makers[source.input[0]]
        kind = {"Conv": "conv", "MaxPool": "max", "GlobalAveragePool": "average", "Gemm": "dense"}[node.op_type]
        layer = Layer(kind, node.name, source.output[0], shapes[node.output[0]], sums=node.output[0])
        if kind in ("conv", "dense"):
            weights, bias = makers[node.input[1]], makers[node.input[2]]
            layer.weights, layer.weight_scales = constants[weights.input[0]], constants[weights.input[1]]
            layer.bias = constants[bias.input[0]]
        if kind in ("conv", "max"):
            layer.kernel = square(attribute(node, "kernel_shape", [1, 1]))
            layer.stride = square(attribute(node, "strides", [1, 1]))
            layer.padding = square(attribute(node, "pads", [0, 0, 0, 0]))
        while kind != "dense":
            node = readers[node.output[0]][0]
            if node.op_type == "Add":
                layer.residual = node.input[1] if makers[node.input[1]].op_type == "DequantizeLinear" else node.input[0]
            elif node.op_type == "Relu":
                layer.relu = True
            elif node.op_type == "QuantizeLinear":
                layer.scale = float(constants[node.input[1]])
                layer.unsigned = constants[node.input[2]].dtype == np.uint8
            elif node.op_type == "DequantizeLinear":
                layer.name = node.output[0]
                break
        layers.append(layer)
    return input_scale, layers
