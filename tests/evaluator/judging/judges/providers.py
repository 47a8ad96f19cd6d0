"""A provider's server on loopback and the judge that asks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evaluator.judging.judges import load_judge
from evaluator.judging.judges._remote import RemoteJudge
from tests.servers.gemini import gemini_server
from tests.servers.http import Behaviour, Server
from tests.servers.openai import openai_server

QUESTIONS = 6 * 4 * 2


def truth(text: str, images: list[bytes]) -> str:
    """The right answer to the small dataset's questions."""
    return "no" if "foil" in text else "Yes."


class Site:
    """A provider's server and how its judge is named. Tests set `answer` and `behaviour`."""

    def __init__(self, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.provider = provider
        self.behaviour = Behaviour(hang_seconds=2.5)
        self.answer: Callable[[str, list[bytes]], str] = truth
        self._monkeypatch = monkeypatch
        self._servers: list[Server] = []

    @property
    def asked(self) -> int:
        return len(self.behaviour.requests)

    def judge(self, options: str = "", model: str | None = None) -> RemoteJudge:
        start = gemini_server if self.provider == "gemini" else openai_server
        server = start(lambda text, images: self.answer(text, images), self.behaviour).__enter__()
        self._servers.append(server)
        for name in ("GEMINI_API_KEY", "OPENAI_API_KEY"):
            self._monkeypatch.setenv(name, "good-key")
        self._monkeypatch.setenv("GEMINI_BASE_URL", server.url)
        named = f"gemini:{model or 'gemini-2.5-pro'}"
        if self.provider == "openai":
            named = f"openai:{model or 'gpt-4.1'}@{server.url}/v1"
        judge = load_judge(f"{named}?{options}")
        assert isinstance(judge, RemoteJudge)
        return judge

    def close(self) -> None:
        for server in self._servers:
            server.__exit__(None, None, None)
