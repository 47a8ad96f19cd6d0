"""A loopback HTTP server with faults on order: what the providers' stand-ins and the local Hub share.

>>> with Server(Handler, Behaviour(latency=0.2, faults={429: 0.15, "drop": 0.02})) as server:
...     server.url
'http://127.0.0.1:43117'
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass
class Behaviour:
    """How the server treats requests: seconds to wait, and the shares of the faults.

    A fault is a status (429, 503 ...) or `drop` (the connection is cut), `hang` (no answer for `hang_seconds`),
    `empty` (a well-formed reply without content), `garbage` (a reply that says something else), `broken` (a body
    that is no JSON). `script` holds the faults of the next requests (None: none), before chance decides.
    `requests` keeps (path, body) of what came; `refused` names parameters that get a 400. `served` is the version
    that the provider says has answered, `retry_delay` what it asks for in the details of an error.
    """

    latency: float = 0.0
    faults: Mapping[int | str, float] = field(default_factory=dict)
    hang_seconds: float = 5.0
    retry_after: str | None = None
    seed: int = 0
    keys: set[str] = field(default_factory=lambda: {"good-key"})
    counts: Counter[str] = field(default_factory=Counter)
    script: list[int | str | None] = field(default_factory=list)
    requests: list[tuple[str, Any]] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    served: str | None = None
    retry_delay: str | None = None
    busy: int = 0
    most_busy: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)

    def draw(self) -> int | str | None:
        """The fault of the next request, or None; counted."""
        with self.lock:
            fault = self.script.pop(0) if self.script else self._chance()
            self.counts[str(fault or "ok")] += 1
            return fault

    def _chance(self) -> int | str | None:
        point = self._rng.random()
        for name, share in self.faults.items():
            point -= share
            if point < 0:
                return name
        return None


class Handler(BaseHTTPRequestHandler):
    """One provider's API: subclasses answer `respond(path, body, fault)` with (status, JSON)."""

    protocol_version = "HTTP/1.1"
    # Else the body waits 40 ms behind the headers for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    behaviour: Behaviour
    state: Any

    def respond(self, path: str, body: Any, fault: int | str | None) -> tuple[int, Any]:
        raise LookupError(path)

    def reply(self, text: str, images: list[bytes], seed: Any) -> Any:
        """What the stand-in model says; a function marked `seeded` is told the seed of the request as well."""
        if getattr(self.state, "seeded", False):
            return self.state(text, images, seed)
        return self.state(text, images)

    def key(self) -> str:
        """The key that came with the request."""
        return self.headers.get("x-goog-api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")

    def do_POST(self) -> None:
        self._handle()

    def do_GET(self) -> None:
        self._handle()

    def _handle(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        behaviour = self.behaviour
        with behaviour.lock:
            behaviour.busy += 1
            behaviour.most_busy = max(behaviour.most_busy, behaviour.busy)
        try:
            self._answer(raw)
        finally:
            with behaviour.lock:
                behaviour.busy -= 1

    def _answer(self, raw: bytes) -> None:
        fault = self.behaviour.draw()
        if fault == "drop":
            self.close_connection = True
            self.connection.close()
            return
        body: Any = raw
        if (self.headers.get("content-type") or "").startswith("application/json"):
            body = json.loads(raw)
        with self.behaviour.lock:
            self.behaviour.requests.append((self.path, body))
        time.sleep(self.behaviour.hang_seconds if fault == "hang" else self.behaviour.latency)
        refused = sorted(self.behaviour.refused & set(body)) if isinstance(body, dict) else []
        if isinstance(fault, int):
            error: dict[str, Any] = {"code": fault, "message": f"injected {fault}", "status": "INJECTED"}
            if self.behaviour.retry_delay:
                kind = "type.googleapis.com/google.rpc.RetryInfo"
                error["details"] = [{"@type": kind, "retryDelay": self.behaviour.retry_delay}]
            status, answer = fault, {"error": error}
        elif self.key() not in self.behaviour.keys:
            status, answer = 401, {"error": {"code": 401, "message": "API key not valid", "status": "UNAUTHENTICATED"}}
        elif refused:
            status, answer = 400, {"error": {"code": 400, "message": f"Unsupported parameter: '{refused[0]}'"}}
        else:
            try:
                status, answer = self.respond(self.path, body, fault)
            except LookupError:
                status, answer = 404, {"error": {"code": 404, "message": f"no {self.path}", "status": "NOT_FOUND"}}
        data = b"<html>oops" if fault == "broken" else json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            if status in (429, 503) and self.behaviour.retry_after is not None:
                self.send_header("retry-after", self.behaviour.retry_after)
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            # The client gave up waiting; that is what a hang is for.
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A cut connection is part of the play; anything else is a fault of the test."""
        if not isinstance(sys.exception(), OSError | ValueError):
            super().handle_error(request, client_address)


class Server:
    """A handler on a free port of the loopback interface, in a thread, until the block ends."""

    def __init__(self, handler: type[Handler], behaviour: Behaviour | None = None, state: Any = None) -> None:
        self.behaviour = behaviour or Behaviour()
        kept = staticmethod(state) if callable(state) else state
        bound = type(handler.__name__, (handler,), {"behaviour": self.behaviour, "state": kept})
        self._server = _Threads(("127.0.0.1", 0), bound)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
