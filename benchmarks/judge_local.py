"""The local judge against one `generate` a question, on a CPU: speed, equal answers, logit difference.

    OMP_NUM_THREADS=2 python benchmarks/judge_local.py [--images 200]

A Qwen2.5-VL shape of about 100 M random parameters; pictures of 448 px (256 visual tokens). The ways stand
side by side in one run and take turns picture by picture, so that a busy machine slows all of them alike;
CPU seconds, which other programs hardly disturb, stand beside wall seconds. Needs: at least 3.0 x the
questions a second with three questions an image and 3.5 x with four, equal answers, and logits that differ
by less than 1e-4 in float32. Exit status 1 when one is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

NEEDED = {3: 3.0, 4: 3.5}
BATCH_SIZES = (1, 4, 16)
SMALL = {
    "text": {"hidden_size": 768, "intermediate_size": 2048, "num_hidden_layers": 10, "num_attention_heads": 12,
             "num_key_value_heads": 2, "vocab_size": 16384},
    "vision": {"hidden_size": 320, "intermediate_size": 864, "depth": 8, "num_heads": 5,
               "fullatt_block_indexes": [1, 3, 5, 7]},
}  # fmt: skip
# Qwen2.5-VL prompts begin with this system turn.
SYSTEM = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
QUESTIONS = (
    "Are there exactly four birds on the table?",
    "Is the car on the left of the tree red?",
    "Does the clock on the wall show half past three?",
    "Is the animal on the table a white cat?",
)


def build(folder: Path, shape: dict[str, Any], *, dtype: str = "float32", device: str = "cpu") -> None:
    """A checkpoint of this shape with random weights, its answers spread over yes and no."""
    import torch
    from transformers import (
        GenerationConfig,
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2VLImageProcessorPil,
    )

    from dataset_builder import prompts
    from evaluator.models._tiny_language import QWEN_SPECIAL, QWEN_TEMPLATE
    from evaluator.models._tiny_parts import tokenizer_of
    from evaluator.models._torch import quiet

    quiet()
    # A vocabulary with whole words, so that a question is about as many tokens as with the real one.
    tokenizer = tokenizer_of(QWEN_SPECIAL, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    words = [prompts.judge_poll(question) for question in QUESTIONS] + [
        "system user assistant You are a helpful yes no"
    ]
    tokenizer = tokenizer.train_new_from_iterator(words * 50, 2000)
    token = tokenizer.convert_tokens_to_ids
    names = {"image_token_id": "image_pad", "video_token_id": "video_pad", "vision_start_token_id": "vision_start",
             "vision_end_token_id": "vision_end"}  # fmt: skip
    special = {name: token(f"<|{spelled}|>") for name, spelled in names.items()}
    half = shape["text"]["hidden_size"] // shape["text"]["num_attention_heads"] // 2
    section = [half - 2 * (half * 3 // 8), half * 3 // 8, half * 3 // 8]
    rope = {"rope_type": "default", "rope_theta": 1_000_000.0, "mrope_section": section}
    config = Qwen2_5_VLConfig(
        text_config={**shape["text"], "rope_parameters": rope, "bos_token_id": token("<|endoftext|>"),
                     "eos_token_id": token("<|im_end|>"), "pad_token_id": token("<|endoftext|>")},
        vision_config={**shape["vision"], "out_hidden_size": shape["text"]["hidden_size"], "window_size": 112,
                       "patch_size": 14},
        tie_word_embeddings=False,
        **special,
    )  # fmt: skip
    torch.manual_seed(0)
    with torch.device(device):
        torch.set_default_dtype(getattr(torch, dtype))
        try:
            model = Qwen2_5_VLForConditionalGeneration(config)
        finally:
            torch.set_default_dtype(torch.float32)
    model.generation_config = GenerationConfig(
        bos_token_id=token("<|endoftext|>"), eos_token_id=[token("<|im_end|>")], pad_token_id=token("<|endoftext|>")
    )
    model.save_pretrained(folder)
    pixels = {"shortest_edge": 56 * 56, "longest_edge": 16384 * 28 * 28}
    Qwen2VLImageProcessorPil(patch_size=14, merge_size=2, size=pixels).save_pretrained(folder)
    tokenizer.chat_template = SYSTEM + QWEN_TEMPLATE
    tokenizer.save_pretrained(folder)
    count = sum(parameter.numel() for parameter in model.parameters())
    seen = sum(parameter.numel() for parameter in model.model.visual.parameters())
    print(f"Qwen2.5-VL shape: {count / 1e6:.0f} M random parameters, of which vision tower {seen / 1e6:.0f} M")


def pictures(count: int, size: int) -> list[Any]:
    """Pictures that all differ: smooth colour fields with noise."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    found = []
    for _ in range(count):
        coarse = Image.fromarray(rng.integers(0, 255, (7, 7, 3), dtype=np.uint8)).resize((size, size), 2)
        noise = rng.integers(-20, 20, (size, size, 3))
        found.append(Image.fromarray(np.clip(np.asarray(coarse) + noise, 0, 255).astype(np.uint8)))
    return found


def speak(fast: Any, slow: Any, images: list[Any]) -> None:
    """Give both judges output rows for yes and no that win over all other tokens, each about as often.

    Along the mean last hidden state both stand high; along a random mixture of how it varies they part.
    """
    import torch

    head = fast.vlm.model.lm_head
    fast.vlm.model.lm_head = torch.nn.Identity()
    hidden = fast.first_logits([(fast.prepare(image), QUESTIONS) for image in images]).float()
    fast.vlm.model.lm_head = head
    mean = hidden.mean(dim=0)
    mixture = torch.randn(len(hidden), generator=torch.Generator().manual_seed(1)).to(hidden.device) @ (hidden - mean)
    mixture -= (mixture @ mean) / (mean @ mean) * mean
    mixture /= (hidden @ mixture).std()
    high = 10 * mean / (mean @ mean)
    yes, no = (fast.vlm.processor.tokenizer.convert_tokens_to_ids(word) for word in ("yes", "no"))
    for judge in (fast, slow):
        weight = judge.vlm.model.lm_head.weight
        with torch.no_grad():
            weight[yes], weight[no] = (high + mixture).to(weight.dtype), (high - mixture).to(weight.dtype)


class Clock:
    """Wall and CPU seconds of one way, summed over its turns."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0
        self.images = 0

    @property
    def milliseconds(self) -> tuple[float, float]:
        """Wall and CPU milliseconds an image."""
        return 1000 * self.wall / self.images, 1000 * self.cpu / self.images

    def time(self, images: int, work: Callable[[], Any]) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu
        self.images += images
        return result


def compare(slow: Any, fast: Any, images: list[Any], count: int) -> bool:
    """The ways in turns over the images with `count` questions each; whether the figures are met."""
    import torch

    asked = QUESTIONS[:count]
    clocks = {"generate": Clock(), **{f"batch of {size}": Clock() for size in BATCH_SIZES}}
    expected: list[str] = []
    found: dict[str, list[str]] = {name: [] for name in clocks}
    worst = 0.0
    for start in range(0, len(images), max(BATCH_SIZES)):
        chunk = images[start : start + max(BATCH_SIZES)]
        logits = []
        for image in chunk:
            for question in asked:
                reply, first = clocks["generate"].time(1, lambda i=image, q=question: slow.generate(i, q))
                expected.append(reply.answer)
                logits.append(first)
        for size in BATCH_SIZES:
            fast.batch_size = size
            name = f"batch of {size}"
            for at in range(0, len(chunk), size):
                items = [(image, asked) for image in chunk[at : at + size]]
                replies = clocks[name].time(len(items), lambda i=items: fast.poll_many(i))
                found[name] += [reply.answer for row in replies for reply in row]
        ours = fast.first_logits([(fast.prepare(image), asked) for image in chunk])
        worst = max(worst, float((ours - torch.cat(logits)).abs().max()))
    clocks["generate"].images //= count
    base = clocks.pop("generate")
    print(f"{count} questions an image, {len(images)} images          wall ms/image    x    CPU ms/image    x")
    print(f"  {'generate 2 tokens, in turn':38s} {base.milliseconds[0]:10.0f} {'':7s} {base.milliseconds[1]:10.0f}")
    best = 0.0
    for name, clock in clocks.items():
        wall, cpu = (ours / theirs for ours, theirs in zip(base.milliseconds, clock.milliseconds, strict=True))
        best = max(best, wall)
        print(f"  {name:38s} {clock.milliseconds[0]:10.0f} {wall:7.2f} {clock.milliseconds[1]:10.0f} {cpu:7.2f}")
    same = all(found[name] == expected for name in clocks)
    counted = ", ".join(f"{expected.count(answer)} {answer}" for answer in sorted(set(expected)))
    print(f"  answers {'equal' if same else 'DIFFER'} ({counted}), max |dlogit| {worst:.1e}; best {best:.2f} x")
    return same and worst < 1e-4 and best >= NEEDED[count]


def main() -> int:
    """Print the tables; exit 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200, help="images with three questions each; a fifth with four")
    images = parser.parse_args().images
    import torch

    from evaluator.judging.judges import load_judge

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), SMALL)
        slow = load_judge(f"local:{folder}?mode=generate&max_new_tokens=2")
        fast = load_judge(f"local:{folder}")
        shown = pictures(images, 448)
        speak(fast, slow, pictures(4, 448))
        slow.poll(shown[0], QUESTIONS[:1])
        fast.poll(shown[0], QUESTIONS[:3])
        tokens = [len(fast.prefix.tokens(fast.chat(question))) for question in QUESTIONS]  # type: ignore[attr-defined]
        print(f"{torch.get_num_threads()} threads; prompts of {tokens} tokens and 256 for the image")
        three = compare(slow, fast, shown, 3)
        four = compare(slow, fast, shown[: max(1, images // 5)], 4)
    return int(not (three and four))


if __name__ == "__main__":
    sys.exit(main())
