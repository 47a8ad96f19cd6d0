"""What the ready worker scripts share: where a model's code and weights are, its device, seeds, pictures.

Nothing heavy is imported before it is needed, and nothing newer than Python 3.8 is used.

    class Model:
        def __init__(self):
            use_repository("BAGEL_REPO")                    # its clone, first on the import path
            folder, self.revision = checkpoint("BAGEL_CHECKPOINT", "ByteDance-Seed/BAGEL-7B-MoT")
            self.device = pick_device()

`USED` is what the model's `environment` tells: the variables that were set, here or in the shell, and read.
"""

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

from realunify_worker import RUNTIME

# What decides a local checkpoint's behaviour; the same list as for checkpoints in our own environment.
CHECKPOINT_FILES = {".safetensors", ".bin", ".pt", ".pth", ".json", ".jinja", ".txt", ".model", ".py"}
SMALL = 100_000  # bytes of a config whose digest is kept
USED = {}


def setting(variable, default):
    """The environment variable's value where it is set, and noted in USED; else `default`."""
    value = os.environ.get(variable)
    if value:
        USED[variable] = value
    return value or default


def use_repository(variable, *needs):
    """Put the clone that the environment variable names first on the import path, and return its folder.

    `needs`: files that tell that it is the right one, and whole. Its commit and changes go into RUNTIME.
    """
    value = os.environ.get(variable, "")
    folder = Path(value).expanduser().resolve()
    if not value or not folder.is_dir():
        raise RuntimeError(
            f"{variable}={value!r} is no folder: clone the model's repository (`install` in the worker file says how) "
            f"and set {variable} in its [environment]"
        )
    lacking = _lacking(folder, needs)
    if lacking:
        raise RuntimeError(
            f"{variable}={value!r} has no {lacking}: half a clone, another repository or branch; clone it again "
            "(`install` in the worker file says how)"
        )
    _note_commit(folder)
    sys.path.insert(0, str(folder))
    return folder


def _lacking(folder, names):
    return ", ".join(name for name in names if not Path(folder, name).exists())


def _note_commit(folder):
    """The commit of the clone, and the files in it that were changed, for the manifest."""
    head = _git(folder, "rev-parse", "HEAD")
    RUNTIME["commit"] = head.strip() or "unknown"
    if head:
        changed = [line[3:] for line in _git(folder, "status", "--porcelain", "--untracked-files=no").splitlines()]
        RUNTIME["clone"] = "changed: " + ", ".join(changed[:5]) if changed else "clean"


def _git(folder, *words):
    """What git says; nothing where it is not installed, or the folder is no clone of its own."""
    ceiling = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent.parent)}
    command = ["git", "--no-optional-locks", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ceiling)
    except OSError:
        return ""
    return "" if done.returncode else done.stdout.decode("utf-8", "replace")


def checkpoint(variable, default, *needs):
    """(folder, revision) of the weights: a folder or a Hub name in the environment variable, else `default`.

    A Hub name is downloaded once; the revision is the commit that was fetched. REALUNIFY_REVISION picks a commit.
    `needs`: files that a checkpoint of this model has. Digests of its small config files go into RUNTIME.
    """
    name = os.environ.get(variable) or default
    wanted = os.environ.get("REALUNIFY_REVISION")
    folder = Path(name).expanduser()
    if folder.is_dir():
        if wanted:
            raise RuntimeError(f"--revision means a commit of the Hub, which the folder {folder} does not have")
        _check(folder, variable, needs)
        return str(folder), _recorded_revision(folder)
    from huggingface_hub import snapshot_download

    fetched = snapshot_download(name, revision=wanted)
    _check(Path(fetched), variable, needs)
    return fetched, _recorded_revision(Path(fetched))


def _check(folder, variable, needs):
    """That it is a checkpoint of this model; and the digests of its configs, for the manifest."""
    lacking = _lacking(folder, needs)
    if lacking:
        raise RuntimeError(
            f"{variable}: {folder} has no {lacking}: it is half a checkpoint, or one of another model; fetch it again, "
            f"or set {variable} to the right one"
        )
    for path in sorted([*folder.glob("*.json"), *folder.glob("*/*.json")]):
        if ("config" in path.name or path.name == "model_index.json") and path.stat().st_size < SMALL:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            RUNTIME["sha256 " + path.relative_to(folder).as_posix()] = digest


def _recorded_revision(folder):
    """The commit of a snapshot in the Hub's cache, or of a folder made by `hf download --local-dir`, else a digest."""
    if folder.parent.name == "snapshots":
        return folder.name
    for path in sorted(folder.glob(".cache/huggingface/download/*.metadata")):
        return path.read_text(encoding="utf-8").split("\n", 1)[0]
    return "sha256:" + _digest(folder)


def _digest(folder):
    """sha256 over the names and contents of what decides the checkpoint's behaviour."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in CHECKPOINT_FILES:
            one = hashlib.sha256()
            with path.open("rb") as file:
                for block in iter(lambda: file.read(1 << 20), b""):
                    one.update(block)
            whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + one.digest())
    return whole.hexdigest()


def file_from_hub(variable, repository, name):
    """One file of another Hub repository; the environment variable may hold its path instead."""
    place = setting(variable, "")
    if place:
        return str(Path(place).expanduser())
    from huggingface_hub import hf_hub_download

    return hf_hub_download(repository, name)


def pick_device():
    """REALUNIFY_DEVICE, else a GPU where there is one; made the current one, as some code asks for `cuda`.

    Of several GPUs the K-th process that a launcher started on this machine takes the K-th.
    """
    import torch

    device = os.environ.get("REALUNIFY_DEVICE")
    if not device and torch.cuda.is_available():
        rank = os.environ.get("LOCAL_RANK") or (os.environ.get("SLURM_LOCALID") if "SLURM_STEP_ID" in os.environ else 0)
        device = f"cuda:{int(rank or 0) % torch.cuda.device_count()}"
    device = device or "cpu"
    if device.startswith("cuda:"):
        torch.cuda.set_device(device)
    return device


def only_device():
    """Hide all GPUs but the one that `pick_device` would pick, for code that puts its model on cuda:0.

    It has to come before torch is imported, which reads CUDA_VISIBLE_DEVICES once.
    """
    asked = os.environ.get("REALUNIFY_DEVICE", "")  # a launcher's process is told its GPU so, too
    if not asked.startswith("cuda:"):
        return
    number = int(asked[len("cuda:") :])
    visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    if visible and number >= len(visible):
        raise RuntimeError(f"{asked} is not there: CUDA_VISIBLE_DEVICES shows {len(visible)} GPUs")
    os.environ["CUDA_VISIBLE_DEVICES"] = visible[number] if visible else str(number)
    os.environ["REALUNIFY_DEVICE"] = "cuda:0"


def seed_everything(seed):
    """Every generator that a model's code may draw from. 0 is a seed like any other."""
    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def note_cut(request, ids, limit, part):
    """Note on the request where a part of the model reads only the first `limit` of its text's tokens `ids`."""
    whole = len(ids)
    if whole > limit:
        request.notes.append(f"prompt cut from {whole} to {limit} tokens ({part})")


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
