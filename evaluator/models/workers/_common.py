"""What the ready worker scripts share: where a model's code and weights are, its device, seeds, pictures.

Nothing heavy is imported before it is needed, and nothing newer than Python 3.8 is used.

    class Model:
        def __init__(self):
            use_repository("BAGEL_REPO")                    # its clone, first on the import path
            folder, self.revision = checkpoint("BAGEL_CHECKPOINT", "ByteDance-Seed/BAGEL-7B-MoT")
            self.device = pick_device()
"""

import os
import random
import sys
from pathlib import Path


def use_repository(variable):
    """Put the clone that the environment variable names first on the import path, and return its folder."""
    value = os.environ.get(variable, "")
    folder = Path(value).expanduser().resolve()
    if not value or not folder.is_dir():
        raise RuntimeError(
            f"{variable}={value!r} is no folder: clone the model's repository (see `notes` in the worker file) and "
            f"set {variable} in its [environment]"
        )
    sys.path.insert(0, str(folder))
    return folder


def checkpoint(variable, default):
    """(folder, revision) of the weights: a folder or a Hub name in the environment variable, else `default`.

    A Hub name is downloaded once; the revision is the commit that was fetched. REALUNIFY_REVISION picks a commit.
    """
    name = os.environ.get(variable) or default
    wanted = os.environ.get("REALUNIFY_REVISION")
    folder = Path(name).expanduser()
    if folder.is_dir():
        return str(folder), wanted or _recorded_revision(folder)
    from huggingface_hub import snapshot_download

    fetched = snapshot_download(name, revision=wanted)
    return fetched, _recorded_revision(Path(fetched))


def _recorded_revision(folder):
    """The commit of a snapshot in the Hub's cache, or of a folder made by `hf download --local-dir`."""
    if folder.parent.name == "snapshots":
        return folder.name
    for path in sorted(folder.glob(".cache/huggingface/download/*.metadata")):
        return path.read_text(encoding="utf-8").split("\n", 1)[0]
    return "unknown"


def file_from_hub(variable, repository, name):
    """One file of another Hub repository; the environment variable may hold its path instead."""
    if os.environ.get(variable):
        return str(Path(os.environ[variable]).expanduser())
    from huggingface_hub import hf_hub_download

    return hf_hub_download(repository, name)


def pick_device():
    """REALUNIFY_DEVICE, else the GPU where there is one; made the current one, as some code asks for `cuda`."""
    import torch

    device = os.environ.get("REALUNIFY_DEVICE") or ("cuda:0" if torch.cuda.is_available() else "cpu")
    if device.startswith("cuda:"):
        torch.cuda.set_device(device)
    return device


def seed_everything(seed):
    """Every generator that a model's code may draw from. 0 is a seed like any other."""
    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def pictures(request):
    """The request's pictures, RGB."""
    from PIL import Image

    loaded = []
    for path in request.images:
        with Image.open(path) as image:
            loaded.append(image.convert("RGB"))
    return loaded


def picture(request):
    """The request's only picture, or None where it has none."""
    if len(request.images) > 1:
        raise ValueError(f"this model takes one picture at a time, not {len(request.images)}")
    return pictures(request)[0] if request.images else None
