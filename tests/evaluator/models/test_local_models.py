"""The adapters with local weights, each on a tiny random checkpoint through the real from_pretrained."""

import pytest
from contract import DRAW, QUESTIONS, ModelContract, difference, picture

from dataset_builder.errors import UsageError
from evaluator.models.base import LoadOptions, Model
from evaluator.models.registry import load_model

LONG = "the mountain above the river and the village behind it " * 40


ANSWERS = frozenset({"answer", "looks", "samples"})
DRAWS = frozenset({"generate", "reads", "seeds"})
EDITS = frozenset({"edit", "reads", "seeds"})


class TinyContract(ModelContract):
    spec = ""

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls):
        model = load_model(cls.spec)
        yield model
        model.close()

    def test_says_that_its_weights_are_random(self, model: Model) -> None:
        assert model.random_weights
        assert model.name == self.spec
        assert model.revision.startswith("sha256:")

    def test_leaves_the_global_generator_alone(self, model: Model) -> None:
        import torch

        torch.manual_seed(1)
        expected = torch.rand(3)
        torch.manual_seed(1)
        if "answer" in model.capabilities:
            model.answer([self.request(model, QUESTIONS[0], picture(0))])
        if "generate" in model.capabilities:
            model.generate([self.request(model, DRAW[0])])
        if "edit" in model.capabilities:
            model.generate([self.request(model, DRAW[0], picture(0))])
        assert torch.equal(torch.rand(3), expected)


class Answers(TinyContract):
    sampling = {"do_sample": True, "temperature": 2.0}

    def test_a_cut_answer_is_noted(self, model: Model) -> None:
        requests = [self.request(model, text, picture(n), max_new_tokens=1) for n, text in enumerate(QUESTIONS)]
        model.answer(requests)
        assert all(request.usage["output_tokens"] <= 1 for request in requests)
        assert any("answer cut at max_new_tokens=1" in request.notes for request in requests)

    def test_short_answers_come_out_often(self, model: Model) -> None:
        """A demo shows letters, yes and no, and other things too."""
        answers = model.answer([self.request(model, QUESTIONS[n % 4], picture(n)) for n in range(40)])
        assert sum(answer in {"A", "B", "C", "D", "yes", "no"} for answer in answers) >= 10
        assert len(set(answers)) >= 3


class TestQwen25VL(Answers):
    spec = "tiny:qwen-vl"
    can = ANSWERS


class TestQwen3VL(Answers):
    spec = "tiny:qwen3-vl"
    can = ANSWERS


class TestJanus(Answers):
    spec = "tiny:janus"
    can = ANSWERS | DRAWS
    tolerance = 0

    def test_guidance_and_temperature_count(self, model: Model) -> None:
        plain, unguided, greedy = (
            model.generate([self.request(model, DRAW[0], **extra)])[0]
            for extra in ({}, {"guidance_scale": 1.0}, {"image_temperature": 0.0})
        )
        assert difference(plain, unguided) > 1 and difference(plain, greedy) > 1

    def test_greedy_pictures_have_no_seed(self, model: Model) -> None:
        one, other = (
            model.generate([self.request(model, DRAW[0], seed=seed, image_temperature=0.0)])[0] for seed in (1, 2)
        )
        assert difference(one, other) == 0


class TestEmu3(Answers):
    spec = "tiny:emu3"
    can = ANSWERS | DRAWS
    tolerance = 0


class Cuts(TinyContract):
    limits: tuple[str, ...] = ()

    def test_a_cut_prompt_is_noted(self, model: Model) -> None:
        images = () if "generate" in model.capabilities else (picture(0),)
        long = self.request(model, LONG, *images)
        short = self.request(model, DRAW[0], *images)
        model.generate([short, long])
        assert not short.notes
        assert len(long.notes) == len(self.limits)
        for note, limit in zip(long.notes, self.limits, strict=True):
            assert note.startswith("prompt cut from ") and limit in note


class TestKontext(Cuts):
    spec = "tiny:kontext"
    can = DRAWS | EDITS
    limits = ("to 77 tokens (tokenizer)", "to 128 tokens (tokenizer_2)")

    def test_an_edit_keeps_the_proportions(self, model: Model) -> None:
        (wide,) = model.generate([self.request(model, DRAW[0], picture(0, (400, 200)))])
        assert wide.width > 1.5 * wide.height

    def test_steps_count(self, model: Model) -> None:
        one, other = (model.generate([self.request(model, DRAW[0], num_inference_steps=steps)])[0] for steps in (2, 4))
        assert difference(one, other) > 1


class TestFlux2Klein(Cuts):
    spec = "tiny:flux2-klein"
    can = DRAWS | EDITS
    limits = ("to 128 tokens (tokenizer)",)


# diffusers' scheduler hands a tensor to numpy in the old way.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
class TestInstructPix2Pix(Cuts):
    spec = "tiny:instruct-pix2pix"
    can = EDITS
    limits = ("to 77 tokens (tokenizer)",)


class TestPair(TinyContract):
    spec = "pair:tiny:qwen-vl+tiny:kontext"
    can = ANSWERS | DRAWS | EDITS
    sampling = {"understands.do_sample": True, "understands.temperature": 2.0}

    def test_settings_find_their_member(self) -> None:
        model = load_model(
            self.spec,
            LoadOptions(settings={"max_new_tokens": 3, "num_inference_steps": 2, "generates.guidance_scale": 4.0}),
        )
        assert model.parameters["understands.max_new_tokens"] == 3
        assert model.parameters["generates.num_inference_steps"] == 2
        assert model.parameters["generates.guidance_scale"] == 4.0
        request = self.request(model, QUESTIONS[0], picture(0))
        model.answer([request])
        assert request.usage["output_tokens"] <= 3, "notes and usage reach the caller's request"

    def test_a_name_that_both_know_must_say_whose(self) -> None:
        with pytest.raises(UsageError, match=r"understands\.max_new_tokens or generates\.max_new_tokens"):
            load_model("pair:tiny:qwen-vl+tiny:janus", LoadOptions(settings={"max_new_tokens": 3}))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("pair:tiny:kontext+tiny:qwen-vl", "first model must answer, but tiny:kontext does not"),
        ("pair:tiny:qwen-vl+tiny:qwen3-vl", "second model must generate or edit, but tiny:qwen3-vl does not"),
        ("pair:tiny:qwen-vl", "two full specs with one"),
        ("pair:a:b+c:d+e:f", "two full specs with one"),
        ("pair:tiny:qwen-vl+tiny:kontexx", "did you mean kontext"),
    ],
)
def test_a_wrong_pair_is_refused(spec: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_model(spec)
