"""Times one int8 network in edge-app and in other engines, interleaved. See README.md beside it."""

import argparse
import pathlib
import statistics
import tempfile

import numpy as np
import onnx
import onnxruntime
from PIL import Image

import layers
import litert_form
import ncnn_form
from engines import SIDE, EdgeApp, LiteRt, Ncnn, Onnxruntime, OpenVino, Tract, planes, unsigned


def samples(folder):
    """The sample photographs, their middle square scaled: the engines must agree on any picture, so no face is looked for."""
    pictures = []
    for path in sorted(folder.glob("*.jpg")):
        picture = Image.open(path).convert("RGB")
        side = min(picture.size)
        left, top = ((size - side) // 2 for size in picture.size)
        square = picture.crop((left, top, left + side, top + side))
        pictures.append(np.asarray(square.resize((SIDE, SIDE), Image.Resampling.BILINEAR)))
    return np.array(pictures)


def float_ranges(path, steps, crops):
    """The largest magnitude, over some crops, of each float tensor that LiteRT has in bytes and the file has not."""
    model = onnx.load(path)
    names = [step.sums for step in steps if step.residual is not None] + [steps[-1].sums]
    for name in names[:-1]:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found = dict.fromkeys(names, 0.0)
    for crop in crops:
        for name, values in zip(names, session.run(names, {"input": planes(crop)}), strict=True):
            found[name] = max(found[name], float(np.abs(values).max()))
    return found


class Forms:
    """The network in each engine's own form, as files of a folder."""

    def __init__(self, folder, bundle, crops):
        self.signed, self.unsigned = bundle / "model.onnx", folder / "unsigned.onnx"
        onnx.save(unsigned(onnx.load(self.signed)), self.unsigned)
        input_scale, steps = layers.read(self.signed)
        self.litert = folder / "model.tflite"
        litert_form.write(self.litert, input_scale, steps, float_ranges(self.signed, steps, crops))
        self.ncnn = folder / "model.param", folder / "model.bin"
        self.ncnn_ends = ncnn_form.write(*self.ncnn, input_scale, steps)
        self.crops = folder / "crops.rgb"
        crops.tofile(self.crops)


def compare(arguments, threads, forms, crops):
    examples = arguments.edge_app.parent / "examples"
    tract = Tract(examples / "tract", forms.signed, forms.crops)
    peers = {
        "onnxruntime, u8 x s8": Onnxruntime(forms.unsigned, threads),
        "onnxruntime, s8 x s8": Onnxruntime(forms.signed, threads),
        "OpenVINO, u8 x s8": OpenVino(forms.unsigned, threads),
        "OpenVINO, s8 x s8": OpenVino(forms.signed, threads),
        "LiteRT (XNNPACK), s8 x s8": LiteRt(forms.litert, threads),
        "ncnn, s8 x s8": Ncnn(*forms.ncnn, forms.ncnn_ends, threads),
    }
    ours = EdgeApp(arguments.edge_app, examples / "logits", arguments.bundle, forms.crops, threads)
    engines = {"edge-app": ours, **peers, "tract as it comes, one thread": tract}

    # The same network: what each says of the same crops.
    expected = Onnxruntime(forms.signed, threads, literally=True).logits(crops)
    answers = {name: engine.logits(crops) for name, engine in engines.items()}

    times = {name: [] for name in engines}
    for engine in engines.values():
        engine.times(3)
    for _ in range(arguments.rounds):
        for name, engine in engines.items():
            times[name].append(statistics.median(engine.times(max(1, arguments.runs // arguments.rounds))))
    tract.close()

    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min((name for name in peers if name.startswith(("onnxruntime", "OpenVINO"))), key=medians.get)
    quickest = min(peers, key=medians.get)
    print(f"\n| {threads} thread{'s' * (threads > 1)} | median ms | of {best.split(',')[0]}'s | same class | correlation of logits |")
    print("|---|---|---|---|---|")
    for name, median in medians.items():
        same = np.mean(answers[name].argmax(1) == expected.argmax(1))
        correlation = np.corrcoef(answers[name].ravel(), expected.ravel())[0, 1]
        print(f"| {name} | {median:.1f} | {median / medians[best]:.2f} | {same:.1%} of {len(crops)} | {correlation:.5f} |")
    for name in dict.fromkeys([best, quickest, "tract as it comes, one thread"]):
        print(f"\nedge-app takes {medians['edge-app'] / medians[name]:.2f} of the time of: {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edge-app", type=pathlib.Path, default=pathlib.Path("target/release/edge-app"))
    parser.add_argument("--bundle", type=pathlib.Path, default=pathlib.Path("models/demo"))
    parser.add_argument("--samples", type=pathlib.Path, default=pathlib.Path("models/samples"), help="folder of photographs")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=50, help="runs of each engine, over all rounds")
    parser.add_argument("--rounds", type=int, default=10, help="how often the engines take turns")
    arguments = parser.parse_args()
    crops = samples(arguments.samples)
    with tempfile.TemporaryDirectory() as folder:
        forms = Forms(pathlib.Path(folder), arguments.bundle, crops)
        for threads in arguments.threads:
            compare(arguments, threads, forms, crops)


if __name__ == "__main__":
    main()
