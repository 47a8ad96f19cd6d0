"""Which part of the work this process does: `--shard I/N`, or the rank that a launcher has set.

Shards are independent, without collectives, so no watchdog trips and none waits for another.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from dataset_builder.errors import UsageError

Shard = tuple[int, int]
Item = TypeVar("Item")


def parse_shard(text: str) -> Shard:
    """`2/8` is the second of eight."""
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"shard '{text}' is not I/N with 1 <= I <= N, such as 2/8")
    return int(match[1]), int(match[2])


def launched_shard(environment: Mapping[str, str] | None = None) -> Shard | None:
    """The shard that torchrun, accelerate launch or srun gave this process; None when none of them did.

    SLURM's variables count only inside a job step (srun): a batch script sees its allocation's task count
    too, and would otherwise do one shard and leave the rest.
    """
    env = os.environ if environment is None else environment
    for rank, size, needed in (("RANK", "WORLD_SIZE", ""), ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_ID")):
        if rank in env and size in env and (not needed or needed in env) and int(env[size]) > 1:
            return int(env[rank]) + 1, int(env[size])
    return None


def launched_device(environment: Mapping[str, str] | None = None) -> str | None:
    """`cuda:K` for the launcher's K-th process on this machine, where torch sees more than one GPU."""
    env = os.environ if environment is None else environment
    local = env.get("LOCAL_RANK") or (env.get("SLURM_LOCALID") if "SLURM_STEP_ID" in env else None)
    if local is None or importlib.util.find_spec("torch") is None:
        return None
    import torch

    count = torch.cuda.device_count()
    return f"cuda:{int(local) % count}" if count > 1 else None


def use_launched_device() -> None:
    """Make the launcher's GPU the current one: `cuda` then means it, to our adapters and to a user's own class."""
    device = launched_device()
    if device is not None:
        import torch

        torch.cuda.set_device(device)


def part_of(items: Sequence[Item], shard: Shard | None) -> list[Item]:
    """Every N-th item from the I-th, so that each shard gets its share of every category."""
    return list(items) if shard is None else list(items[shard[0] - 1 :: shard[1]])
