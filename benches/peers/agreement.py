"""Compares edge-app's first class with onnxruntime's on a data set's test crops. See README.md beside it."""

import argparse
import json
import pathlib
import subprocess

import numpy as np
import onnxruntime

SIDE = 224


def probabilities(edge_app, bundle, photos):
    """What edge-app says of each photograph that it did not refuse to read, by path."""
    command = [edge_app, "classify", "--json", "--bundle", bundle, *photos]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = map(json.loads, run.stdout.splitlines())
    return {line["photo"]: line["probabilities"] for line in lines if line["probabilities"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edge-app", default="target/release/edge-app")
    parser.add_argument("--bundle", default="models/demo")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="a data set whose crops have been cut")
    arguments = parser.parse_args()

    # host-trainer's crop cache, cut by the device's own code.
    pixels = next(arguments.data.glob(".crops-v1/*.rgb"))
    crops = np.memmap(pixels, np.uint8, "r").reshape(-1, SIDE, SIDE, 3)
    records = json.loads(pixels.with_suffix(".json").read_text())["records"]
    rows = [json.loads(line) for line in (arguments.data / "photos.jsonl").read_text().splitlines()]
    test = [at for at, row in enumerate(rows) if row["split"] == "test" and records[at] is not None]
    paths = {at: str(arguments.data / rows[at]["photo"]) for at in test}
    ours = probabilities(arguments.edge_app, arguments.bundle, paths.values())
    classes = json.loads(pathlib.Path(arguments.bundle, "manifest.json").read_text())["classes"]

    levels = onnxruntime.GraphOptimizationLevel
    for name, level in [("literally", levels.ORT_DISABLE_ALL), ("as it comes", levels.ORT_ENABLE_ALL)]:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = level
        path = str(pathlib.Path(arguments.bundle, "model.onnx"))
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        same = {"affected": [], "negative": []}
        for at, path in paths.items():
            if path not in ours:
                continue
            picture = (crops[records[at]].astype(np.float32) - 128).transpose(2, 0, 1)[None]
            logits = session.run(None, {"input": picture})[0][0]
            first = int(np.argmax([ours[path][name] for name in classes]))
            label = "negative" if rows[at]["label"] == "negative" else "affected"
            same[label].append(first == int(logits.argmax()))
        everyone = same["affected"] + same["negative"]
        print(
            f"onnxruntime {name}: same first class on {np.mean(everyone):.2%} of {len(everyone)} crops, "
            f"affected {np.mean(same['affected']):.2%} of {len(same['affected'])}"
        )


if __name__ == "__main__":
    main()
