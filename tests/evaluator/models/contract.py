"""The contract that every model adapter passes; a test class inherits it and gives a `model` fixture.

    class TestMine(ModelContract):
        @pytest.fixture(scope="class")
        @classmethod
        def model(cls):
            yield load_model("mine:x")

`can` says what the model is able to do and how it behaves; tests of anything else are not collected.
"""

import random
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from PIL import Image, ImageChops, ImageDraw

from dataset_builder import prompts
from dataset_builder.errors import UsageError
from evaluator.models.base import Model
from evaluator.records import CAPABILITIES, Request

DRAW = ("three red apples on a wooden table", "a cat behind a white house", "two birds above a river")
QUESTIONS = tuple(
    prompts.evaluation_prompt(f"How many {noun} are in the picture?", ["one", "two", "three", "four"])
    for noun in ("cars", "horses", "trees", "boats on the river behind the houses")
)


def picture(seed: int, size: tuple[int, int] = (120, 96), mode: str = "RGB") -> Image.Image:
    """Eight coloured discs on white, another picture for each seed."""
    rng = random.Random(seed)
    image = Image.new("RGB", size, "white")
    canvas = ImageDraw.Draw(image)
    for _ in range(8):
        x, y = rng.randrange(size[0]), rng.randrange(size[1])
        canvas.ellipse((x - 20, y - 20, x + 20, y + 20), fill=tuple(rng.randbytes(3)))
    return image.convert(mode)


def difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of a channel of a pixel; 255 for pictures of different sizes."""
    if one.size != other.size:
        return 255
    return max(high for _, high in ImageChops.difference(one, other).getextrema())


class ModelContract:
    """Tests of any `Model`; `model` is made by the subclass."""

    # Its capabilities, which it must declare just so, and its ways:
    # looks: answers depend on the picture; samples: answers follow the seed under the `sampling` parameters;
    # reads: pictures depend on the prompt; seeds: pictures follow the seed (without it: each says that it does not).
    can: frozenset[str] = frozenset()
    sampling: Mapping[str, object] = MappingProxyType({})
    # Largest channel difference between a row drawn alone and in a batch (float sums in another order).
    tolerance = 1

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> Model:
        raise NotImplementedError

    def request(self, model: Model, text: str, *images: Image.Image, seed: int = 0, **extra: object) -> Request:
        return Request(text=text, images=images, seed=seed, parameters={**model.parameters, **extra})

    def questions(self, model: Model, **extra: object) -> list[Request]:
        """Questions of different lengths about pictures of different sizes, so that a batch has padding."""
        sizes = ((120, 96), (96, 120), (64, 64), (200, 100))
        return [self.request(model, text, picture(n, sizes[n]), seed=n, **extra) for n, text in enumerate(QUESTIONS)]

    def test_says_what_it_is(self, model: Model) -> None:
        assert model.name and model.revision and model.revision != "unknown"
        assert model.capabilities
        assert model.capabilities == self.can & frozenset(CAPABILITIES)
        assert model.batch_size >= 1 and model.concurrency >= 1
        assert all(isinstance(value, str) for value in model.environment().values())

    def test_undeclared_capabilities_raise(self, model: Model) -> None:
        if "answer" not in model.capabilities:
            with pytest.raises(UsageError, match="not supported"):
                model.answer([self.request(model, QUESTIONS[0], picture(0))])
        if "generate" not in model.capabilities:
            with pytest.raises(UsageError, match="not supported"):
                model.generate([self.request(model, DRAW[0])])
        if "edit" not in model.capabilities:
            with pytest.raises(UsageError, match="not supported"):
                model.generate([self.request(model, DRAW[0], picture(0))])

    def test_unknown_parameters_are_refused(self, model: Model) -> None:
        before = dict(model.parameters)
        with pytest.raises(UsageError, match="no parameter 'no_such_parameter'"):
            model.configure({"no_such_parameter": 1})
        assert model.parameters == before

    def test_known_parameters_are_taken(self, model: Model) -> None:
        before = dict(model.parameters)
        model.configure(before)
        assert model.parameters == before

    @pytest.mark.needs("answer")
    def test_answers_are_text(self, model: Model) -> None:
        answers = model.answer(self.questions(model))
        assert len(answers) == len(QUESTIONS)
        assert all(isinstance(answer, str) for answer in answers)
        assert any(answers)

    @pytest.mark.needs("answer")
    def test_answers_text_alone(self, model: Model) -> None:
        (answer,) = model.answer([self.request(model, prompts.new_prompt("as many apples as a triangle has corners"))])
        assert isinstance(answer, str)

    @pytest.mark.needs("answer", "looks")
    def test_answers_depend_on_the_picture(self, model: Model) -> None:
        requests = [self.request(model, QUESTIONS[0], picture(seed)) for seed in range(12)]
        assert len(set(model.answer(requests))) > 1

    @pytest.mark.needs("answer")
    def test_answers_do_not_depend_on_neighbours(self, model: Model) -> None:
        together = model.answer(self.questions(model))
        assert model.answer(self.questions(model)[::-1]) == together[::-1]
        assert [model.answer([request])[0] for request in self.questions(model)] == together

    @pytest.mark.needs("answer")
    def test_text_and_picture_requests_may_share_a_batch(self, model: Model) -> None:
        mixed = [self.request(model, prompts.new_prompt(DRAW[0])), *self.questions(model)[:2]]
        alone = [model.answer([request])[0] for request in mixed]
        assert model.answer(mixed) == alone

    @pytest.mark.needs("answer", "samples")
    def test_sampled_answers_follow_the_seed(self, model: Model) -> None:
        def ask(seed: int) -> list[str]:
            rows = [self.request(model, text, picture(0), seed=seed, **self.sampling) for text in QUESTIONS]
            return model.answer(rows)

        assert ask(3) == ask(3)
        assert len({tuple(ask(seed)) for seed in range(4)}) > 1

    @pytest.mark.parametrize("task", ["generate", "edit"])
    def test_pictures_are_rgb_and_in_order(self, model: Model, task: str) -> None:
        drawn = model.generate(self.drawings(model, task))
        assert [image.mode for image in drawn] == ["RGB"] * len(DRAW)
        assert all(min(image.size) >= 16 for image in drawn)
        assert all(len(image.getcolors(2**24) or []) > 8 for image in drawn), "a flat picture"

    @pytest.mark.parametrize("task", ["generate", "edit"])
    def test_pictures_follow_the_seed(self, model: Model, task: str) -> None:
        """Not to follow it is allowed to one that says so with every picture."""
        noted: list[str] = []

        def draw(seed: int) -> Image.Image:
            images = (picture(1),) if task == "edit" else ()
            request = self.request(model, DRAW[0], *images, seed=seed)
            (drawn,) = model.generate([request])
            noted[:] = request.notes
            return drawn

        if "seeds" not in self.can:
            draw(5)
            assert any("seed" in note for note in noted)
            return
        assert difference(draw(5), draw(5)) == 0
        assert difference(draw(5), draw(6)) > self.tolerance
        assert difference(draw(0), draw(1)) > self.tolerance, "0 is a seed"

    @pytest.mark.parametrize("task", ["generate", "edit"])
    @pytest.mark.needs("reads")
    def test_pictures_follow_the_prompt(self, model: Model, task: str) -> None:
        images = (picture(1),) if task == "edit" else ()
        one, other = (model.generate([self.request(model, text, *images)])[0] for text in DRAW[:2])
        assert difference(one, other) > self.tolerance

    @pytest.mark.needs("edit")
    def test_edits_depend_on_the_picture(self, model: Model) -> None:
        one, other = (model.generate([self.request(model, DRAW[0], picture(seed))])[0] for seed in (1, 2))
        assert difference(one, other) > self.tolerance

    @pytest.mark.needs("edit")
    def test_edits_take_pictures_of_any_mode(self, model: Model) -> None:
        for mode in ("RGBA", "L", "P"):
            (image,) = model.generate([self.request(model, DRAW[0], picture(1, mode=mode))])
            assert image.mode == "RGB"

    @pytest.mark.parametrize("task", ["generate", "edit"])
    def test_pictures_do_not_depend_on_neighbours(self, model: Model, task: str) -> None:
        together = model.generate(self.drawings(model, task))
        alone = [model.generate([request])[0] for request in self.drawings(model, task)]
        backwards = model.generate(self.drawings(model, task)[::-1])[::-1]
        for one, other, third in zip(together, alone, backwards, strict=True):
            assert difference(one, other) <= self.tolerance
            assert difference(one, third) <= self.tolerance

    def drawings(self, model: Model, task: str) -> list[Request]:
        sizes = ((120, 96), (96, 120), (96, 96))
        return [
            self.request(model, text, *((picture(n, sizes[n]),) if task == "edit" else ()), seed=n)
            for n, text in enumerate(DRAW)
        ]
