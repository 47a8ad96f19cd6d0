"""`realunify run --ray ADDRESS`: the shards of a run as Ray tasks, with GPU requirements and retries.

Ray places and restarts the tasks; the shards are those of `--shard I/N`, independent of one another, so a
worker that dies is simply run again and goes on from the lines that it had written. The run folder must be
on storage that all machines see.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dataset_builder.errors import MissingExtraError, RealUnifyError, UsageError
from evaluator.running.executing import RunSummary
from evaluator.running.job import require_positive
from evaluator.running.run import run

RETRIES = 5


def run_on_ray(
    model: str,
    dataset: str | Path,
    *,
    out: str | Path,
    address: str | None = None,
    shards: int | None = None,
    gpus_per_shard: float = 1.0,
    **options: Any,
) -> RunSummary:
    """Run as `run` does, in `shards` Ray tasks. `options` are those of `run`.

    `address` is `local` (a Ray of this machine's own) or a cluster's; None is the cluster that runs here or that
    RAY_ADDRESS names, else a local one. Without GPUs in the cluster a
    shard needs one CPU instead. Raises RealUnifyError when a shard fails more often than Ray retries.
    """
    require_positive(shards=shards)
    if importlib.util.find_spec("ray") is None:
        raise MissingExtraError("--ray", "ray", "ray")
    import ray
    from ray.exceptions import RayError, RayTaskError

    ours = not ray.is_initialized()
    try:
        ray.init(address=address, ignore_reinit_error=True, log_to_driver=False, include_dashboard=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"no Ray at '{address or 'RAY_ADDRESS'}': {str(error).splitlines()[0]}; start one with: ray start --head"
        ) from None
    try:
        have = ray.cluster_resources()
        gpus = gpus_per_shard if have.get("GPU", 0) >= gpus_per_shard else 0.0
        count = shards or max(1, int(have["GPU"] // gpus_per_shard if gpus else have.get("CPU", 1)))
        task = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=RETRIES)(_shard)
        place, data = str(Path(out).absolute()), _absolute(dataset)
        waiting = [task.remote(model, data, place, (number, count), options) for number in range(1, count + 1)]
        return _sum(Path(out), [RunSummary(**found) for found in ray.get(waiting)])
    except RayTaskError as error:
        cause = error.cause if isinstance(error.cause, RealUnifyError) else None
        if cause is None:
            raise
        raise cause from None
    except RayError as error:
        first = str(error).strip().splitlines()[0]
        raise RealUnifyError(f"Ray gave up on a shard: {first}; what is done is kept, run again to go on") from None
    finally:
        if ours:
            ray.shutdown()


def _shard(model: str, dataset: str, out: str, shard: tuple[int, int], options: dict[str, Any]) -> dict[str, Any]:
    return asdict(run(model, dataset, out=out, **{**options, "shard": shard}))


def _absolute(dataset: str | Path) -> str:
    """A folder's absolute path, since Ray's workers run elsewhere; a Hub name stays what it is."""
    return str(Path(dataset).absolute()) if Path(dataset).exists() else str(dataset)


def _sum(out: Path, parts: list[RunSummary]) -> RunSummary:
    return RunSummary(
        out,
        total=sum(part.total for part in parts),
        already=sum(part.already for part in parts),
        done=sum(part.done for part in parts),
        errors=sum(part.errors for part in parts),
        refusals=sum(part.refusals for part in parts),
        not_supported=parts[0].not_supported,
        batch_size=min(part.batch_size for part in parts),
        usage=dict(sum((Counter(part.usage) for part in parts), Counter())),
        notes=[f"part {number}: {note}" for number, part in enumerate(parts, 1) for note in part.notes],
    )
