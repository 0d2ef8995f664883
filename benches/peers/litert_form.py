"""Writes the integer layers as a full-int8 LiteRT (.tflite) file: the same weights, biases and scales, in NHWC.

LiteRT's bytes are signed: what is 0 to 255 in the file is -128 to 127 there, with a zero point of -128.

LiteRT adds two tensors of bytes, so what comes before a residual is bytes there, too: their scales, and the logits', come
from the largest values on some crops (`ranges`).
"""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

INT8, INT32 = schema.TensorType.INT8, schema.TensorType.INT32
RELU, NONE = schema.ActivationFunctionType.RELU, schema.ActivationFunctionType.NONE
VALID, SAME = schema.Padding.VALID, schema.Padding.SAME
Op, Options = schema.BuiltinOperator, schema.BuiltinOptions


class Writer:
    def __init__(self):
        self.model = schema.ModelT()
        self.model.version, self.model.buffers, self.model.operatorCodes = 3, [schema.BufferT()], []
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model.subgraphs = [self.graph]

    def tensor(self, name, shape, kind, scales=None, values=None, zero=0):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, 0
        if scales is not None:
            tensor.quantization = schema.QuantizationParametersT()
            scales = np.atleast_1d(np.asarray(scales, np.float32))
            tensor.quantization.scale = scales
            tensor.quantization.zeroPoint = np.full(len(scales), zero, np.int64)
            tensor.quantization.quantizedDimension = 0
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            tensor.buffer = len(self.model.buffers) - 1
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def operator(self, code, version, inputs, output, options=None):
        codes = [each.builtinCode for each in self.model.operatorCodes]
        if code not in codes:
            entry = schema.OperatorCodeT()
            entry.builtinCode, entry.version = code, version
            entry.deprecatedBuiltinCode = min(code, 127)
            self.model.operatorCodes.append(entry)
            codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = codes.index(code), inputs, [output]
        if options is not None:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(Options, type(options).__name__.removesuffix("T"))
        self.graph.operators.append(operator)

    def save(self, path):
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        path.write_bytes(builder.Output())


def write(path, input_scale, layers, ranges):
    """`ranges`: the largest magnitude of each float tensor that the file gives no scale for."""
    writer = Writer()
    first = writer.tensor("input", (1, 224, 224, 3), INT8, input_scale)
    values = {layers[0].source: (first, (3, 224, 224), input_scale, 0)}

    def padded(source, amount, name):
        index, (channels, height, width), scale, zero = source
        if amount == 0:
            return index
        output = writer.tensor(f"{name}.pad", (1, height + 2 * amount, width + 2 * amount, channels), INT8, scale, zero=zero)
        pads = np.array([[0, 0], [amount, amount], [amount, amount], [0, 0]], np.int32)
        sizes = writer.tensor(f"{name}.pads", (4, 2), INT32, values=pads)
        writer.operator(Op.PAD, 2, [index, sizes], output, schema.PadOptionsT())
        return output

    for layer in layers:
        source = values[layer.source]
        input_step = source[2]
        if layer.kind in ("conv", "dense"):
            weights = layer.weights.transpose(0, 2, 3, 1) if layer.kind == "conv" else layer.weights
            parameters = [
                writer.tensor(f"{layer.name}.w", weights.shape, INT8, layer.weight_scales, weights),
                writer.tensor(f"{layer.name}.b", layer.bias.shape, INT32, layer.weight_scales * np.float32(input_step), layer.bias),
            ]
        scale = layer.scale if layer.scale and layer.residual is None else ranges[layer.sums] / 127
        zero = -128 if layer.unsigned else 0
        channels, *size = layer.shape if len(layer.shape) == 3 else (*layer.shape, 1, 1)
        shape = (1, *size, channels) if layer.kind in ("conv", "max") else (1, channels)
        if layer.residual is None:
            output = writer.tensor(layer.name, shape, INT8, scale, zero=zero)
        else:
            output = writer.tensor(layer.sums, shape, INT8, scale)
        if layer.kind == "conv":
            # SAME pads evenly for stride 1 only.
            same = layer.stride == 1 and layer.padding * 2 + 1 == layer.kernel
            options = schema.Conv2DOptionsT()
            options.padding = SAME if same else VALID
            options.strideH = options.strideW = layer.stride
            options.dilationHFactor = options.dilationWFactor = 1
            options.fusedActivationFunction = RELU if layer.relu and layer.residual is None else NONE
            index = source[0] if same else padded(source, layer.padding, layer.name)
            writer.operator(Op.CONV_2D, 5, [index, *parameters], output, options)
            if layer.residual is not None:
                total = writer.tensor(layer.name, shape, INT8, layer.scale, zero=zero)
                options = schema.AddOptionsT()
                options.fusedActivationFunction = RELU if layer.relu else NONE
                writer.operator(Op.ADD, 2, [output, values[layer.residual][0]], total, options)
                output, scale = total, layer.scale
        elif layer.kind == "max":
            options = schema.Pool2DOptionsT()
            options.padding, options.fusedActivationFunction = VALID, NONE
            options.strideH = options.strideW = layer.stride
            options.filterHeight = options.filterWidth = layer.kernel
            writer.operator(Op.MAX_POOL_2D, 2, [padded(source, layer.padding, layer.name)], output, options)
        elif layer.kind == "average":
            axes = writer.tensor(f"{layer.name}.axes", (2,), INT32, values=np.array([1, 2], np.int32))
            options = schema.ReducerOptionsT()
            options.keepDims = False
            writer.operator(Op.MEAN, 2, [source[0], axes], output, options)
        else:
            options = schema.FullyConnectedOptionsT()
            options.fusedActivationFunction = NONE
            writer.operator(Op.FULLY_CONNECTED, 5, [source[0], *parameters], output, options)
        values[layer.name] = (output, layer.shape, scale, zero)
    writer.graph.inputs, writer.graph.outputs = [first], [output]
    writer.save(path)
