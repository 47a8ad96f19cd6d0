"""`realunify publish`: a dataset folder becomes a dataset repository on the Hub, in one commit.

Compares first and uploads only what differs, so running it again does nothing, and running it after a lost
connection goes on from the files that arrived. Readers see the old commit or the new one, never a mixture.
The commit is tagged with the dataset's version; a tag never moves to other rows.

    >>> print(publish("realunify", "org/realunify", dry_run=True).text())
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.files import sha256_file
from dataset_builder.folder import INFO_FILE, REPO_NAME, Dataset, Info, read_info

if TYPE_CHECKING:
    from huggingface_hub import HfApi

# What a dataset folder consists of. Anything else in the repository is somebody else's and stays.
OURS = ("README.md", "LICENSE", "eval.yaml", "croissant.json", INFO_FILE)
OUR_FOLDERS = ("data", "preview")


@dataclass(frozen=True)
class Remote:
    """A repository as it stands: head commit, file digests (sha256 for LFS, git's own otherwise), tags."""

    head: str | None = None
    private: bool = False
    files: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Summary:
    """What was done, or with `dry_run` what would be."""

    repo: str
    url: str
    tag: str
    private: bool
    created: bool
    uploaded: dict[str, int]
    deleted: list[str]
    unchanged: int
    tagged: bool
    dry_run: bool

    def text(self) -> str:
        """One line a fact, for the terminal."""
        would = "would " if self.dry_run else ""
        lines = []
        if self.created:
            lines.append(f"{would}create {'private' if self.private else 'public'} dataset {self.repo}")
        lines += [f"{would}upload {name} ({size:,} bytes)" for name, size in self.uploaded.items()]
        lines += [f"{would}delete {name}" for name in self.deleted]
        if self.tagged:
            lines.append(f"{would}tag the commit {self.tag}")
        done = len(self.uploaded) + len(self.deleted)
        total = sum(self.uploaded.values()) / 2**20
        end = (
            f"{done} files in one commit, {total:.1f} MiB, {self.unchanged} unchanged" if done else "nothing to upload"
        )
        return "\n".join([*lines, f"{self.url}: {end}" + (" (dry run)" if self.dry_run else "")])


def publish(
    directory: str | Path,
    repo: str,
    *,
    private: bool = False,
    dry_run: bool = False,
    endpoint: str | None = None,
    token: str | None = None,
) -> Summary:
    """Make the dataset `repo` (ORG/NAME) on the Hub equal to the folder, and tag its version.

    `endpoint` and `token` default to the environment's (`HF_ENDPOINT`, `HF_TOKEN` or `hf auth login`). Raises
    UsageError for what must not be published and RealUnifyError, one line, for every refusal of the Hub.
    """
    from huggingface_hub import HfApi

    if not REPO_NAME.fullmatch(repo):
        raise UsageError(f"repository '{repo}' is not of the form ORG/NAME; give for example org/realunify")
    folder = Path(directory)
    info = Dataset.open(folder).info
    api = HfApi(endpoint=endpoint, token=token)
    tag = f"v{info.version}"
    with _plain_errors(repo):
        if not dry_run:
            api.whoami()
        remote = _remote(api, repo)
        _check_allowed(folder, info, repo, private, remote)
        _check_tag(api, repo, tag, info, remote)
        local = local_files(folder)
        changed = [name for name, path in local.items() if remote.files.get(name) not in digests(path)]
        stale = [name for name in remote.files if name not in local and _is_ours(name)]
        if dry_run:
            tagged = bool(changed or stale) or remote.tags.get(tag) != remote.head
        else:
            if remote.head is None:
                api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
            commit = remote.head or str(api.dataset_info(repo).sha)
            if changed or stale:
                message = f"{info.dataset_id} {tag}, content {info.content_sha256[:12]}"
                commit = _commit(api, repo, {name: local[name] for name in changed}, stale, message, parent=commit)
            tagged = _put_tag(api, repo, tag, commit, remote)
    return Summary(
        repo=repo,
        url=f"{api.endpoint}/datasets/{repo}",
        tag=tag,
        private=private or remote.private,
        created=remote.head is None,
        uploaded={name: local[name].stat().st_size for name in changed},
        deleted=stale,
        unchanged=len(local) - len(changed),
        tagged=tagged,
        dry_run=dry_run,
    )


def local_files(folder: Path) -> dict[str, Path]:
    """What is uploaded: path in the repository to file, in order."""
    files = [folder / name for name in OURS]
    for name in OUR_FOLDERS:
        files += sorted((folder / name).rglob("*"))
    return {path.relative_to(folder).as_posix(): path for path in files if path.is_file()}


def digests(path: Path) -> tuple[str, str]:
    """The two names that the Hub may have for this content: sha256 (LFS) and git's blob hash."""
    git = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as handle:
        while piece := handle.read(1 << 20):
            git.update(piece)
    return sha256_file(path), git.hexdigest()


def _is_ours(name: str) -> bool:
    return name in OURS or name.split("/")[0] in OUR_FOLDERS


def _remote(api: HfApi, repo: str) -> Remote:
    from huggingface_hub import RepoFile
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        described = api.dataset_info(repo)
    except RepositoryNotFoundError:
        return Remote()
    tree = api.list_repo_tree(repo, repo_type="dataset", recursive=True, revision=described.sha)
    return Remote(
        head=described.sha,
        private=bool(described.private),
        files={f.path: f.lfs.sha256 if f.lfs else f.blob_id for f in tree if isinstance(f, RepoFile)},
        tags={ref.name: ref.target_commit for ref in api.list_repo_refs(repo, repo_type="dataset").tags},
    )


def _check_allowed(folder: Path, info: Info, repo: str, private: bool, remote: Remote) -> None:
    if info.source == "official":
        raise UsageError(
            f"{folder} is converted from the authors' release, whose licence forbids redistribution; "
            "publish a dataset of source open instead"
        )
    visible = not remote.private if remote.head else not private
    if info.answers_for is not None and visible:
        raise UsageError(
            f"{folder} holds withheld answers and {repo} {'is' if remote.head else 'would be'} public; "
            "give a private repository, with --private"
        )
    if private and remote.head and not remote.private:
        raise UsageError(f"{repo} exists and is public; make it private in its settings on the Hub, or leave --private")


def _check_tag(api: HfApi, repo: str, tag: str, info: Info, remote: Remote) -> None:
    """A published version stands for its rows: it is never given to others."""
    from huggingface_hub.errors import EntryNotFoundError

    if tag not in remote.tags:
        return
    with tempfile.TemporaryDirectory() as place:
        try:
            api.hf_hub_download(repo, INFO_FILE, repo_type="dataset", revision=remote.tags[tag], local_dir=place)
        except EntryNotFoundError:
            return
        published = read_info(Path(place))
    if published.content_sha256 != info.content_sha256:
        raise RealUnifyError(
            f"{repo} has {tag} already, with other rows ({published.dataset_id}, content "
            f"{published.content_sha256[:12]}; here {info.dataset_id}, {info.content_sha256[:12]}); "
            "publish to another repository, or delete that tag on the Hub first"
        )


def _commit(api: HfApi, repo: str, changed: dict[str, Path], stale: list[str], message: str, parent: str) -> str:
    """Everything in one commit on top of `parent`: it comes as a whole or not at all."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    add = [CommitOperationAdd(name, str(path)) for name, path in changed.items()]
    delete = [CommitOperationDelete(name) for name in stale]
    made = api.create_commit(repo, [*add, *delete], commit_message=message, repo_type="dataset", parent_commit=parent)
    return made.oid


def _put_tag(api: HfApi, repo: str, tag: str, commit: str, remote: Remote) -> bool:
    if remote.tags.get(tag) == commit:
        return False
    if tag in remote.tags:  # the same rows with, say, a better card
        api.delete_tag(repo, tag=tag, repo_type="dataset")
    api.create_tag(repo, tag=tag, revision=commit, repo_type="dataset")
    return True


@contextlib.contextmanager
def _plain_errors(repo: str) -> Iterator[None]:
    """Every refusal of the Hub as one line; the upload wraps some of them, so their causes are searched."""
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    http_error: type[Exception] = HfHubHTTPError.__mro__[
        1
    ]  # the base error of the HTTP library that this huggingface_hub uses
    try:
        yield
    except LocalTokenNotFoundError:
        raise RealUnifyError(f"{repo}: no token for the Hub; run `hf auth login` or set HF_TOKEN") from None
    except OfflineModeIsEnabled:
        raise RealUnifyError(f"{repo}: HF_HUB_OFFLINE is set, so the Hub is not asked; unset it to publish") from None
    except (http_error, RuntimeError, OSError, ValueError) as error:
        causes: list[BaseException] = [error]
        while (cause := causes[-1].__cause__) is not None:
            causes.append(cause)
        refused = next((e for e in causes if isinstance(e, HfHubHTTPError)), None)
        if refused is not None:
            raise RealUnifyError(f"{repo}: {_refusal(refused)}") from error
        lost = next((type(e).__name__ for e in reversed(causes) if isinstance(e, http_error)), None)
        if lost is not None and lost.startswith("Connect"):
            raise RealUnifyError(
                f"{repo}: the Hub cannot be reached ({lost}); check the network and HF_ENDPOINT, then run the same "
                "command again"
            ) from error
        if lost is not None:
            raise RealUnifyError(
                f"{repo}: the connection to the Hub was lost ({lost}); no commit was seen to "
                "finish; run the same command again, it goes on from the files that arrived"
            ) from error
        raise


def _refusal(error: object) -> str:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", 0)
    detail = getattr(error, "server_message", None) or ""
    wait = response.headers.get("Retry-After") if response is not None else None
    known = {
        401: "the Hub did not accept the token (401); run `hf auth login` or set HF_TOKEN to a token that can write",
        403: "the token may not write there (403); use one with write access to that organisation",
        404: "the Hub does not know it, or the token may not see it (404); check the name and the token",
        409: "another change is going on there (409); run the same command again",
        412: "somebody else committed in the meantime (412); run the same command again",
        429: f"the Hub asks for fewer requests (429); try again in {f'{wait} seconds' if wait else 'some minutes'}",
    }
    text = known.get(status, f"the Hub answered {status}; try again later")
    said = " ".join(detail.split())
    return text + (f" [the Hub says: {said[:200]}]" if said else "") + "; nothing was half-published"
