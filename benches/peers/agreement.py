"""Compares the integer engine with onnxruntime on a data set's test crops, and finds where they differ. See README.md."""

import argparse
import json
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from numpy.lib.stride_tricks import sliding_window_view

import layers
from engines import SIDE, EdgeApp, Onnxruntime, planes


def test_crops(data):
    """The test crops, cut by the device's own code, and whether each is a negative."""
    pixels = next(data.glob(".crops-v2/*.rgb"))
    crops = np.memmap(pixels, np.uint8, "r").reshape(-1, SIDE, SIDE, 3)
    # A photograph that was cut again has several lines, of which the last counts; a line may be empty.
    entries = [json.loads(line) for line in pixels.with_suffix(".jsonl").read_text().splitlines() if line]
    outcomes = {entry["photo"]: entry["outcome"] for entry in entries}
    rows = [json.loads(line) for line in (data / "photos.jsonl").read_text().splitlines()]
    test = [row for row in rows if row["split"] == "test" and "crop" in outcomes[row["photo"]]]
    records = [outcomes[row["photo"]]["crop"]["record"] for row in test]
    return np.ascontiguousarray(crops[records]), np.array([row["label"] == "negative" for row in test])


def agreement(name, ours, theirs, negative):
    same = ours.argmax(1) == theirs.argmax(1)
    margins = np.sort(theirs, axis=1)
    margin = margins[:, -1] - margins[:, -2]
    difference = np.abs(ours - theirs)
    print(
        f"{name}: same first class on {same.mean():.2%} of {len(same)} crops, {same[~negative].mean():.2%} of "
        f"{(~negative).sum()} affected; logits differ by {np.median(difference):.4f} (median), {difference.max():.4f} (largest)"
    )
    if not same.all():
        print(f"  where the class differs, theirs is ahead of their second by {margin[~same].max():.4f} at most")


def sums(layer, source):
    """The exact sums of a convolution or dense layer, as whole numbers in doubles. `source`: channels, height, width."""
    weights = layer.weights.astype(np.float64).reshape(len(layer.weights), -1)
    if layer.kind == "dense":
        return weights @ source.ravel().astype(np.float64) + layer.bias
    edge = [(0, 0), (layer.padding,) * 2, (layer.padding,) * 2]
    padded = np.pad(source.astype(np.float64), edge)
    windows = sliding_window_view(padded, (layer.kernel,) * 2, axis=(1, 2))[:, :: layer.stride, :: layer.stride]
    taps = windows.transpose(0, 3, 4, 1, 2).reshape(weights.shape[1], -1)
    return (weights @ taps + layer.bias[:, None]).reshape(-1, *windows.shape[1:3])


def clamp(values, layer):
    """Rounds to the layer's bytes, ties to even."""
    if layer.unsigned:
        return np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return np.clip(np.rint(values), 0 if layer.relu else -128, 127).astype(np.int8)


class Emulation:
    """A layer's bytes from bytes, by the rule of the engine or by another."""

    def __init__(self, input_scale, steps):
        self.scales = {steps[0].source: input_scale} | {step.name: step.scale for step in steps}
        self.steps = steps

    def value(self, layer, values, rule):
        """Its value before rounding, in steps of its output: `exact` in doubles, `engine` as ours, `divide` by the scale."""
        source = values[layer.source]
        step = np.float32(self.scales[layer.source])
        if layer.kind == "average":
            total = source.astype(np.int64).sum((1, 2), keepdims=True)
            multiplier = float(step) / (layer.scale * source[0].size)
            return np.float32(total) * np.float32(multiplier) if rule == "engine" else total * multiplier
        total = sums(layer, source)
        weights = layer.weight_scales.astype(np.float64)
        weights = weights.reshape(-1, *[1] * (total.ndim - 1))
        residual = values[layer.residual].astype(np.float64) if layer.residual else None
        residual_step = self.scales[layer.residual] if layer.residual else None
        if rule == "exact":
            value = total * weights * float(step)
            value = value if residual is None else value + residual * residual_step
            return value / layer.scale
        if rule == "divide":
            value = np.float32(total) * np.float32(weights * float(step))
            value = value if residual is None else value + np.float32(residual) * np.float32(residual_step)
            return value / np.float32(layer.scale)
        value = np.float32(total) * np.float32(weights * float(step) / layer.scale)
        return value if residual is None else value + np.float32(residual) * (np.float32(residual_step) / np.float32(layer.scale))

    def layer(self, layer, values, rule):
        if layer.kind == "max":
            edge = [(0, 0), (layer.padding,) * 2, (layer.padding,) * 2]
            windows = sliding_window_view(np.pad(values[layer.source], edge), (layer.kernel,) * 2, axis=(1, 2))
            return windows[:, :: layer.stride, :: layer.stride].max((3, 4))
        return clamp(self.value(layer, values, rule), layer)

    def logits(self, crop, rule):
        values = {self.steps[0].source: planes(crop)[0].astype(np.int8)}
        for layer in self.steps[:-1]:
            values[layer.name] = self.layer(layer, values, rule)
        return self.dense(values[self.steps[-1].source])

    def dense(self, source):
        last = self.steps[-1]
        scale = last.weight_scales.astype(np.float32) * np.float32(self.scales[last.source])
        return sums(last, source).astype(np.float32) * scale


def integers(path, steps):
    """onnxruntime, literally, with the bytes of every layer as further outputs."""
    model = onnx.load(path)
    makers = {node.output[0]: node for node in model.graph.node}
    names = {step.name: makers[step.name].input[0] for step in steps[:-1]}
    for step in steps[:-1]:
        kind = onnx.TensorProto.UINT8 if step.unsigned else onnx.TensorProto.INT8
        model.graph.output.append(onnx.helper.make_tensor_value_info(names[step.name], kind, None))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def run(crop):
        found = session.run([*names.values(), "logits"], {"input": planes(crop)})
        return {name: array[0] for name, array in zip(names, found[:-1], strict=True)}, found[-1][0]

    return run


def explain(path, crops, ours):
    """Layer by layer from onnxruntime's own bytes, so that no difference is carried on: which bytes differ, and why."""
    input_scale, steps = layers.read(path)
    emulation, run = Emulation(input_scale, steps), integers(path, steps)
    bytes_seen = differing = most = 0
    farthest = last_layer = by_division = carried = 0.0
    exact, to_exact = True, [0.0, 0.0]
    for crop, logits in zip(crops, ours, strict=True):
        values, theirs = run(crop)
        values[steps[0].source] = planes(crop)[0].astype(np.int8)
        for layer in steps[:-1]:
            found = emulation.layer(layer, values, "engine")
            wrong = found != values[layer.name]
            bytes_seen += wrong.size
            if layer.kind != "max" and wrong.any():
                differing += wrong.sum()
                most = max(most, np.abs(found.astype(int) - values[layer.name])[wrong].max())
                value = emulation.value(layer, values, "exact")[wrong]
                farthest = max(farthest, np.abs(value - np.floor(value) - 0.5).max())
        last_layer = max(last_layer, np.abs(emulation.dense(values[steps[-1].source]) - theirs).max())
        engine = emulation.logits(crop, "engine")
        exact &= np.array_equal(engine, logits)
        by_division = max(by_division, np.abs(emulation.logits(crop, "divide") - engine).max())
        carried = max(carried, np.abs(engine - theirs).max())
        literal = emulation.logits(crop, "exact")
        to_exact = [max(before, np.abs(each - literal).max()) for before, each in zip(to_exact, (engine, theirs), strict=True)]
    print(f"\nthe {len(crops)} crops that are farthest apart, layer by layer:")
    print(f"- the emulation of the engine gives edge-app's logits, bit for bit: {exact}")
    print(f"- given onnxruntime's bytes, {differing} of {bytes_seen} bytes differ ({differing / bytes_seen:.1e}), by {most} at most;")
    print(f"  their exact values lie within {farthest:.1e} of a tie between two bytes")
    print(f"- given onnxruntime's last bytes, the logits differ by {last_layer:.1e} at most: sums of floats in the last layer")
    print(f"- sum x scale / step in place of sum x (scale / step) moves the logits by {by_division:.4f} at most")
    print(f"- all of it carried through the network: {carried:.4f} at most; against the same network in doubles")
    print(f"  edge-app differs by {to_exact[0]:.4f} at most, onnxruntime by {to_exact[1]:.4f}")
    largest = max(np.abs(step.weights.astype(int)).max() for step in steps if step.weights is not None)
    unsigned = sum(step.unsigned for step in steps)
    for count, level in ((len(steps) - 1 - unsigned, 127), (unsigned, 255)):
        product = 2 * level * largest
        words = "fit" if product < 32768 else "do not all fit"
        print(f"- {count} tensors reach {level}: two products with weights of at most {largest} are up to {product} and {words} in 16 bits")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edge-app", type=pathlib.Path, default=pathlib.Path("target/release/edge-app"))
    parser.add_argument("--bundle", type=pathlib.Path, default=pathlib.Path("models/demo"))
    parser.add_argument("--data", required=True, type=pathlib.Path, help="a data set whose crops have been cut")
    parser.add_argument("--crops", type=int, help="compare this many, evenly taken from all")
    parser.add_argument("--explain", type=int, default=20, help="of how many crops, the farthest apart, each layer is compared")
    arguments = parser.parse_args()
    crops, negative = test_crops(arguments.data)
    if arguments.crops is not None:
        chosen = np.linspace(0, len(crops) - 1, arguments.crops).astype(int)
        crops, negative = crops[chosen], negative[chosen]
    network = arguments.bundle / "model.onnx"
    with tempfile.NamedTemporaryFile(suffix=".rgb") as file:
        crops.tofile(file.name)
        program = arguments.edge_app.parent / "examples" / "logits"
        ours = EdgeApp(arguments.edge_app, program, arguments.bundle, file.name, 1).logits(crops)
    literal = Onnxruntime(network, 0, literally=True).logits(crops)
    agreement("onnxruntime literally", ours, literal, negative)
    agreement("onnxruntime as it comes", ours, Onnxruntime(network, 0).logits(crops), negative)
    # Those on which the two are farthest apart are the ones to explain.
    farthest = np.argsort(-np.abs(ours - literal).max(1))[: arguments.explain]
    explain(network, crops[farthest], ours[farthest])


if __name__ == "__main__":
    main()
