"""What every adapter with local weights needs: device, dtype, seeds, revisions, and errors in one line.

    with loading("janus:some/checkpoint"):
        model = AutoModel.from_pretrained("some/checkpoint", dtype=dtype_of(options, device))

A failure inside `loading` that a user can mend (a missing, gated, damaged or incomplete checkpoint, no network,
too little memory or disk) becomes one line that says how; everything else passes through untouched.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.models.base import LoadOptions

if TYPE_CHECKING:
    import torch

# What decides a local checkpoint's behaviour: weights, configs, tokenizer and templates, code.
_CHECKPOINT_FILES = {".safetensors", ".bin", ".pt", ".json", ".jinja", ".txt", ".model", ".py"}


def device_of(options: LoadOptions) -> torch.device:
    """The device asked for; `auto` is a GPU where there is one (the current one, which a launcher may have set)."""
    import torch

    if options.device != "auto":
        try:
            device = torch.device(options.device)
        except RuntimeError:
            raise UsageError(f"unknown device '{options.device}'; write cpu, cuda, cuda:1 or mps") from None
        try:
            # Only a number that comes back proves that there is a device behind the name.
            torch.zeros(1, device=device).item()
        except (RuntimeError, AssertionError, NotImplementedError, ImportError):
            count = torch.cuda.device_count()
            seen = f"torch sees {count} GPUs, cuda:0 to cuda:{count - 1}" if count else "torch sees no GPU"
            raise UsageError(f"device '{options.device}' is not here ({seen}); write --device cpu or auto") from None
        return device
    if torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def dtype_of(options: LoadOptions, device: torch.device) -> torch.dtype:
    """The dtype asked for; `auto` is bf16 on a GPU and float32 on a CPU."""
    import torch

    names = {
        "auto": torch.float32 if device.type == "cpu" else torch.bfloat16,
        **dict.fromkeys(("bf16", "bfloat16"), torch.bfloat16),
        **dict.fromkeys(("fp16", "float16"), torch.float16),
        **dict.fromkeys(("fp32", "float32"), torch.float32),
    }
    if options.dtype not in names:
        raise UsageError(f"unknown dtype '{options.dtype}'; write auto, bfloat16, float16 or float32")
    return names[options.dtype]


def generator(seed: int) -> torch.Generator:
    """A generator of this seed on the CPU, so that a seed means the same noise on every device."""
    import torch

    return torch.Generator("cpu").manual_seed(seed % 2**63)


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Run with the global generators at `seed`, and put them back afterwards."""
    import torch

    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed % 2**63)
        yield


def quiet() -> None:
    """Switch off the libraries' advice and weight-loading bars; downloads keep theirs."""
    import transformers
    from transformers.utils import logging

    transformers.logging.set_verbosity_error()
    logging._tqdm_active = False


def _local_folder(checkpoint: str) -> Path | None:
    """The folder that `checkpoint` names, None for a Hub id; a path that is not there is refused."""
    if not checkpoint:
        raise UsageError("the checkpoint's name is empty: write FAMILY:ORG/NAME or FAMILY:/path/to/folder")
    path = Path(checkpoint).expanduser()
    if path.is_dir():
        return path
    if checkpoint.startswith((".", "/", "~")) or path.exists() or checkpoint.count("/") > 1:
        raise UsageError(f"no checkpoint folder at '{checkpoint}'; give a folder or a Hub id such as ORG/NAME")
    return None


@dataclass(frozen=True)
class Checkpoint:
    """Where a checkpoint is: `place` and `commit` go to every from_pretrained, `index` is its first file here.

    A branch or tag is pinned to the commit that it meant when the first file was read, so that weights,
    processor and the recorded revision are of one and the same commit.
    """

    spec: str
    place: str
    commit: str | None
    index: Path

    @property
    def revision(self) -> str:
        """The Hub's commit, or for a folder the sha256 over its weights and configuration."""
        return self.commit or f"sha256:{_folder_digest(Path(self.place))}"

    def read_index(self) -> dict[str, Any]:
        try:
            found = json.loads(self.index.read_text(encoding="utf-8"))
        except ValueError as error:
            raise UsageError(f"{self.spec}: its {self.index.name} is damaged ({error}); fetch it again") from None
        if not isinstance(found, dict):
            raise UsageError(f"{self.spec}: its {self.index.name} is damaged (no JSON object); fetch it again")
        return found


def find_checkpoint(spec: str, checkpoint: str, options: LoadOptions, index: str) -> Checkpoint:
    """Find `checkpoint` (a folder or a Hub id) by its file `index`; mistakes are one line."""
    folder = _local_folder(checkpoint)
    if folder is not None:
        if not (folder / index).is_file():
            raise UsageError(f"{spec}: the folder has no {index}, so it is no checkpoint of this family")
        if options.revision is not None:
            raise UsageError(f"{spec}: --revision means a commit of the Hub, which a folder does not have")
        return Checkpoint(spec, str(folder), None, folder / index)
    from huggingface_hub import hf_hub_download

    with loading(spec):
        path = Path(hf_hub_download(checkpoint, index, revision=options.revision))
    # In the Hub's cache a file lies at snapshots/<commit>/<name>.
    return Checkpoint(spec, checkpoint, path.parent.name, path)


def _folder_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _CHECKPOINT_FILES:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def environment_of(device: torch.device, dtype: torch.dtype) -> dict[str, str]:
    """Device, dtype and torch's version, for the manifest."""
    import torch

    facts = {"device": str(device), "dtype": str(dtype).removeprefix("torch."), "torch": torch.__version__}
    if device.type == "cuda":
        facts["gpu"] = torch.cuda.get_device_name(device)
    return facts


@contextmanager
def loading(spec: str) -> Iterator[None]:
    """Turn what can go wrong with somebody's checkpoint into one line that says what to do."""
    try:
        yield
    except RealUnifyError:
        raise
    except Exception as error:
        explained = _explained(spec, error)
        if explained is None:
            raise
        raise explained from error


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _explained(spec: str, error: Exception) -> RealUnifyError | None:
    from huggingface_hub import errors as hub
    from safetensors import SafetensorError

    causes = list(_chain(error))

    def caused_by(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    checkpoint = re.sub(r"^[a-z0-9_]+:", "", spec)
    if caused_by(hub.GatedRepoError):
        return RealUnifyError(
            f"{spec} is gated: accept its licence at https://huggingface.co/{checkpoint} and run `hf auth login`"
        )
    if caused_by(hub.RevisionNotFoundError):
        return UsageError(f"{spec} has no such revision; see https://huggingface.co/{checkpoint}/commits/main")
    if caused_by(hub.EntryNotFoundError) and not caused_by(hub.LocalEntryNotFoundError):
        return UsageError(f"{spec} lacks a file that this family needs ({_first_line(error)}); try another family")
    if caused_by(hub.RepositoryNotFoundError):
        return UsageError(f"{spec}: no such checkpoint on the Hub (if it is private, run `hf auth login`)")
    if caused_by(hub.HFValidationError):
        return UsageError(f"{spec}: '{checkpoint}' is neither a folder here nor a Hub id such as ORG/NAME")
    if caused_by(hub.OfflineModeIsEnabled, hub.LocalEntryNotFoundError, ConnectionError):
        return RealUnifyError(
            f"{spec} is not in the local cache and the Hub cannot be reached; with a network run "
            f"`hf download {checkpoint}` (and unset HF_HUB_OFFLINE if it is set)"
        )
    if caused_by(SafetensorError, EOFError):
        return RealUnifyError(f"{spec}: a weights file is damaged ({_first_line(error)}); download it again")
    if any(isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT) for cause in causes):
        return RealUnifyError(f"{spec}: the disk is full; free some space, or set HF_HOME to a folder on another disk")
    if any(type(cause).__name__ == "OutOfMemoryError" or isinstance(cause, MemoryError) for cause in causes):
        return RealUnifyError(
            f"{spec} does not fit into memory ({_first_line(error)}); give --dtype bfloat16, another --device, or a "
            "smaller checkpoint"
        )
    message = str(error)
    if "ignore_mismatched_sizes" in message:
        return RealUnifyError(
            f"{spec}: its weights have other shapes than its configuration says, so the two are not of one "
            "checkpoint; fetch it again"
        )
    if "backend tokenizer" in message:
        return _no_tokenizer(spec)
    if isinstance(error, OSError) and error.errno is None or "Unrecognized model" in message:
        return UsageError(f"{spec} cannot be loaded: {_first_line(error)}")
    if "trust_remote_code" in message or "does not recognize this architecture" in message:
        return UsageError(
            f"{spec} is of an architecture that the installed transformers lacks; upgrade it, or run the model "
            "in its own environment with worker:FILE.toml"
        )
    return None


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


def require_tokenizer(spec: str, tokenizer: Any) -> None:
    """Refuse a tokenizer that reads nothing: without its files some classes are made with an empty vocabulary."""
    ids = tokenizer("yes", add_special_tokens=False)["input_ids"]
    if not set(ids) - {tokenizer.unk_token_id}:
        raise _no_tokenizer(spec)


def _no_tokenizer(spec: str) -> UsageError:
    return UsageError(f"{spec}: its tokenizer's files are missing or damaged; fetch the whole checkpoint again")


def config_of(checkpoint: Checkpoint) -> Any:
    """The transformers configuration, read before any weights."""
    from transformers import AutoConfig

    with loading(checkpoint.spec):
        return AutoConfig.from_pretrained(checkpoint.place, revision=checkpoint.commit)
