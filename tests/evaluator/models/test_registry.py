"""Which options a model takes, what it says of itself before it is loaded, and a base install."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from dataset_builder.errors import MissingExtraError, UsageError
from evaluator.models import tiny
from evaluator.models.base import LoadOptions, Model
from evaluator.models.pair import PairModel
from evaluator.models.registry import FAMILIES, declared_model, load_model


class Own:
    """A user's class that wants to know where to go."""

    capabilities = frozenset({"answer"})

    def __init__(self, device: str = "cpu", dtype: str = "float32") -> None:
        self.where = (device, dtype)


class Deaf:
    capabilities = frozenset({"answer"})
    defaults = {"steps": 4}


class Everything:
    capabilities = frozenset({"generate"})

    def __init__(self, **settings: Any) -> None:
        self.settings = settings


class Demanding:
    capabilities = frozenset({"answer"})

    def __init__(self, path: str) -> None:
        raise AssertionError("never made")


class Late:
    """Knows what it can do only when it is made."""

    defaults = {"steps": 4}

    def __init__(self) -> None:
        self.capabilities = {"answer", "edit"}

    def answer(self, requests: Any) -> list[str]:
        return []

    generate = answer


for _kind in (Own, Deaf, Everything, Demanding):
    _kind.answer = _kind.generate = Late.answer  # type: ignore[attr-defined]

HERE = Path(__file__).stem
WORKER = 'name = "w"\ncommand = ["/nowhere/python", "w.py"]\n'


def test_a_base_install_lists_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No `google` at all: of `google.genai` the parent itself is absent."""
    for name in [name for name in sys.modules if name == "google" or name.startswith("google.")]:
        monkeypatch.delitem(sys.modules, name)
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: _absent(name) or find(name, package))
    assert FAMILIES["gemini"].missing == ("google.genai",)
    with pytest.raises(MissingExtraError, match=r"realunify\[gemini\]"):
        load_model("gemini:gemini-2.5-pro")


def _absent(name: str) -> None:
    """What find_spec does where the parent cannot be imported."""
    if name.startswith("google."):
        raise ModuleNotFoundError("No module named 'google'", name="google")


@pytest.mark.parametrize(
    ("spec", "option", "told"),
    [
        ("baseline:chance", {"device": "cuda"}, "--device does nothing for baseline:chance"),
        ("baseline:gold", {"revision": "main"}, "--revision does nothing"),
        ("gemini:gemini-2.5-pro", {"dtype": "bfloat16"}, "--dtype does nothing for gemini:gemini-2.5-pro"),
        ("openai:gpt-4.1", {"device": "cpu"}, "--device does nothing"),
        ("tiny:janus", {"revision": "main"}, "--revision does nothing for tiny:janus: it takes --dtype and --device"),
        ("worker:bagel", {"dtype": "float16"}, "--dtype does nothing for worker:bagel"),
        (f"{HERE}:Deaf", {"device": "cpu"}, f"--device does nothing for {HERE}:Deaf"),
        (f"{HERE}:Own", {"revision": "main"}, "--revision does nothing"),
        ("pair:tiny:qwen-vl+tiny:kontext", {"revision": "main"}, "--revision does nothing for pair:"),
        ("pair:baseline:chance+baseline:chance", {"device": "cpu"}, "nor for baseline:chance"),
    ],
)
@pytest.mark.parametrize("load", [load_model, declared_model])
def test_an_option_without_a_meaning_is_refused(spec: str, option: dict[str, str], told: str, load: Any) -> None:
    with pytest.raises(UsageError) as caught:
        load(spec, LoadOptions(**option))  # type: ignore[arg-type]
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_has_no_revision() -> None:
    with pytest.raises(UsageError, match="--revision means a commit of the Hub"):
        load_model(f"vlm:{tiny.checkpoint('qwen-vl')}", LoadOptions(revision="main"))


def test_an_own_class_is_told_where_to_go() -> None:
    model = load_model(f"{HERE}:Own", LoadOptions(device="cuda:1"))
    assert model.inner.where == ("cuda:1", "float32")  # type: ignore[attr-defined]
    assert model.environment() == {"device": "cuda:1"}
    assert load_model(f"{HERE}:Own").inner.where == ("cpu", "float32")  # type: ignore[attr-defined]
    made = load_model(f"{HERE}:Everything", LoadOptions(revision="r", dtype="float16"))
    assert made.inner.settings == {"revision": "r", "dtype": "float16"}  # type: ignore[attr-defined]


def test_an_own_class_with_arguments_is_refused() -> None:
    with pytest.raises(UsageError, match="needs 'path': give it a default"):
        load_model(f"{HERE}:Demanding")


def test_the_members_of_a_pair_get_what_they_use() -> None:
    model = load_model("pair:baseline:chance+tiny:kontext", LoadOptions(dtype="bfloat16", device="cpu"))
    assert isinstance(model, PairModel)
    assert model.environment()["generates.dtype"] == "bfloat16"


@pytest.mark.parametrize(
    ("spec", "can"),
    [
        ("janus:some-org/not-here", {"answer", "generate"}),
        ("emu3:some-org/not-here", {"answer", "generate"}),
        ("vlm:some-org/not-here", {"answer"}),
        (f"{HERE}:Deaf", {"answer"}),
        (f"{HERE}:Demanding", {"answer"}),
        ("pair:vlm:some-org/not-here+janus:some-org/not-here", {"answer", "generate"}),
        ("worker:bagel", {"answer", "generate", "edit"}),
        ("worker:show_o2", {"answer", "generate"}),
        ("gemini:gemini-2.5-flash-image", {"answer", "generate", "edit"}),
        ("openai:gpt-4.1", {"answer"}),
        ("pair:openai:gpt-4.1+gemini:gemini-2.5-flash-image", {"answer", "generate", "edit"}),
    ],
)
def test_it_is_told_without_loading(spec: str, can: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    model = declared_model(spec)
    assert (model.capabilities, model.loaded) == (can, False)


def test_a_pipeline_is_told_by_its_index(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "QwenImageEditPipeline"}))
    model = declared_model(f"diffusers:{tmp_path}", LoadOptions(settings={"num_inference_steps": 3}))
    assert (model.capabilities, model.parameters["num_inference_steps"]) == ({"edit"}, 3)


def test_who_cannot_tell_is_loaded(tmp_path: Path) -> None:
    assert declared_model(f"{HERE}:Late").loaded
    (tmp_path / "w.toml").write_text(WORKER)
    with pytest.raises(UsageError, match="cannot start /nowhere/python"):
        declared_model(f"worker:{tmp_path / 'w.toml'}")


def test_settings_are_checked_where_they_are_known() -> None:
    with pytest.raises(UsageError, match="no parameter 'stepz'"):
        declared_model(f"{HERE}:Deaf", LoadOptions(settings={"stepz": 1}))
    assert declared_model("worker:bagel", LoadOptions(settings={"think": True})).parameters == {"think": True}


class Priced(Model):
    """Its price hangs on a parameter."""

    capabilities = frozenset({"answer", "generate", "edit"})
    defaults = {"quality": "low"}

    def configure(self, settings: Any) -> None:
        super().configure(settings)
        dear = self.parameters["quality"] == "high"
        self.prices = {"answer": 1.0, "generate": 20.0 if dear else 2.0, "edit": 30.0 if dear else 3.0}


def test_a_pair_costs_what_its_members_cost() -> None:
    pair = load_model(f"pair:{HERE}:Priced+{HERE}:Priced")
    assert pair.prices == {"answer": 1.0, "generate": 2.0, "edit": 3.0}
    pair.configure({"understands.quality": "low", "generates.quality": "high"})
    assert pair.prices == {"answer": 1.0, "generate": 20.0, "edit": 30.0}
    assert pair.parameters == {"understands.quality": "low", "generates.quality": "high"}


def test_a_pair_finds_the_member_that_takes_any_name() -> None:
    pair = load_model(f"pair:baseline:chance+{HERE}:Everything", LoadOptions(settings={"wonder": 1, "size": 64}))
    assert pair.parameters == {"understands.size": 64, "generates.wonder": 1}
    with pytest.raises(UsageError, match="no parameter 'understands.wonder'|no parameter 'wonder'"):
        pair.configure({"understands.wonder": 1})
