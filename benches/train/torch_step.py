"""Full fine-tuning of ResNet-50 in PyTorch, timed: the median step of some, as JSON."""

import argparse
import json
import resource
import statistics
import time

import torch
from torch import nn


class Bottleneck(nn.Module):
    """A block of ResNet v1: the stride sits on the first 1x1, as in the weights that host-trainer starts from."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, stride, bias=False)
        self.bn1 = nn.BatchNorm2d(width, eps=1e-3)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width, eps=1e-3)
        self.conv3 = nn.Conv2d(width, width * 4, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * 4, eps=1e-3)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != width * 4:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, width * 4, 1, stride, bias=False), nn.BatchNorm2d(width * 4, eps=1e-3)
            )

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


def resnet50(classes):
    """The whole network."""
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64, eps=1e-3), nn.ReLU(inplace=True)]
    layers.append(nn.MaxPool2d(3, 2, 1))
    inputs = 64
    for stage, blocks in enumerate([3, 4, 6, 3]):
        for block in range(blocks):
            layers.append(Bottleneck(inputs, 64 << stage, 2 if stage > 0 and block == 0 else 1))
            inputs = (64 << stage) * 4
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, classes))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    network = resnet50(12).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4, weight_decay=0.05)
    side = arguments.image_size
    pictures = torch.randint(-128, 128, (arguments.batch, 3, side, side)).float()
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    targets = torch.arange(arguments.batch) % 13
    zero = torch.zeros(arguments.batch, 1)

    def step():
        optimizer.zero_grad()
        # PyTorch's own way to bf16 on a CPU.
        with torch.autocast("cpu", torch.bfloat16, enabled=arguments.precision == "bf16"):
            logits = network(pictures)
        logits = torch.cat([logits.float(), zero], 1)
        loss = nn.functional.cross_entropy(logits, targets, label_smoothing=0.05)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        return loss.item()

    step()
    seconds = []
    for _ in range(arguments.steps):
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    print(
        json.dumps(
            {
                "network": arguments.batch / statistics.median(seconds),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000,
                "threads": torch.get_num_threads(),
                "version": torch.__version__,
            }
        )
    )


if __name__ == "__main__":
    main()
