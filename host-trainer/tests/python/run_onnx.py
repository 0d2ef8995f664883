"""Checks an ONNX file with onnx.checker and runs it in onnxruntime.

    run_onnx.py MODEL INPUTS OUTPUTS

INPUTS holds f32 values (little-endian, no header), one picture after the other in the shape of the
model's input. OUTPUTS is written likewise, one row of logits a picture.
"""

import sys

import numpy
import onnx
import onnxruntime


def main() -> None:
    model_path, inputs_path, outputs_path = sys.argv[1:]
    model = onnx.load(model_path)
    onnx.checker.check_model(model, full_check=True)

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model_path, options, providers=["CPUExecutionProvider"])
    (port,) = session.get_inputs()
    pictures = numpy.fromfile(inputs_path, "<f4").reshape(-1, *port.shape[1:])
    rows = [session.run(None, {port.name: picture[None]})[0] for picture in pictures]
    numpy.concatenate(rows).astype("<f4").tofile(outputs_path)


main()
