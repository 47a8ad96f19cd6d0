"""The Gemini and OpenAI adapters against local servers that speak the providers' HTTP, faults included."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from dataset_builder.errors import UsageError
from evaluator.models import apis
from evaluator.models.base import LoadOptions, Model, ProviderDown, Refusal
from evaluator.models.registry import load_model
from evaluator.records import Request
from evaluator.running import run
from evaluator.runs.folder import RunFolder
from tests.servers.gemini import gemini_server
from tests.servers.http import Behaviour, Server
from tests.servers.openai import openai_server

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def picture(text: str, images: list[bytes]) -> bytes:
    """A picture that depends on the prompt and on the input picture."""
    digest = hashlib.sha256(text.encode() + b"".join(images)).digest()
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), tuple(digest[:3])).save(buffer, "PNG")
    return buffer.getvalue()


def reply(text: str, images: list[bytes]) -> str | bytes:
    """What the stand-in model does: refuse, draw or answer."""
    if "forbidden" in text:
        return "blocked:SAFETY"
    if text.startswith("answer"):
        return f"B, having seen {len(images)}"
    return picture(text, images)


def answering(text: str, images: list[bytes]) -> str | bytes:
    return picture(text, images) if "riddle" in text else "A"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apis, "RETRY_SECONDS", 0.02)
    monkeypatch.setenv("GEMINI_API_KEY", "good-key")
    monkeypatch.setenv("OPENAI_API_KEY", "good-key")


@pytest.fixture(params=["gemini", "openai"])
def provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Callable[..., Server]]:
    """The provider's name and its server."""
    return request.param, {"gemini": gemini_server, "openai": openai_server}[request.param]


def load(name: str, server: Server, monkeypatch: pytest.MonkeyPatch, *, draws: bool) -> Model:
    if name == "gemini":
        monkeypatch.setenv("GEMINI_BASE_URL", server.url)
        return load_model("gemini:gemini-2.5-flash-image" if draws else "gemini:gemini-2.5-pro")
    return load_model(f"openai:{'gpt-image-1' if draws else 'gpt-4.1'}@{server.url}/v1")


def ask(model: Model, text: str, image: Image.Image | None = None) -> Request:
    return Request(text, images=() if image is None else (image,), seed=4, parameters=model.parameters)


def test_answers_and_counts_tokens(provider, monkeypatch: pytest.MonkeyPatch) -> None:
    name, server_of = provider
    with server_of(reply) as server:
        model = load(name, server, monkeypatch, draws=False)
        request = ask(model, "answer this", Image.new("RGB", (4, 4)))
        assert model.answer([request]) == ["B, having seen 1"]
        assert request.usage["input_tokens"] == 300
        assert model.capabilities == {"answer"}
        with pytest.raises(UsageError, match="not supported"):
            model.generate([ask(model, "draw")])


def test_draws_and_edits(provider, monkeypatch: pytest.MonkeyPatch) -> None:
    name, server_of = provider
    with server_of(reply) as server:
        model = load(name, server, monkeypatch, draws=True)
        assert {"generate", "edit"} <= model.capabilities
        red, blue = Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "blue")
        one, other = (model.generate([ask(model, "draw it", image)])[0] for image in (red, blue))
        plain = model.generate([ask(model, "draw it")])[0]
        assert one.mode == "RGB" and one.size == (16, 16)
        assert len({image.tobytes() for image in (one, other, plain)}) == 3


def test_a_safety_block_is_a_refusal(provider, monkeypatch: pytest.MonkeyPatch) -> None:
    name, server_of = provider
    with server_of(reply) as server:
        for draws in (True, False):
            model = load(name, server, monkeypatch, draws=draws)
            call = model.generate if draws else model.answer
            with pytest.raises(Refusal):
                call([ask(model, "forbidden")])


@pytest.mark.parametrize("draws", [True, False])
def test_a_refused_key_and_an_unknown_model_stop(provider, draws: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    name, server_of = provider
    with server_of(reply, Behaviour(keys={"another"})) as server:
        model = load(name, server, monkeypatch, draws=draws)
        call = model.generate if draws else model.answer
        with pytest.raises(ProviderDown, match="the key was refused"):
            call([ask(model, "x")])
    with server_of(reply) as server:
        monkeypatch.setenv("GEMINI_BASE_URL", server.url)
        model = load_model("gemini:gemini-9-image" if name == "gemini" else f"openai:gpt-9-image@{server.url}/v1")
        with pytest.raises(ProviderDown, match="no such model"):
            model.generate([ask(model, "x")])


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(UsageError, match="set GEMINI_API_KEY"):
        load_model("gemini:gemini-2.5-pro")
    with pytest.raises(UsageError, match="set OPENAI_API_KEY"):
        load_model("openai:gpt-4.1")


def test_faults_are_retried_until_every_call_is_settled(
    provider, small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fifth of the replies are 429 or 503, some are empty, some connections drop: everything completes."""
    name, server_of = provider
    behaviour = Behaviour(faults={429: 0.1, 503: 0.1, "drop": 0.03, "empty": 0.03}, retry_after="0.01", seed=5)
    with server_of(answering, behaviour) as server:
        model = load(name, server, monkeypatch, draws=False)
        summary = run.run(model, small_dataset, out=tmp_path / "run", protocol="direct")
        assert (summary.done, summary.errors) == (16, 0)
    assert behaviour.counts.total() > behaviour.counts["ok"] >= 16
    responses = [prediction.response for prediction in RunFolder.open(tmp_path / "run").predictions()]
    assert responses == ["A"] * 16


def test_a_key_revoked_in_mid_run_keeps_what_is_done(
    provider, small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, server_of = provider
    behaviour = Behaviour()

    def revoking(text: str, images: list[bytes]) -> str | bytes:
        if behaviour.counts["ok"] >= 7:
            behaviour.keys.clear()
        return "A"

    with server_of(revoking, behaviour) as server:
        model = load(name, server, monkeypatch, draws=False)
        with pytest.raises(ProviderDown, match="the key was refused"):
            run.run(model, small_dataset, out=tmp_path / "run", protocol="direct", concurrency=2)
        kept = len(list(RunFolder.open(tmp_path / "run").predictions()))
        assert 6 <= kept < 16
        behaviour.keys.add("good-key")
        behaviour.counts["ok"] = -1000
        summary = run.run(model, small_dataset, out=tmp_path / "run", protocol="direct", concurrency=2)
        assert (summary.already, summary.done) == (kept, 16 - kept)


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT"])
def test_text_before_a_block_is_a_refusal(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with gemini_server(lambda text, images: f"ends:{reason}:The answer is B") as server:
        model = load("gemini", server, monkeypatch, draws=False)
        request = ask(model, "answer this")
        with pytest.raises(Refusal, match=f"{reason}, after: The answer is B"):
            model.answer([request])
        assert request.usage["input_tokens"] == 300, "it was paid for"


@pytest.mark.parametrize(
    ("name", "reason", "note"),
    [
        ("gemini", "MAX_TOKENS", "the reply was cut at max_output_tokens"),
        ("gemini", "OTHER", "the reply broke off (OTHER)"),
        ("openai", "length", "the reply was cut at max_tokens"),
        ("openai", "abort", "the reply broke off (abort)"),
    ],
)
def test_a_reply_that_was_cut_is_noted(name: str, reason: str, note: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with {"gemini": gemini_server, "openai": openai_server}[name](lambda text, images: f"ends:{reason}:So B") as server:
        model = load(name, server, monkeypatch, draws=False)
        request = ask(model, "answer this")
        assert model.answer([request]) == ["So B"]
        assert note in request.notes


@pytest.mark.parametrize("reason", ["NO_IMAGE", "IMAGE_OTHER", "IMAGE_SAFETY"])
def test_a_picture_that_is_not_given_is_a_refusal(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with gemini_server(lambda text, images: f"blocked:{reason}") as server:
        model = load("gemini", server, monkeypatch, draws=True)
        with pytest.raises(Refusal, match=reason):
            model.generate([ask(model, "draw")])
        assert len(server.behaviour.requests) == 1


def test_an_edit_has_its_input_s_shape(provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text to image is square by default; both can be told otherwise."""
    name, server_of = provider
    shape = {"gemini": "aspect_ratio", "openai": "size"}[name]

    def shapes(model: Model) -> list[str | None]:
        sent = []
        for image in (None, Image.new("RGB", (8, 4))):
            model.generate([ask(model, "draw", image)])
            body = server.behaviour.requests[-1][1]
            if name == "gemini":
                sent.append(body["generationConfig"].get("imageConfig", {}).get("aspectRatio"))
            elif isinstance(body, bytes):
                sent.append(next((one for one in ("auto", "1536x1024") if f"\r\n{one}\r\n".encode() in body), None))
            else:
                sent.append(body["size"])
        return sent

    with server_of(reply) as server:
        model = load(name, server, monkeypatch, draws=True)
        assert shapes(model) == {"gemini": ["1:1", None], "openai": ["1024x1024", "auto"]}[name]
        wide = {"gemini": "3:2", "openai": "1536x1024"}[name]
        model.configure({shape: wide, f"edit_{shape}": wide})
        assert shapes(model) == [wide, wide]


def test_a_reasoning_model_of_openai_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it does not take is left out, once and for all, and each answer says so."""
    refused = frozenset({"temperature", "seed", "max_tokens"})
    with openai_server(reply, Behaviour(refused=refused)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        model = load_model("openai:gpt-5")
        requests = [ask(model, "answer this"), ask(model, "answer that")]
        assert model.answer(requests) == ["B, having seen 0"] * 2
        bodies = [body for _, body in server.behaviour.requests]
        assert [body.keys() & {"temperature", "seed"} for body in bodies] == [
            {"temperature", "seed"}, {"temperature"}, set(), set()
        ]  # fmt: skip
        assert all(body["max_completion_tokens"] == 4096 and "max_tokens" not in body for body in bodies)
        told = {"gpt-5 does not take temperature: left out", "gpt-5 does not take seed: left out"}
        assert [set(request.notes) for request in requests] == [told, told]


def test_capabilities_of_a_server_of_ones_own() -> None:
    assert load_model("openai:mine@http://127.0.0.1:9/v1?can=generate,edit").capabilities == {"generate", "edit"}
    with pytest.raises(UsageError, match="unknown capability 'fly'"):
        load_model("openai:mine@http://127.0.0.1:9/v1?can=fly")


def test_a_picture_is_priced_by_its_quality() -> None:
    dollars = {
        quality: load_model("openai:gpt-image-1", LoadOptions(settings={"quality": quality})).prices["generate"]
        for quality in ("low", "medium", "high")
    }
    assert dollars == {"low": 0.011, "medium": 0.042, "high": 0.167}
    assert load_model("openai:gpt-image-1").prices["generate"] == dollars["high"], "the provider may choose it"
    assert not load_model("openai:gpt-image-1@http://127.0.0.1:9/v1").prices
    assert load_model("openai:gpt-4.1").prices == {"answer": 0.004}
