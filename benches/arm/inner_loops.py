#!/usr/bin/env python3
"""Estimates how many cycles the inner loops of the ARM kernels take, with llvm-mca, beside what the multiplier could do.

    benches/arm/inner_loops.py [TEST-PROGRAM]

Builds the kernels' tests for aarch64 (or takes the program that is named), finds each kernel's loop in the machine code and
asks llvm-mca. An estimate: the model knows neither caches nor branches, and its Cortex-A53 is coarse. Versions of LLVM
disagree, so the version is pinned.
"""

import json
import re
import subprocess
import sys

LLVM_MCA = "14.0.6"  # Debian 12's llvm-14
TARGET = "aarch64-unknown-linux-gnu"

# Kernel: function, processor that llvm-mca models, multiplication, products of bytes in one, and how many of those the
# processor starts in a cycle.
KERNELS = {
    "neon-a53": ("neon_a53::tile", "cortex-a53", {"smull", "smlal", "smlal2", "smull2"}, 8, 1),
    "neon-a72": ("neon_a72::tile", "cortex-a72", {"smull", "smlal", "smlal2", "smull2"}, 8, 1),
    "neon-dotprod": ("neon_dotprod::tile", "cortex-a76", {"sdot"}, 16, 2),
}


def run(*command, stdin=None):
    return subprocess.run(command, input=stdin, check=True, text=True, stdout=subprocess.PIPE).stdout


def build():
    command = ["cargo", "test", "--release", "-p", "lakshan-kernels", "--lib", "--target", TARGET, "--no-run"]
    lines = run(*command, "--message-format=json").splitlines()
    programs = [message["executable"] for message in map(json.loads, lines) if message.get("executable")]
    return programs[-1]


def functions(program):
    """Each function's instructions: address, and text as an assembler takes it."""
    found, name = {}, None
    for line in run("aarch64-linux-gnu-objdump", "-d", "-C", "--no-show-raw-insn", program).splitlines():
        if head := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            name = head[1]
            found[name] = []
        elif code := re.match(r"\s*([0-9a-f]+):\t(.*)", line):
            found[name].append((int(code[1], 16), re.sub(r"\s*(//|<).*", "", code[2]).strip()))
    return found


def loops(instructions):
    """Stretches that end in a jump back to their start."""
    addresses = [address for address, _ in instructions]
    for end, (address, text) in enumerate(instructions):
        if jump := re.match(r"(?:b\.\w+|cbn?z\s+\w+,|tbn?z\s+\w+, #\d+,)\s*([0-9a-f]+)$", text):
            target = int(jump[1], 16)
            if target < address and target in addresses:
                loop = [text for _, text in instructions[addresses.index(target) : end]]
                if not any(re.match(r"(bl|b\.\w+|b|cbn?z|tbn?z|ret)\s", text) for text in loop):  # an inner loop
                    yield loop


def mnemonic(text):
    return text.split()[0]


def cycles(processor, loop, iterations=200):
    arguments = [f"-mtriple={TARGET}", f"-mcpu={processor}", "-mattr=+dotprod", f"-iterations={iterations}"]
    report = run("llvm-mca", *arguments, stdin="\n".join(loop))
    return int(re.search(r"Total Cycles:\s+(\d+)", report)[1]) / iterations


def main():
    version = run("llvm-mca", "--version")
    if f"LLVM version {LLVM_MCA}" not in version:
        sys.exit(f"error: this needs llvm-mca {LLVM_MCA} (Debian 12: llvm-14); versions disagree\n{version}")
    code = functions(sys.argv[1] if len(sys.argv) > 1 else build())
    print("estimates by llvm-mca", LLVM_MCA)
    print("| kernel | loop | modelled as | MAC | cycles | MAC a cycle | multiplier's peak | of peak |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for kernel, (function, processor, multiply, products, starts) in KERNELS.items():
        seen = set()
        for name, instructions in code.items():
            if function not in name:
                continue
            for loop in loops(instructions):
                count = sum(mnemonic(text) in multiply for text in loop)
                if count < 16 or (count, len(loop)) in seen:
                    continue
                seen.add((count, len(loop)))
                macs, peak = count * products, products * starts
                takes = cycles(processor, loop)
                spills = sum("[sp" in text for text in loop)
                note = f"{count} products, {len(loop)} instructions" + (f", {spills} through the stack" if spills else "")
                print(
                    f"| {kernel} | {note} | {processor} | {macs} | {takes:.1f} | {macs / takes:.2f} | {peak} |"
                    f" {macs / takes / peak:.0%} |"
                )


if __name__ == "__main__":
    main()
