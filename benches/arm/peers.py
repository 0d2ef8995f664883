"""The network in other engines, for peers.sh: `write` makes their forms here, `run` runs one under emulation.

    peers.py write MODEL.onnx FOLDER
    peers.py run ncnn|onnxruntime FOLDER RUNS
"""

import json
import pathlib
import sys

import numpy as np


def write(model, folder):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
    import layers
    import ncnn_form
    import onnx

    folder.mkdir(parents=True, exist_ok=True)
    input_scale, steps = layers.read(model)
    ends = ncnn_form.write(folder / "net.param", folder / "net.bin", input_scale, steps)
    (folder / "ends.json").write_text(json.dumps(ends))
    onnx.save(onnx.load(model), folder / "net.onnx")


def run(engine, folder, runs):
    # A picture of nothing: how many instructions there are does not depend on it.
    picture = np.zeros((3, 224, 224), np.float32)
    if engine == "ncnn":
        import ncnn

        first, last = json.loads((folder / "ends.json").read_text())
        network = ncnn.Net()
        network.opt.num_threads = 1
        if network.load_param(str(folder / "net.param")) or network.load_model(str(folder / "net.bin")):
            raise SystemExit("ncnn does not load the network")
        for _ in range(runs):
            extractor = network.create_extractor()
            extractor.input(first, ncnn.Mat(picture))
            failed, output = extractor.extract(last)
            if failed:
                raise SystemExit("ncnn computes nothing")
            print(np.array(output))
    else:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(folder / "net.onnx"), options, providers=["CPUExecutionProvider"])
        for _ in range(runs):
            print(session.run(None, {session.get_inputs()[0].name: picture[None]})[0])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", model, folder]:
            write(model, pathlib.Path(folder))
        case ["run", engine, folder, runs]:
            run(engine, pathlib.Path(folder), int(runs))
        case _:
            raise SystemExit(__doc__)
