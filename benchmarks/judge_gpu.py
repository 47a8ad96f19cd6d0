"""The local judge on a GPU: the 7B Qwen2.5-VL shape, 600 images of 1,024 px with three questions each.

    python benchmarks/judge_gpu.py [--images 600] [--batch-sizes 4,8,16,32]

Random bf16 weights. The plain `generate` loop is timed on a few images and scaled up. Two ceilings are
printed: the arithmetic (2 x parameters x tokens, plus attention) over the bf16 rate measured on a large
matrix product, and reading the weights twice a batch at the copy rate measured here. Needs: at least 8 x shorter than
the loop, and at least 45 % of the arithmetic floor. Without a GPU it says so and ends with status 0;
`--device cpu --shape small` runs the same steps for a check of the script itself.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

NEEDED_SPEED, NEEDED_SHARE = 8.0, 0.45
SEVEN_B = {
    "text": {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
             "num_key_value_heads": 4, "vocab_size": 152064},
    "vision": {"hidden_size": 1280, "intermediate_size": 3420, "depth": 32, "num_heads": 16,
               "fullatt_block_indexes": [7, 15, 23, 31]},
}  # fmt: skip


def wait_for(device: Any) -> None:
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize()


def bf16_rate(device: Any) -> float:
    """Floating-point operations a second of a large matrix product, measured."""
    import torch

    size = 8192 if device.type == "cuda" else 1024
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    one = torch.randn(size, size, device=device, dtype=dtype)
    for _ in range(3):
        one @ one
    wait_for(device)
    started = time.perf_counter()
    for _ in range(20):
        one @ one
    wait_for(device)
    return 20 * 2 * size**3 / (time.perf_counter() - started)


def copy_rate(device: Any) -> float:
    """Bytes a second of a large copy, read and written, measured."""
    import torch

    one = torch.empty(2**28 if device.type == "cuda" else 2**24, dtype=torch.float32, device=device)
    other = torch.empty_like(one)
    other.copy_(one)
    wait_for(device)
    started = time.perf_counter()
    for _ in range(10):
        other.copy_(one)
    wait_for(device)
    return 10 * 2 * one.numel() * 4 / (time.perf_counter() - started)


def arithmetic(judge: Any, pixels: Any, questions: tuple[str, ...]) -> tuple[float, int, int]:
    """(operations, prefix tokens, suffix tokens) that an image with these questions needs."""
    from evaluator.judging.judges._prefix import common_prefix

    model = judge.vlm.model
    rows = [judge.prefix.tokens(judge.chat(question)) for question in questions]
    shared = common_prefix(rows)
    prefix = shared - 1 + pixels.tokens
    suffix = sum(len(row) - shared for row in rows)
    text, vision = model.model.language_model, model.model.visual
    embedded = text.embed_tokens.weight.numel()
    weights = sum(one.numel() for one in text.parameters()) - embedded
    patches = int(pixels.grid.prod())
    blocks = sum(one.numel() for one in vision.parameters()) - sum(one.numel() for one in vision.merger.parameters())
    merger = sum(one.numel() for one in vision.merger.parameters())
    config = model.config.text_config
    attention = 2 * config.num_hidden_layers * config.hidden_size * (prefix**2 + 2 * suffix * prefix)
    full = len(vision.config.fullatt_block_indexes)
    looks = 4 * vision.config.hidden_size * (full * patches**2 + (vision.config.depth - full) * patches * 64)
    dense = 2 * (weights * (prefix + suffix) + blocks * patches + merger * pixels.tokens)
    return float(dense + attention + looks), prefix, suffix


def timed(judge: Any, images: list[Any], questions: tuple[str, ...], size: int, *, ahead: bool) -> float:
    """Seconds for all images at this batch size, preprocessed ahead in threads or not."""
    judge.batch_size = size
    device = judge.vlm.device
    wait_for(device)
    started = time.perf_counter()
    if ahead:
        with ThreadPoolExecutor(8) as pool:
            waiting = [pool.submit(judge.prepare, image) for image in images[: 4 * size]]
            for start in range(0, len(images), size):
                batch = [one.result() for one in waiting[:size]]
                del waiting[:size]
                coming = images[start + 4 * size : start + 5 * size]
                waiting += [pool.submit(judge.prepare, image) for image in coming]
                judge.poll_many([(one, questions) for one in batch])
    else:
        for start in range(0, len(images), size):
            judge.poll_many([(image, questions) for image in images[start : start + size]])
    wait_for(device)
    return time.perf_counter() - started


def main() -> int:
    """Print the table; exit 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--size", type=int, default=1024, help="pixels a side")
    parser.add_argument("--batch-sizes", default="1,4,8,16")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--shape", choices=["7b", "small"], default="7b")
    parser.add_argument("--compile", action="store_true", help="also with torch.compile of the vision tower")
    asked = parser.parse_args()
    import torch

    if asked.device == "cuda" and not torch.cuda.is_available():
        print("skipped: torch sees no GPU on this machine")
        return 0
    import judge_local

    shape = SEVEN_B if asked.shape == "7b" else judge_local.SMALL
    with tempfile.TemporaryDirectory() as folder:
        dtype = "bfloat16" if asked.device == "cuda" else "float32"
        judge_local.build(Path(folder), shape, dtype=dtype, device=asked.device)
        return measure(folder, asked)


def measure(folder: str, asked: argparse.Namespace) -> int:
    """Load both judges, time every way and print what it means."""
    import judge_local

    from evaluator.judging.judges import load_judge
    from evaluator.models.base import LoadOptions

    options = LoadOptions(device=asked.device)
    fast: Any = load_judge(f"local:{folder}", options)
    slow: Any = load_judge(f"local:{folder}?mode=generate&max_new_tokens=2", options)
    questions = judge_local.QUESTIONS[:3]
    # A few different pictures, in turn: making 600 large ones takes longer than judging them.
    drawn = judge_local.pictures(min(asked.images, 24), asked.size)
    images = [drawn[number % len(drawn)] for number in range(asked.images)]
    judge_local.speak(fast, slow, drawn[:4])
    device = fast.vlm.device
    rate = bf16_rate(device)
    work, prefix, suffix = arithmetic(fast, fast.prepare(drawn[0]), questions)
    floor = asked.images * work / rate
    print(f"{asked.images} images of {asked.size} px, {len(questions)} questions: {prefix} + {suffix} tokens an image")
    print(
        f"  measured rate {rate / 1e12:.1f} TFLOP/s; arithmetic {work / 1e12:.2f} TFLOP an image: floor {floor:.1f} s"
    )
    weights = sum(one.numel() * one.element_size() for one in fast.vlm.model.parameters())
    largest = max(int(one) for one in asked.batch_sizes.split(","))
    moved, copied = 2 * weights * asked.images / largest, copy_rate(device)
    print(f"  measured copy {copied / 1e9:.0f} GB/s; weights twice a batch of {largest}: floor {moved / copied:.1f} s")
    few = drawn[:4]
    slow.poll(few[0], questions)
    wait_for(device)
    started = time.perf_counter()
    expected = [reply.answer for image in few for reply in slow.poll(image, questions)]
    wait_for(device)
    loop = (time.perf_counter() - started) / len(few) * asked.images
    print(f"  {'generate, in turn (scaled up)':36s} {loop:8.1f} s")
    best = float("inf")
    for size in (int(one) for one in asked.batch_sizes.split(",")):
        timed(fast, images[: 2 * size], questions, size, ahead=False)
        for ahead in (False, True):
            best = min(best, report(f"batch of {size}, {'prefetched' if ahead else 'in line'}",
                                    timed(fast, images, questions, size, ahead=ahead), loop, floor))  # fmt: skip
    if asked.compile:
        import torch

        fast.vlm.model.model.visual.forward = torch.compile(fast.vlm.model.model.visual.forward, dynamic=True)
        timed(fast, images[: 2 * size], questions, size, ahead=True)
        seconds = timed(fast, images, questions, size, ahead=True)
        best = min(best, report(f"batch of {size}, compiled vision", seconds, loop, floor))
    found = [reply.answer for row in fast.poll_many([(image, questions) for image in few]) for reply in row]
    equal = sum(one == other for one, other in zip(found, expected, strict=True))
    print(f"  answers equal: {equal} of {len(expected)} (bf16)")
    return int(loop / best < NEEDED_SPEED or floor / best < NEEDED_SHARE)


def report(name: str, seconds: float, loop: float, floor: float) -> float:
    print(f"  {name:36s} {seconds:8.1f} s {loop / seconds:6.2f} x  {100 * floor / seconds:4.0f} % of the floor")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
