"""The baselines: chance draws from its seed alone, gold answers from the key."""

import io
from collections import Counter

import pytest
from contract import ModelContract, difference, picture

from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.instance import Instance, Question, geu_instance, ueg_instance
from evaluator.models.base import Model
from evaluator.models.registry import load_model
from evaluator.records import Request


def encoded(seed: int) -> bytes:
    buffer = io.BytesIO()
    picture(seed).save(buffer, "PNG")
    return buffer.getvalue()


GEU = geu_instance(
    "mental_tracking", 1, subtask="sequential_recolouring", image=encoded(1), question="Which digits?",
    option=["1", "2", "3", "4"], answer="C", reference_image=encoded(2), difficulty="easy", rationale="r", metadata={},
)  # fmt: skip
UEG = ueg_instance(
    "world_knowledge", 1, subtask="food", prompt="the fruit of the oak", reference_prompt="an acorn",
    question_list=[Question(question="Is there an acorn?", answer="yes")], difficulty="easy", rationale="r",
    metadata={},
)  # fmt: skip


class Dataset:
    def __init__(self, *rows: Instance) -> None:
        self.rows = rows

    def instances(self, *, images: bool, only: set[str]) -> list[Instance]:
        found = [row for row in self.rows if row.id in only]
        return found if images else [row.model_copy(update={"image": None, "reference_image": None}) for row in found]


class TestChance(ModelContract):
    can = frozenset({"answer", "generate", "edit", "samples", "seeds"})
    tolerance = 0

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> Model:
        return load_model("baseline:chance")

    def test_letters_are_about_equally_frequent(self, model: Model) -> None:
        counts = Counter(model.answer([self.request(model, "?", seed=seed) for seed in range(2000)]))
        assert set(counts) == set("ABCD")
        assert all(430 < count < 570 for count in counts.values())

    def test_an_edit_keeps_the_size_and_shows_the_input(self, model: Model) -> None:
        (image,) = model.generate([self.request(model, "", picture(1, (90, 40)))])
        assert image.size == (90, 40)


def gold(*rows: Instance) -> Model:
    model = load_model("baseline:gold")
    model.prepare(Dataset(*rows))  # type: ignore[arg-type]
    return model


def test_gold_answers_from_the_key() -> None:
    model = gold(UEG, GEU)
    assert model.answer([Request("", id=GEU.id), Request("", id=UEG.id)]) == ["C", "an acorn"]


def test_gold_edits_are_the_reference() -> None:
    (image,) = gold(UEG, GEU).generate([Request("", (picture(1),), id=GEU.id)])
    assert difference(image, picture(2)) == 0


def test_gold_cannot_draw() -> None:
    model = gold(UEG, GEU)
    assert model.capabilities == {"answer", "edit"}
    with pytest.raises(UsageError, match="not supported"):
        model.generate([Request("", id=UEG.id)])


def test_gold_says_what_it_lacks() -> None:
    withheld = GEU.model_copy(update={"answer": None, "reference_image": None})
    with pytest.raises(RealUnifyError, match=r"needs answer of geu-mental_tracking-0001.*withholds"):
        gold(withheld).answer([Request("", id=GEU.id)])
    with pytest.raises(RealUnifyError, match="needs reference_image"):
        gold(withheld).generate([Request("", (picture(1),), id=GEU.id)])
    with pytest.raises(RealUnifyError, match="no instance 'x'"):
        gold(GEU).answer([Request("", id="x")])
    with pytest.raises(RealUnifyError, match="realunify run"):
        load_model("baseline:gold").answer([Request("", id=GEU.id)])


def test_unknown_baselines_are_refused() -> None:
    with pytest.raises(UsageError, match="did you mean chance"):
        load_model("baseline:chanc")
