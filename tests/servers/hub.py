"""A small Hugging Face Hub over real HTTP on a loopback port, in memory, with faults on request.

It speaks the part of the Hub's API that `huggingface_hub` and `datasets` use to create a repository, upload
(regular files and LFS), commit, tag, list and download.

    with Hub() as hub:
        HfApi(endpoint=hub.url, token=hub.token).create_repo("org/data", repo_type="dataset")
        hub.fail("POST", "/commit/", status=429, times=1)
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

LFS_FROM_BYTES = 10_000_000  # larger files, and these kinds, are stored as LFS objects
LFS_SUFFIXES = (".parquet", ".webp", ".png", ".jpg", ".zip")


@dataclass(frozen=True)
class File:
    """A file of a commit, as the Hub describes it."""

    data: bytes
    lfs: bool

    @property
    def oid(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data, usedforsecurity=False).hexdigest()

    @property
    def etag(self) -> str:
        return hashlib.sha256(self.data).hexdigest() if self.lfs else self.oid

    def described(self, path: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(self.data), "oid": self.oid}
        if self.lfs:
            entry["lfs"] = {"oid": self.etag, "size": len(self.data), "pointerSize": 134}
        return entry


@dataclass(frozen=True)
class Commit:
    oid: str
    message: str
    files: dict[str, File]


@dataclass
class Repo:
    """One repository: a line of commits and the tags on them."""

    private: bool
    commits: list[Commit] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        """The files at the head, as bytes."""
        return {path: file.data for path, file in self.commits[-1].files.items()}

    def add(self, message: str, files: dict[str, File]) -> Commit:
        text = f"{len(self.commits)} {message} {sorted((p, f.oid) for p, f in files.items())}"
        self.commits.append(Commit(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(), message, files))
        return self.commits[-1]

    def at(self, revision: str) -> Commit | None:
        wanted = self.tags.get(revision, revision)
        if wanted == "main":
            return self.commits[-1]
        return next((commit for commit in self.commits if commit.oid == wanted), None)


@dataclass
class Fault:
    """Answers `status` (or closes the connection, for 0) to the next `times` matching requests."""

    method: str
    pattern: str
    status: int
    times: int
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


class Hub:
    """The server; `repos["datasets", "org/name"]` is what it holds, `requests` what it was asked."""

    token = "hf_writer"
    reader_token = "hf_reader"  # may read everything and write nothing

    def __init__(self) -> None:
        self.repos: dict[tuple[str, str], Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.lock = threading.Lock()
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub = hub
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail(self, method: str, pattern: str, *, status: int = 0, times: int = 1_000, **headers: str) -> None:
        """Let the next `times` requests whose method and path match fail; status 0 drops the connection."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(method, pattern, status, times, named))

    def count(self, method: str, pattern: str) -> int:
        """How many requests of this kind came."""
        return sum(m == method and re.search(pattern, path) is not None for m, path in self.requests)

    def dataset(self, name: str) -> Repo:
        return self.repos["datasets", name]

    def fault_for(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times and fault.method == method and re.search(fault.pattern, path):
                    fault.times -= 1
                    return fault
        return None


_KIND = r"(models|datasets|spaces)"
_REPO = r"([\w.-]+/[\w.-]+)"
ROUTES: list[tuple[str, re.Pattern[str], str]] = [
    (method, re.compile(pattern), name)
    for method, pattern, name in (
        ("GET", r"/api/whoami-v2", "whoami"),
        ("POST", r"/api/validate-yaml", "validate_yaml"),
        ("POST", r"/api/repos/create", "create"),
        ("GET", rf"/api/{_KIND}/{_REPO}", "info"),
        ("GET", rf"/api/{_KIND}/{_REPO}/revision/([^/]+)", "info"),
        ("GET", rf"/api/{_KIND}/{_REPO}/refs", "refs"),
        ("GET", rf"/api/{_KIND}/{_REPO}/tree/([^/]+)(/.*)?", "tree"),
        ("POST", rf"/api/{_KIND}/{_REPO}/paths-info/([^/]+)", "paths_info"),
        ("POST", rf"/api/{_KIND}/{_REPO}/preupload/([^/]+)", "preupload"),
        ("POST", rf"/api/{_KIND}/{_REPO}/commit/([^/]+)", "commit"),
        ("POST", rf"/api/{_KIND}/{_REPO}/tag/([^/]+)", "tag"),
        ("DELETE", rf"/api/{_KIND}/{_REPO}/tag/([^/]+)", "untag"),
        ("POST", rf"/(?:(datasets|spaces)/)?{_REPO}\.git/info/lfs/objects/batch", "lfs_batch"),
        ("PUT", r"/lfs/([0-9a-f]{64})", "lfs_upload"),
        ("HEAD", rf"/(?:(datasets|spaces)/)?{_REPO}/resolve/([^/]+)/(.+)", "resolve"),
        ("GET", rf"/(?:(datasets|spaces)/)?{_REPO}/resolve/([^/]+)/(.+)", "resolve"),
    )
]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the tests read `hub.requests`."""

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

    def _answer(self) -> None:
        path = urlsplit(self.path).path
        self.hub.requests.append((self.command, path))
        fault = self.hub.fault_for(self.command, path)
        if fault is not None and fault.status == 0:
            self.rfile.read(int(self.headers.get("Content-Length") or 0) // 2)  # in the middle of the upload
            self.close_connection = True
            self.connection.close()
            return
        body = self._body()
        if fault is not None:
            self._json({"error": f"injected {fault.status}"}, fault.status, fault.headers)
            return
        for method, pattern, name in ROUTES:
            if method == self.command and (match := pattern.fullmatch(path)):
                handler: Callable[..., None] = getattr(self, f"_{name}")
                try:
                    with self.hub.lock:
                        handler(body, *(None if part is None else unquote(part) for part in match.groups()))
                except Refused as refused:
                    headers = {"X-Error-Message": refused.message}
                    if refused.code:
                        headers["X-Error-Code"] = refused.code
                    self._json({"error": refused.message}, refused.status, headers)
                return
        self._json({"error": f"no such route: {self.command} {path}"}, 404)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _json(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, data: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    # Who may do what

    def _user(self) -> str | None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token:
            return None
        if token not in (self.hub.token, self.hub.reader_token):
            raise Refused(401, "Invalid credentials in Authorization header")
        return token

    def _writable(self, kind: str | None, name: str) -> Repo:
        repo = self._readable(kind, name)
        if self._user() is None:
            raise Refused(401, "Invalid credentials in Authorization header")
        if self._user() != self.hub.token:
            raise Refused(403, f"You don't have the rights to write to {name}")
        return repo

    def _readable(self, kind: str | None, name: str) -> Repo:
        repo = self.hub.repos.get((kind or "models", name))
        user = self._user()
        if repo is None or (repo.private and user is None):
            raise Refused(404 if user else 401, "Repository not found", "RepoNotFound")
        return repo

    def _at(self, kind: str | None, name: str, revision: str) -> Commit:
        commit = self._readable(kind, name).at(revision)
        if commit is None:
            raise Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return commit

    # Routes

    def _whoami(self, body: bytes) -> None:
        if self._user() is None:
            raise Refused(401, "Invalid username or password.")
        self._json({"type": "user", "name": "tester", "orgs": [{"name": "org"}]})

    def _validate_yaml(self, body: bytes) -> None:
        self._json({"errors": [], "warnings": []})

    def _create(self, body: bytes) -> None:
        wanted = json.loads(body)
        if self._user() is None:
            raise Refused(401, "Invalid username or password.")
        organisation = wanted.get("organization") or "tester"
        if self._user() != self.hub.token or organisation not in ("org", "tester"):
            raise Refused(403, f"You don't have the rights to create a repository under {organisation}")
        kind, name = wanted.get("type", "model") + "s", f"{organisation}/{wanted['name']}"
        if (kind, name) in self.hub.repos:
            raise Refused(409, "You already created this repository")
        private = wanted.get("visibility") == "private" or bool(wanted.get("private"))
        repo = self.hub.repos[kind, name] = Repo(private)
        repo.add("initial commit", {".gitattributes": File(b"*.parquet filter=lfs\n", lfs=False)})
        prefix = "" if kind == "models" else f"{kind}/"
        self._json({"url": f"{self.hub.url}/{prefix}{name}", "name": name, "id": name})

    def _info(self, body: bytes, kind: str, name: str, revision: str = "main") -> None:
        repo, commit = self._readable(kind, name), self._at(kind, name, revision)
        siblings = [{"rfilename": path} for path in sorted(commit.files)]
        self._json({"id": name, "sha": commit.oid, "private": repo.private, "tags": [], "siblings": siblings})

    def _refs(self, body: bytes, kind: str, name: str) -> None:
        repo = self._readable(kind, name)
        branch = {"name": "main", "ref": "refs/heads/main", "targetCommit": repo.commits[-1].oid}
        tags = [{"name": t, "ref": f"refs/tags/{t}", "targetCommit": oid} for t, oid in repo.tags.items()]
        self._json({"branches": [branch], "converts": [], "tags": tags})

    def _tree(self, body: bytes, kind: str, name: str, revision: str, folder: str | None = None) -> None:
        commit = self._at(kind, name, revision)
        prefix = (folder or "").strip("/") + "/" if folder and folder.strip("/") else ""
        inside = {path: file for path, file in commit.files.items() if path.startswith(prefix)}
        if prefix and not inside:
            raise Refused(404, f"{prefix} does not exist on {revision}", "EntryNotFound")
        deep = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower() in ("true", "1")
        entries = [file.described(path) for path, file in inside.items() if deep or "/" not in path[len(prefix) :]]
        parts = [path[len(prefix) :].split("/")[:-1] for path in inside]
        folders = {prefix + "/".join(p[:depth]) for p in parts for depth in range(1, len(p) + 1) if deep or depth == 1}
        entries += [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in folders]
        self._json(sorted(entries, key=lambda entry: str(entry["path"])))

    def _paths_info(self, body: bytes, kind: str, name: str, revision: str) -> None:
        commit = self._at(kind, name, revision)
        form = json.loads(body) if body.startswith(b"{") else parse_qs(body.decode())
        found: list[dict[str, Any]] = []
        for path in form.get("paths", []):
            if path in commit.files:
                found.append(commit.files[path].described(path))
            elif any(other.startswith(f"{path}/") for other in commit.files):
                found.append({"type": "directory", "path": path, "oid": "0" * 40, "size": 0})
        self._json(found)

    def _preupload(self, body: bytes, kind: str, name: str, revision: str) -> None:
        head = self._writable(kind, name).commits[-1].files
        files = []
        for entry in json.loads(body)["files"]:
            path = entry["path"]
            lfs = path.endswith(LFS_SUFFIXES) or entry["size"] >= LFS_FROM_BYTES
            remote = head[path].etag if path in head else None
            mode = "lfs" if lfs else "regular"
            files.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": remote})
        self._json({"files": files})

    def _lfs_batch(self, body: bytes, kind: str | None, name: str) -> None:
        self._writable(kind, name)
        objects = []
        for entry in json.loads(body)["objects"]:
            answer = {"oid": entry["oid"], "size": entry["size"]}
            if entry["oid"] not in self.hub.objects:
                answer["actions"] = {"upload": {"href": f"{self.hub.url}/lfs/{entry['oid']}"}}
            objects.append(answer)
        self._json({"transfer": "basic", "objects": objects})

    def _lfs_upload(self, body: bytes, oid: str) -> None:
        if hashlib.sha256(body).hexdigest() != oid:
            raise Refused(400, "content does not match its sha256")
        self.hub.objects[oid] = body
        self._send(b"", 200, {"ETag": f'"{oid}"'})

    def _commit(self, body: bytes, kind: str, name: str, revision: str) -> None:
        repo = self._writable(kind, name)
        lines = [json.loads(line) for line in body.splitlines() if line]
        header = lines[0]["value"]
        files = dict(repo.commits[-1].files)
        if header.get("parentCommit") not in (None, repo.commits[-1].oid):
            raise Refused(412, "A commit has happened since. Please refresh and try again.")
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = File(base64.b64decode(value["content"]), lfs=False)
            elif line["key"] == "lfsFile":
                if value["oid"] not in self.hub.objects:
                    raise Refused(400, f"LFS object {value['oid']} of {value['path']} was never uploaded")
                files[value["path"]] = File(self.hub.objects[value["oid"]], lfs=True)
            elif line["key"] == "deletedFile":
                del files[value["path"]]
            else:
                raise Refused(400, f"unknown operation {line['key']}")
        commit = repo.add(header["summary"], files)
        url = f"{self.hub.url}/{kind}/{name}/commit/{commit.oid}"
        self._json({"success": True, "commitOid": commit.oid, "commitUrl": url})

    def _tag(self, body: bytes, kind: str, name: str, revision: str) -> None:
        repo, commit, tag = self._writable(kind, name), self._at(kind, name, revision), json.loads(body)["tag"]
        if tag in repo.tags:
            raise Refused(409, f"Reference refs/tags/{tag} already exists")
        repo.tags[tag] = commit.oid
        self._json({})

    def _untag(self, body: bytes, kind: str, name: str, tag: str) -> None:
        if self._writable(kind, name).tags.pop(tag, None) is None:
            raise Refused(404, f"no tag {tag}", "RevisionNotFound")
        self._json({})

    def _resolve(self, body: bytes, kind: str | None, name: str, revision: str, path: str) -> None:
        commit = self._at(kind, name, revision)
        if path not in commit.files:
            raise Refused(404, f"{path} does not exist", "EntryNotFound")
        file = commit.files[path]
        headers = {"X-Repo-Commit": commit.oid, "ETag": f'"{file.etag}"', "Accept-Ranges": "bytes"}
        data, status = file.data, 200
        if asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            data, status = data[first : last + 1], 206
        if file.lfs:
            headers |= {"X-Linked-Etag": f'"{file.etag}"', "X-Linked-Size": str(len(file.data))}
        self._send(data, status, headers)
