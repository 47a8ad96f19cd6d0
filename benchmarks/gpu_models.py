"""Images a second of Janus-Pro-1B's and Flux Kontext's real shapes, one at a time against batched.

    python benchmarks/gpu_models.py [--batches 1,4,16] [--images 16] [--models janus,kontext]

The weights are random bf16 numbers of the real shapes, made on the GPU: speed does not depend on what they
say, and nothing is downloaded. The plain loop is the same adapter called with one request at a time.
Without a GPU the script says so and ends.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evaluator.models import tiny
from evaluator.models.base import LoadOptions, Model
from evaluator.models.registry import load_model
from evaluator.records import Request

PROMPT = "three red apples on a wooden table, a white cat behind them, number {}"


def janus_pro_1b() -> Model:
    """The adapter of tiny:janus with a network of Janus-Pro-1B's shape put in."""
    import torch
    from transformers import JanusConfig, JanusForConditionalGeneration

    model: Any = load_model("tiny:janus", LoadOptions(device="cuda", dtype="bfloat16"))
    vocabulary = model.model.config.text_config
    # Sizes of deepseek-community/Janus-Pro-1B; the vocabulary keeps the tiny tokenizer's special ids.
    config = JanusConfig(
        text_config={
            "model_type": "llama", "vocab_size": 102400, "hidden_size": 2048, "intermediate_size": 5632,
            "num_hidden_layers": 24, "num_attention_heads": 16, "num_key_value_heads": 16,
            "max_position_embeddings": 16384, "bos_token_id": vocabulary.bos_token_id,
            "eos_token_id": vocabulary.eos_token_id, "pad_token_id": vocabulary.pad_token_id,
            "tie_word_embeddings": False,
        },
        vision_config={"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "image_size": 384,
                       "patch_size": 16, "projection_dim": 2048, "num_image_tokens": 576},
        vq_config={},
        image_token_id=model.model.config.image_token_id,
        tie_word_embeddings=False,
    )  # fmt: skip
    generation = model.model.generation_config
    with torch.device("cuda"):
        torch.set_default_dtype(torch.bfloat16)
        network = JanusForConditionalGeneration(config).eval()
        torch.set_default_dtype(torch.float32)
    network.generation_config = generation
    model.model = network
    return model


def flux_kontext() -> Model:
    """The adapter of tiny:kontext with Flux Kontext's transformer and autoencoder put in (text encoders stay)."""
    import torch
    from diffusers import AutoencoderKL, FluxTransformer2DModel

    model: Any = load_model("tiny:kontext", LoadOptions(device="cuda", dtype="bfloat16"))
    text_widths = {"joint_attention_dim": 32, "pooled_projection_dim": 32}
    with torch.device("cuda"):
        torch.set_default_dtype(torch.bfloat16)
        # Sizes of black-forest-labs/FLUX.1-Kontext-dev, but for the width of the text that comes in.
        transformer = FluxTransformer2DModel(guidance_embeds=True, **text_widths).eval()
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512), down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4, latent_channels=16, layers_per_block=2,
            scaling_factor=0.3611, shift_factor=0.1159, use_quant_conv=False, use_post_quant_conv=False,
        ).eval()  # fmt: skip
        torch.set_default_dtype(torch.float32)
    pipe = model.pipe
    model.pipe = type(pipe)(**{**pipe.components, "transformer": transformer, "vae": vae})
    model.pipe.set_progress_bar_config(disable=True)
    model.parameters.update(num_inference_steps=28, max_area=1024 * 1024, max_sequence_length=512, _auto_resize=True)
    return model


MODELS: dict[str, tuple[str, Callable[[], Model]]] = {
    "janus": ("Janus-Pro-1B, 384 px", janus_pro_1b),
    "kontext": ("Flux Kontext, 1024 px, 28 steps", flux_kontext),
}


def requests(model: Model, count: int) -> list[Request]:
    return [Request(PROMPT.format(n), seed=n, parameters=model.parameters) for n in range(count)]


def rate(model: Model, batch: int, images: int) -> float:
    """Images a second over at least one whole batch, after one untimed batch."""
    import torch

    count = max(batch, images // batch * batch)
    rows = requests(model, count)
    model.generate(rows[:batch])
    torch.cuda.synchronize()
    started = time.perf_counter()
    for start in range(0, count, batch):
        model.generate(rows[start : start + batch])
    torch.cuda.synchronize()
    return count / (time.perf_counter() - started)


def measure(label: str, model: Model, batches: Sequence[int], images: int) -> None:
    import torch

    base = None
    for batch in batches:
        torch.cuda.reset_peak_memory_stats()
        try:
            speed = rate(model, batch, images)
        except torch.OutOfMemoryError:
            print(f"| {label} | {batch} | out of memory | | |")
            break
        base = base or speed
        memory = torch.cuda.max_memory_allocated() / 2**30
        print(f"| {label} | {batch} | {speed:.2f} | {speed / base:.2f} x | {memory:.1f} GiB |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--batches", default="1,4,16", help="batch sizes; the first is the plain loop")
    parser.add_argument("--images", type=int, default=16, help="images timed per row, at least one batch")
    parser.add_argument("--models", default=",".join(MODELS), help=f"some of {', '.join(MODELS)}")
    arguments = parser.parse_args()

    import torch

    if not torch.cuda.is_available():
        print(f"{Path(__file__).name}: skipped, torch sees no GPU here (CUDA build: {torch.version.cuda or 'no'})")
        return
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, bfloat16, random weights\n")
    print("| model | batch | images/s | against one at a time | peak memory |\n|---|---:|---:|---:|---:|")
    for name in arguments.models.split(","):
        label, build = MODELS[name]
        tiny.checkpoint(name)
        model = build()
        measure(label, model, [int(batch) for batch in arguments.batches.split(",")], arguments.images)
        model.close()
        del model
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
