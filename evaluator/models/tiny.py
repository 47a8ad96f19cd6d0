"""`tiny:NAME`: tiny checkpoints with random weights, for trying the harness out; their scores are at chance.

    tiny:janus, tiny:emu3, tiny:qwen-vl, tiny:qwen3-vl, tiny:kontext, tiny:flux2-klein, tiny:instruct-pix2pix

Each is built once from a fixed seed, saved under `REALUNIFY_CACHE` (or `~/.cache/realunify`), and then
loaded by the very code that loads the real checkpoint, from a local folder and without a network.
"""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataset_builder.errors import RealUnifyError, unknown_name
from dataset_builder.files import cache_folder
from evaluator.models.base import LoadOptions, Model

# Part of the folder's name: raise it whenever a builder changes what it writes.
VERSION = 2

_TEXT = {"max_new_tokens": 8}
_PICTURE = {"num_inference_steps": 4, "max_sequence_length": 128}


@dataclass(frozen=True)
class Tiny:
    """A stand-in: the family that loads it, its builder, and defaults small enough for a CPU."""

    family: str
    builder: str
    defaults: Mapping[str, Any]
    batch_size: int = 8


TINY: dict[str, Tiny] = {
    "janus": Tiny("janus", "_tiny_language:build_janus", _TEXT, 16),
    "emu3": Tiny(
        "emu3", "_tiny_language:build_emu3", {**_TEXT, "image_area": 48 * 48, "negative_prompt": "lowres, blurry."}
    ),
    "qwen-vl": Tiny("vlm", "_tiny_language:build_qwen25_vl", _TEXT),
    "qwen3-vl": Tiny("vlm", "_tiny_language:build_qwen3_vl", _TEXT),
    "kontext": Tiny(
        "diffusers", "_tiny_diffusion:build_kontext", {**_PICTURE, "max_area": 96 * 96, "_auto_resize": False}
    ),
    "flux2-klein": Tiny("diffusers", "_tiny_diffusion:build_flux2_klein", {**_PICTURE, "height": 96, "width": 96}),
    "instruct-pix2pix": Tiny(
        "diffusers", "_tiny_diffusion:build_instruct_pix2pix", {"num_inference_steps": 4, "longest_edge": 128}
    ),
}


def load(rest: str, options: LoadOptions) -> Model:
    """The stand-in for `tiny:rest`, through its family's own `load`."""
    import torch

    folder = checkpoint(rest)
    # Threads cost these small tensors more than they bring, and one sums in the same order everywhere.
    torch.set_num_threads(1)
    tiny = TINY[rest]
    # A revision is a commit of the Hub, which a local checkpoint does not have.
    options = LoadOptions(dtype=options.dtype, device=options.device)
    model: Model = importlib.import_module(f"evaluator.models.{tiny.family}").load(str(folder), options)
    model.name = f"tiny:{rest}"
    model.parameters.update(tiny.defaults)
    model.batch_size = tiny.batch_size
    model.random_weights = True
    return model


def checkpoint(name: str) -> Path:
    """The folder of this tiny checkpoint, built now if it is not there yet."""
    if name not in TINY:
        raise unknown_name("tiny model", name, TINY)
    folder = cache_folder("tiny") / f"{name}-v{VERSION}"
    if not folder.exists():
        try:
            _build(name, folder)
        except OSError as error:
            raise RealUnifyError(
                f"cannot write the tiny checkpoint to {folder} ({error.strerror}); set REALUNIFY_CACHE to a folder "
                "that can be written"
            ) from error
    return folder


def _build(name: str, folder: Path) -> None:
    """Build beside the target and rename: another process sees the whole checkpoint or none."""
    module, _, function = TINY[name].builder.partition(":")
    build = getattr(importlib.import_module(f"evaluator.models.{module}"), function)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        build(draft)
        draft.chmod(0o755)
        try:
            draft.rename(folder)
        except OSError:
            # Another process was first; its checkpoint is the same, since the seed is.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
