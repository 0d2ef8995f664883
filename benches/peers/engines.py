"""The engines that are compared. Each gives the logits of crops, and the milliseconds of some runs."""

import json
import pathlib
import subprocess
import time

import ncnn
import numpy as np
import onnx
import onnxruntime
import openvino
from ai_edge_litert.interpreter import Interpreter
from onnx import numpy_helper

SIDE = 224
KEEPS_SIGN = {"MaxPool", "GlobalAveragePool", "Flatten", "DequantizeLinear", "QuantizeLinear"}


def planes(crop):
    """The tensor of a crop: pixel - 128, in planes."""
    return np.ascontiguousarray((crop.astype(np.float32) - 128).transpose(2, 0, 1)[None])


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


class InProcess:
    """An engine in this process: `load(crop)` puts a crop where `call` reads it and `result` is what came of it."""

    def logits(self, crops):
        found = []
        for crop in crops:
            self.load(crop)
            self.call()
            found.append(np.array(self.result(), np.float32).ravel())
        return np.array(found)

    def times(self, runs):
        found = []
        for _ in range(runs):
            start = time.perf_counter()
            self.call()
            found.append((time.perf_counter() - start) * 1e3)
        return found


class Onnxruntime(InProcess):
    def __init__(self, path, threads, literally=False):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        if literally:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def load(self, crop):
        self.input = {"input": planes(crop)}

    def call(self):
        self.output = self.session.run(None, self.input)

    def result(self):
        return self.output[0]


class OpenVino(InProcess):
    def __init__(self, path, threads):
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        self.request = openvino.Core().compile_model(str(path), "CPU", settings).create_infer_request()

    def load(self, crop):
        self.input = planes(crop)

    def call(self):
        self.request.infer([self.input])

    def result(self):
        return self.request.get_output_tensor(0).data


class LiteRt(InProcess):
    """With its XNNPACK delegate, which is what it does by itself."""

    def __init__(self, path, threads):
        self.interpreter = Interpreter(str(path), num_threads=threads)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]["index"]
        self.output = self.interpreter.get_output_details()[0]

    def load(self, crop):
        self.interpreter.set_tensor(self.input, (crop.astype(np.int16) - 128).astype(np.int8)[None])

    def call(self):
        self.interpreter.invoke()

    def result(self):
        return self.interpreter.get_tensor(self.output["index"]) * np.float32(self.output["quantization"][0])


class Ncnn(InProcess):
    def __init__(self, param, binary, ends, threads):
        self.network, self.ends = ncnn.Net(), ends
        self.network.opt.num_threads = threads
        if self.network.load_param(str(param)) or self.network.load_model(str(binary)):
            raise RuntimeError(f"ncnn does not load {param}")

    def load(self, crop):
        self.input = ncnn.Mat(planes(crop)[0])

    def call(self):
        extractor = self.network.create_extractor()
        extractor.input(self.ends[0], self.input)
        self.output = extractor.extract(self.ends[1])[1]

    def result(self):
        return self.output


class Tract:
    """Our example program with tract alone; one thread, as it comes."""

    def __init__(self, program, path, crops):
        command = [str(program), str(path), str(crops)]
        self.program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.found = np.array(json.loads(self.program.stdout.readline()), np.float32)

    def logits(self, crops):
        return self.found

    def times(self, runs):
        self.program.stdin.write(f"{runs}\n")
        self.program.stdin.flush()
        return json.loads(self.program.stdout.readline())

    def close(self):
        self.program.stdin.close()
        self.program.wait()


class EdgeApp:
    """Logits of the library, times of the program."""

    def __init__(self, program, logits, bundle, crops, threads):
        self.command = [str(program), "bench", "--json", "--bundle", str(bundle), "--threads", str(threads), "--runs"]
        self.library = [str(logits), str(pathlib.Path(bundle, "model.onnx")), str(crops)]

    def logits(self, crops):
        run = subprocess.run(self.library, check=True, stdout=subprocess.PIPE, text=True)
        return np.array([json.loads(line) for line in run.stdout.splitlines()], np.float32)

    def times(self, runs):
        run = subprocess.run([*self.command, str(runs)], check=True, stdout=subprocess.PIPE)
        return [json.loads(run.stdout)["median_ms"]]
