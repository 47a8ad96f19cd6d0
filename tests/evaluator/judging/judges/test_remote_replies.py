"""What a reply of an API judge counts as, what it costs, who served it, and how asking comes to an end."""

from __future__ import annotations

import email.utils
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataset_builder.errors import UsageError
from evaluator.judging import crew
from evaluator.judging import judge as judging
from evaluator.judging.cache import AnswerCache
from evaluator.judging.judges import load_judge
from evaluator.models import apis
from evaluator.models.base import ProviderDown
from evaluator.runs.folder import RunFolder
from tests.evaluator.judging.judges.providers import QUESTIONS, Site, truth
from tests.root import ROOT
from tests.servers.http import Behaviour, Server
from tests.servers.openai import OpenAIHandler, openai_server

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("no_keys"),
]
BOTH = pytest.mark.parametrize("provider", ["gemini", "openai"])
LENGTH = {"gemini": "MAX_TOKENS", "openai": "length"}
THOUGHT = "At first glance the answer is yes. But wait, the third bird is"


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[AnswerCache]:
    with AnswerCache(tmp_path / "answers.sqlite3") as opened:
        yield opened


@BOTH
@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (THOUGHT, "error"),
        ("The answer is no", "error"),
        ("No cats are visible, so", "error"),
        ("", "error"),
        ("Yes", "yes"),
        ("**No**.", "no"),
    ],
)
def test_a_reply_that_was_cut(site: Site, picture: Image.Image, said: str, answer: str) -> None:
    site.answer = lambda text, images: f"ends:{LENGTH[site.provider]}:{said}"
    reply = site.judge("max_tokens=77").poll(picture, ["Is it a cat?"])[0]
    assert reply.answer == answer
    assert site.asked == 1, "it would be cut again"
    assert answer != "error" or "max_tokens" in reply.text


@pytest.mark.parametrize(
    ("provider", "reason", "said", "answer"),
    [
        ("gemini", "SAFETY", "No", "error"),
        ("gemini", "RECITATION", "Yes, it is", "error"),
        ("gemini", "OTHER", "Yes", "error"),
        ("gemini", "STOP", "Yes", "yes"),
        ("openai", "content_filter", "No", "error"),
        ("openai", "abort", "No", "error"),
        ("openai", "stop", "No", "no"),
        ("openai", "eos_token", "No", "no"),
    ],
)
def test_text_before_a_broken_end_is_no_answer(
    site: Site, picture: Image.Image, reason: str, said: str, answer: str
) -> None:
    site.answer = lambda text, images: f"ends:{reason}:{said}"
    reply = site.judge().poll(picture, ["Is it a cat?"])[0]
    assert reply.answer == answer
    assert reply.blocked == (reason in ("SAFETY", "RECITATION", "content_filter"))


@BOTH
@pytest.mark.parametrize("kind", ["cut", "blocked"])
def test_neither_is_kept_as_an_answer(site: Site, folder: RunFolder, cache: AnswerCache, kind: str) -> None:
    reply = "blocked:SAFETY" if kind == "blocked" else f"ends:{LENGTH[site.provider]}:{THOUGHT}"
    hit = "foil" if kind == "cut" else ""
    site.answer = lambda text, images: reply if hit in text else truth(text, images)
    judge = site.judge()
    first = judging.judge(folder, judge, cache=cache)
    assert first.errors == QUESTIONS - len(cache) > 0
    assert first.blocked == (first.errors if kind == "blocked" else 0), "blocks in a row do not stop a run"
    assert any("filter blocked" in note for note in first.notes) == (kind == "blocked")
    site.answer = truth
    second = judging.judge(folder, judge, cache=cache)
    assert (second.asked, second.errors, second.already) == (first.errors, 0, QUESTIONS - first.errors)


@BOTH
def test_a_budget_counts_every_attempt(site: Site, folder: RunFolder) -> None:
    site.behaviour.faults = {"empty": 1.0}
    with pytest.raises(ProviderDown, match="budget of 5 calls is spent; .* as large a budget again"):
        judging.judge(folder, site.judge("max_calls=5&concurrency=2"), cache=False)
    assert site.asked == 5


@BOTH
@pytest.mark.parametrize("fault", ["empty", "cut", "blocked"])
def test_tokens_of_replies_in_vain_are_paid_for(
    site: Site, picture: Image.Image, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apis, "ATTEMPTS", 3)
    site.answer = lambda text, images: {
        "empty": f"ends:{'STOP' if site.provider == 'gemini' else 'stop'}:",
        "cut": f"ends:{LENGTH[site.provider]}:",
        "blocked": "blocked:SAFETY",
    }[fault]
    judge = site.judge("price_in=1&price_out=10")
    reply = judge.poll(picture, ["Is it a cat?"])[0]
    out = 42 if site.provider == "gemini" else 2
    assert judge.cost == pytest.approx(site.asked * (300 + 10 * out) / 1e6)
    assert reply.usage["input_tokens"] == 300 * site.asked
    assert (site.asked, reply.answer) == (3 if fault == "empty" else 1, "error")


@BOTH
def test_one_at_a_time_is_one_at_a_time(site: Site, folder: RunFolder) -> None:
    site.behaviour.latency = 0.005
    assert judging.judge(folder, site.judge("concurrency=1"), cache=False).asked == QUESTIONS
    assert site.behaviour.most_busy == 1
    with pytest.raises(UsageError, match="concurrency=0 is too small"):
        site.judge("concurrency=0")


@BOTH
def test_the_served_version_is_kept_and_a_change_is_told(
    site: Site, folder: RunFolder, cache: AnswerCache, tmp_path: Path
) -> None:
    site.behaviour.served = "model-of-june"
    site.behaviour.faults = {400: 0.2}
    judge = site.judge()
    first = judging.judge(folder, judge, cache=cache)
    assert f"{judge.id}: served by model-of-june ({QUESTIONS - first.errors} answers)" in first.notes
    assert {line.served for line in folder.judgements() if line.answer != "error"} == {"model-of-june"}
    site.behaviour.served, site.behaviour.faults = "model-of-july", {}
    second = judging.judge(folder, judge, cache=cache)
    assert second.served == {"model-of-june": QUESTIONS - first.errors, "model-of-july": first.errors}
    assert any("changed under its name" in note for note in second.notes)
    question = next(line for line in folder.judgements() if line.served)
    kept = cache.get(judge, question.question, question.image_sha256)
    assert kept is not None and kept.served == "model-of-june"


@BOTH
def test_the_decoding_is_in_each_judgement(site: Site, folder: RunFolder) -> None:
    site.behaviour.faults = {400: 0.2}
    judge = site.judge("max_tokens=100")
    first = judging.judge(folder, judge, cache=False)
    site.behaviour.faults = {}
    judge.max_tokens = 200
    judge.decoding = {"temperature": 0, "max_tokens": 200}
    second = judging.judge(folder, judge, cache=False)
    assert f"{judge.id}: {QUESTIONS - first.errors} answers from before had max_tokens=100" in second.notes
    answers = [line.decoding for line in folder.judgements() if line.answer != "error"]
    assert answers.count({"temperature": 0, "max_tokens": 200}) == first.errors
    assert len(answers) == QUESTIONS


REFUSED = [
    ("logprobs", "left out"),
    ("temperature", "left out"),
    ("max_completion_tokens", "sent as max_tokens"),
    ("max_tokens", ""),
]


@pytest.mark.parametrize(("refused", "instead"), REFUSED)
def test_a_parameter_that_the_model_refuses(
    refused: str, instead: str, folder: RunFolder, cache: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left out, which is told; the answers' key stays, so a second judge of the same images makes no call."""
    behaviour = Behaviour(refused=frozenset({refused}))
    with openai_server(truth, behaviour) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "good-key")
        first = judging.judge(folder, load_judge("openai:gpt-4.1?concurrency=2"), cache=cache)
        assert (first.asked, first.errors) == (QUESTIONS, 0)
        assert first.notes == ([f"gpt-4.1 does not take {refused}: {instead}"] if instead else [])
        asked = len(behaviour.requests)
        assert asked <= QUESTIONS + 2, "learnt once, by each thread at most"
        assert {line.decoding["temperature"] for line in folder.judgements() if line.decoding} == {0}
        (folder.path / "judgements.jsonl").unlink()
        second = judging.judge(folder, load_judge("openai:gpt-4.1?concurrency=2"), cache=cache)
        assert (second.cached, len(behaviour.requests)) == (QUESTIONS, asked)


def test_a_refused_value_is_not_left_out(picture: Image.Image) -> None:
    class Picky(OpenAIHandler):
        def respond(self, path: str, body: Any, fault: int | str | None) -> tuple[int, Any]:
            return 400, {"error": {"message": "max_tokens is too large: 99999", "param": "max_tokens"}}

    behaviour = Behaviour(keys={"none"})
    with Server(Picky, behaviour, truth) as server:
        reply = load_judge(f"openai:gpt-4.1@{server.url}/v1?max_tokens=99999").poll(picture, ["cat?"])[0]
    assert reply.answer == "error" and "too large" in reply.text
    assert len(behaviour.requests) == 1


@pytest.mark.parametrize("bare", [{}, {"top_logprobs": None}, {"top_logprobs": []}])
def test_log_probabilities_without_alternatives(picture: Image.Image, bare: dict[str, Any]) -> None:
    class Bare(OpenAIHandler):
        def _chat(self, fields: Any, fault: int | str | None) -> Any:
            answer = super()._chat(fields, fault)
            answer["choices"][0]["logprobs"] = {"content": [{"token": "yes", "logprob": -0.1, "bytes": None, **bare}]}
            return answer

    with Server(Bare, Behaviour(keys={"none"}), truth) as server:
        reply = load_judge(f"openai:gpt-4.1@{server.url}/v1").poll(picture, ["cat?"])[0]
    assert (reply.answer, reply.p_yes) == ("yes", None)


@pytest.mark.parametrize(
    ("provider", "form"),
    [("gemini", "seconds"), ("gemini", "date"), ("gemini", "details"), ("openai", "seconds"), ("openai", "date")],
)
def test_the_wait_that_the_provider_asks_for(site: Site, picture: Image.Image, form: str) -> None:
    site.behaviour.script = [429]
    # A date has whole seconds, so one of 3 s away is 2 to 3 s away.
    dates = email.utils.formatdate(time.time() + 3, usegmt=True)
    site.behaviour.retry_after = {"seconds": "2", "date": dates, "details": None}[form]
    site.behaviour.retry_delay = "2s" if form == "details" else None
    judge = site.judge()
    started = time.monotonic()
    assert judge.poll(picture, ["Is it a cat?"])[0].answer == "yes"
    assert 1.5 < time.monotonic() - started < 30
    assert site.asked == 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "9", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    error = Exception()
    error.response = type("Response", (), {"headers": headers})()  # type: ignore[attr-defined]
    assert apis.retry_after(error) == seconds


@pytest.mark.parametrize("stuck", ["hang", "retry"])
def test_ctrl_c_waits_neither_for_a_server_that_hangs_nor_for_a_retry(folder: RunFolder, stuck: str) -> None:
    behaviour = Behaviour(script=[None] * 10, hang_seconds=90, retry_after="90")
    behaviour.faults = {"hang": 1.0} if stuck == "hang" else {503: 1.0}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "good-key"}
    with openai_server(truth, behaviour) as server:
        spec = f"openai:gpt-4.1@{server.url}/v1?concurrency=4"
        script = f"import evaluator; evaluator.judge({str(folder.path)!r}, {spec!r}, cache=False)"
        process = subprocess.Popen([sys.executable, "-c", script], env=environment, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while len(behaviour.requests) < 14 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        assert process.wait(60) != 0
        assert time.monotonic() - started < 45, "three seconds, and what a busy machine adds"
    assert [line.answer for line in folder.judgements()].count("error") == 0, "a call that was given up is no error"
    assert len(list(folder.judgements())) == 10


def test_a_revoked_key_waits_for_no_retry(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "FAILED_SECONDS", 1.0)
    monkeypatch.setenv("OPENAI_API_KEY", "good-key")
    behaviour = Behaviour(script=[None] * 10 + [503] * 3 + [401], faults={"hang": 1.0}, retry_after="90")
    with openai_server(truth, behaviour) as server:
        judge = load_judge(f"openai:gpt-4.1@{server.url}/v1?concurrency=4")
        started = time.monotonic()
        with pytest.raises(ProviderDown, match="key was refused"):
            judging.judge(folder, judge, cache=False)
        assert time.monotonic() - started < 45
    assert [line.answer for line in folder.judgements()].count("error") == 0
    assert len(list(folder.judgements())) == 10
