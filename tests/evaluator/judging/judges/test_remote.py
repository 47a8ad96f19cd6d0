"""Gemini's and OpenAI's HTTP on loopback, sound and faulty."""

from __future__ import annotations

import io
import time

import pytest
from PIL import Image

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.judging import judge as judging
from evaluator.judging.judges import load_judge
from evaluator.judging.judges.openai import p_yes
from evaluator.models import apis
from evaluator.models.base import ProviderDown
from evaluator.runs.folder import RunFolder
from tests.evaluator.judging.judges.providers import QUESTIONS, Site, truth

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("no_keys"),
]
BOTH = pytest.mark.parametrize("provider", ["gemini", "openai"])


@BOTH
def test_what_is_sent_and_read(site: Site, picture: Image.Image) -> None:
    seen: list[tuple[str, list[bytes]]] = []
    site.answer = lambda text, images: seen.append((text, images)) or truth(text, images)  # type: ignore[func-returns-value]
    judge = site.judge()
    replies = judge.poll(picture, ["Is it a cat?", "Is it a foil?"])
    assert [(reply.text, reply.answer) for reply in replies] == [("Yes.", "yes"), ("no", "no")]
    assert seen[0][0] == judge.prompt("Is it a cat?")
    assert Image.open(io.BytesIO(seen[0][1][0])).getpixel((3, 3)) == (255, 0, 0)
    assert replies[0].usage["input_tokens"] == 300
    body = site.behaviour.requests[0][1]
    if site.provider == "gemini":
        assert body["generationConfig"] == {"temperature": 0, "maxOutputTokens": 8192}
        assert replies[0].p_yes is None
        assert judge.cost == pytest.approx(2 * (300 * 1.25 + 42 * 10) / 1e6), "thinking is paid for as output"
    else:
        assert (body["temperature"], body["max_tokens"]) == (0, 2048)
        assert [reply.p_yes for reply in replies] == [pytest.approx(0.8), pytest.approx(0.2)]


@BOTH
@pytest.mark.parametrize("fault", [429, 503, 500, "hang", "drop", "empty", "broken"])
def test_a_passing_fault_is_tried_again(site: Site, picture: Image.Image, fault: int | str) -> None:
    site.behaviour.script = [fault, fault]
    assert site.judge().poll(picture, ["Is it a cat?"])[0].answer == "yes"
    assert site.behaviour.counts == {str(fault): 2, "ok": 1}


@BOTH
def test_a_lasting_fault_is_an_error_and_no_guess(
    site: Site, picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apis, "ATTEMPTS", 4)
    site.behaviour.faults = {"empty": 1.0}
    reply = site.judge().poll(picture, ["Is it a cat?"])[0]
    assert reply.answer == "error" and "empty reply" in reply.text
    assert site.asked == 4


@BOTH
@pytest.mark.parametrize(("fault", "answer"), [("garbage", "unparsed"), ("blocked", "error"), (400, "error")])
def test_replies_that_no_retry_mends(site: Site, picture: Image.Image, fault: int | str, answer: str) -> None:
    if fault == "blocked":
        site.answer = lambda text, images: "blocked:SAFETY"
    else:
        site.behaviour.script = [fault]
    reply = site.judge().poll(picture, ["Is it a cat?"])[0]
    assert reply.answer == answer
    assert fault != "blocked" or reply.text.startswith("[blocked: ")
    assert site.asked == 1


@BOTH
def test_retry_after_is_honoured(site: Site, picture: Image.Image) -> None:
    site.behaviour.retry_after = "1"
    site.behaviour.script = [429]
    started = time.monotonic()
    assert site.judge().poll(picture, ["Is it a cat?"])[0].answer == "yes"
    assert time.monotonic() - started >= 1


@BOTH
def test_a_whole_run_through_a_bad_day(site: Site, folder: RunFolder) -> None:
    site.behaviour.faults = {429: 0.15, 503: 0.10, "hang": 0.03, "empty": 0.02, "garbage": 0.05}
    site.behaviour.latency = 0.05
    summary = judging.judge(folder, site.judge("concurrency=8"))
    assert (summary.asked, summary.errors) == (QUESTIONS, 0)
    lines = list(folder.judgements())
    assert len({line.key for line in lines}) == len(lines) == QUESTIONS
    wrong = [line for line in lines if line.answer != ("no" if "foil" in line.question else "yes")]
    assert {line.answer for line in wrong} <= {"unparsed"}, "none counted wrong for the server's fault"
    assert len(wrong) == summary.unparsed <= site.behaviour.counts["garbage"] < 10
    assert site.behaviour.most_busy > 2
    site.behaviour.faults = {}
    asked = site.asked
    (folder.path / "judgements.jsonl").unlink()
    again = judging.judge(folder, site.judge())
    assert again.asked == QUESTIONS
    if site.provider == "gemini":
        # OpenAI's judge is named with its address, and the second server has another port.
        assert (again.cached, site.asked) == (QUESTIONS, asked), "a second judge of the same images makes no call"


@BOTH
def test_a_key_revoked_in_mid_run(site: Site, folder: RunFolder) -> None:
    def revoke(text: str, images: list[bytes]) -> str:
        if site.asked >= 20:
            site.behaviour.keys.clear()
        return truth(text, images)

    site.answer = revoke
    judge = site.judge("concurrency=2")
    with pytest.raises(ProviderDown, match="key was refused") as caught:
        judging.judge(folder, judge, cache=False)
    assert "\n" not in str(caught.value)
    kept = len(list(folder.judgements()))
    assert 18 <= kept < QUESTIONS
    site.behaviour.keys.add("good-key")
    site.answer, asked = truth, site.asked
    assert judging.judge(folder, judge, cache=False).asked == QUESTIONS - kept == site.asked - asked


@BOTH
def test_a_wrong_model_is_one_line(site: Site, folder: RunFolder) -> None:
    with pytest.raises(ProviderDown, match="no such model") as caught:
        judging.judge(folder, site.judge(model="gpt-nonesuch"), cache=False)
    assert "\n" not in str(caught.value)
    assert not list(folder.judgements())


@BOTH
def test_a_budget_of_calls(site: Site, folder: RunFolder) -> None:
    with pytest.raises(ProviderDown, match="budget of 15 calls"):
        judging.judge(folder, site.judge("max_calls=15&concurrency=4"), cache=False)
    assert site.asked == len(list(folder.judgements())) == 15


@BOTH
def test_a_budget_of_money(site: Site, folder: RunFolder) -> None:
    judge = site.judge("max_cost=0.01&price_in=2&price_out=10&concurrency=2")
    with pytest.raises(ProviderDown, match=r"budget of \$0.01"):
        judging.judge(folder, judge, cache=False)
    assert 0.01 <= judge.cost < 0.02


@pytest.mark.parametrize(
    ("tokens", "chance"),
    [
        ([("yes", -1.0), (" Yes", -1.0), ("no", -1.0)], 2 / 3),
        ([("NO", -0.1)], 0.0),
        ([("The", -0.1)], None),
        ([], None),
    ],
)
def test_p_yes(tokens: list[tuple[str, float]], chance: float | None) -> None:
    assert p_yes(tokens) == (None if chance is None else pytest.approx(chance))


def test_money_needs_prices() -> None:
    with pytest.raises(UsageError, match="price_in"):
        load_judge("openai:some-model@http://127.0.0.1:1/v1?max_cost=1")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("gemini:gemini-2.5-pro", "GEMINI_API_KEY"),
        ("openai:gpt-4.1", "OPENAI_API_KEY"),
        ("openai:gpt-4.1@localhost", "MODEL@http"),
        ("openai:gpt-4.1@http://127.0.0.1:1/v1?concurency=3", "concurrency"),
        ("openai:gpt-4.1@http://127.0.0.1:1/v1?concurrency=many", "whole number"),
        ("gemini:", "lacks"),
        ("gemni:x", "gemini"),
    ],
)
def test_wrong_use_is_one_line(spec: str, said: str) -> None:
    with pytest.raises(RealUnifyError, match=said) as caught:
        load_judge(spec)
    assert "\n" not in str(caught.value)


def test_a_server_that_is_not_there(picture: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apis, "ATTEMPTS", 3)
    reply = load_judge("openai:vlm@http://127.0.0.1:9/v1").poll(picture, ["cat?"])[0]
    assert reply.answer == "error" and "Connection" in reply.text
