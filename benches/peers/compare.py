"""Times one int8 network in edge-app and in other engines, interleaved. See README.md beside it."""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import numpy_helper

KEEPS_SIGN = {"MaxPool", "GlobalAveragePool", "Flatten", "DequantizeLinear", "QuantizeLinear"}


def unsigned(model):
    """The same network with uint8 in place of int8 behind every ReLU. No value is negative there."""
    producers = {output: node for node in model.graph.node for output in node.output}
    constants = {tensor.name: tensor for tensor in model.graph.initializer}

    def is_positive(name):
        node = producers.get(name)
        if node is None:
            return False
        return node.op_type == "Relu" or node.op_type in KEEPS_SIGN and is_positive(node.input[0])

    for node in model.graph.node:
        if node.op_type == "QuantizeLinear" and is_positive(node.input[0]):
            zero = node.input[2]
            constants[zero].CopyFrom(numpy_helper.from_array(np.array(0, np.uint8), zero))
    return model


def onnxruntime_peer(path, threads, picture):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: picture})


def openvino_peer(path, threads, picture):
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    request = openvino.Core().compile_model(str(path), "CPU", settings).create_infer_request()
    return lambda: request.infer([picture])


def timed(call, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def edge_app(program, bundle, threads, runs, *flags):
    command = [program, "bench", "--json", "--bundle", bundle, "--threads", threads, "--runs", runs, *flags]
    found = json.loads(subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE).stdout)
    return [found["median_ms"]]


def compare(arguments, threads, folder):
    signed = arguments.bundle / "model.onnx"
    positive = folder / "unsigned.onnx"
    onnx.save(unsigned(onnx.load(signed)), positive)
    picture = np.random.default_rng(1).integers(-128, 128, (1, 3, 224, 224)).astype(np.float32)
    peers = {}
    for name, make in (("onnxruntime", onnxruntime_peer), ("OpenVINO", openvino_peer)):
        for form, path in (("u8", positive), ("s8", signed)):
            peers[f"{name} {form}"] = make(path, threads, picture)
    for call in peers.values():
        timed(call, 3)
    times = {name: [] for name in ["edge-app", *peers, "tract"]}
    per_round = max(1, arguments.runs // arguments.rounds)
    for _ in range(arguments.rounds):
        times["edge-app"] += edge_app(arguments.edge_app, arguments.bundle, threads, per_round)
        for name, call in peers.items():
            times[name] += timed(call, per_round)
        times["tract"] += edge_app(arguments.edge_app, arguments.bundle, threads, 1, "--floats")
    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(medians[name] for name in peers)
    print(f"\n| {threads} thread(s) | median ms | of the best peer |\n|---|---|---|")
    for name, median in medians.items():
        print(f"| {name} | {median:.1f} | {median / best:.2f} |")
    print(f"\nedge-app takes {medians['edge-app'] / medians['tract']:.2f} of tract's time")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edge-app", type=pathlib.Path, default="target/release/edge-app")
    parser.add_argument("--bundle", type=pathlib.Path, default=pathlib.Path("models/demo"))
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=50, help="runs of each engine, over all rounds")
    parser.add_argument("--rounds", type=int, default=5, help="how often the engines take turns")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for threads in arguments.threads:
            compare(arguments, threads, pathlib.Path(folder))


if __name__ == "__main__":
    main()
