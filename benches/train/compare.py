"""Times training in host-trainer and in PyTorch, interleaved. See README.md beside it."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

SCRIPT = pathlib.Path(__file__).with_name("torch_step.py")


def call(command):
    """The JSON that a program prints."""
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host-trainer", required=True)
    parser.add_argument("--python", default=sys.executable, help="a Python with PyTorch")
    parser.add_argument("--batch", default="32")
    parser.add_argument("--image-size", default="128")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--steps", default="5")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads")
    arguments = parser.parse_args()
    same = ["--batch", arguments.batch, "--image-size", arguments.image_size]
    same += ["--precision", arguments.precision, "--steps", arguments.steps]
    if arguments.threads:
        same += ["--threads", arguments.threads]
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        ours.append(call([arguments.host_trainer, "bench-train", "--json", *same]))
        theirs.append(call([arguments.python, str(SCRIPT), *same]))
    rate = statistics.median(run["speed"]["network"] for run in ours)
    peer = statistics.median(run["network"] for run in theirs)
    pipeline = statistics.median(run["speed"]["pipeline"] for run in ours)
    together = statistics.median(run["speed"]["training"] for run in ours)
    memory = [max(run["peak_mb"] for run in runs) for runs in (ours, theirs)]
    print(f"ResNet-50, all stages, batch {arguments.batch}, {arguments.image_size} px, {arguments.precision},")
    print(f"{theirs[0]['threads']} threads, PyTorch {theirs[0]['version']}, median of {arguments.rounds} rounds\n")
    print("| | host-trainer | PyTorch | ratio |\n| --- | --- | --- | --- |")
    print(f"| network, images/s | {rate:.1f} | {peer:.1f} | {rate / peer:.2f} |")
    print(f"| peak memory, MB | {memory[0]} | {memory[1]} | {memory[0] / memory[1]:.2f} |")
    print(f"| pipeline alone, images/s | {pipeline:.1f} | | {pipeline / rate:.1f} times the network |")
    print(f"| training, images/s | {together:.1f} | | {together / rate:.2f} of the network |")


if __name__ == "__main__":
    main()
