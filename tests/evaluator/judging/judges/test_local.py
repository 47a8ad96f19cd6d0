"""The local judge on tiny checkpoints: the shared prefix against plain prefills and generate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.judging import judge as judging
from evaluator.judging.judges import load_judge
from evaluator.judging.judges._lean import stack_windows
from evaluator.judging.judges._prefix import common_prefix
from evaluator.judging.judges._reading import Reader
from evaluator.judging.judges.local import LocalJudge
from evaluator.judging.verify import verify
from evaluator.records import Request
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from tests.evaluator.toy_models import Toy

QUESTIONS = ["Is there a red car?", "Are there exactly four birds on the table?", "Is it no?", "Is the cat white?"]


def picture(number: int, size: tuple[int, int] = (112, 112)) -> Image.Image:
    noise = np.random.default_rng(number).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(noise)


@pytest.fixture(scope="module", params=["qwen-vl", "qwen3-vl"])
def judges(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, LocalJudge]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REALUNIFY_CACHE", str(tmp_path_factory.mktemp("cache")))
        found = {}
        # One thread: how many share a sum moves float32 logits more than the ways of reading that are compared here.
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        for mode in ("prefix", "plain", "generate"):
            judge = load_judge(f"tiny:{request.param}?mode={mode}&max_new_tokens=2")
            assert isinstance(judge, LocalJudge)
            found[mode] = judge
        yield found
        torch.set_num_threads(threads)


def test_the_shared_prefix_gives_the_logits_of_plain_prefill_and_of_generate(judges: dict[str, LocalJudge]) -> None:
    fast = judges["prefix"]
    pictures = [picture(number) for number in range(3)]
    ours = fast.first_logits([(fast.prepare(image), QUESTIONS) for image in pictures])
    plain = judges["plain"].first_logits([(image, QUESTIONS) for image in pictures])
    slow = torch.cat([judges["generate"].generate(image, question)[1] for image in pictures for question in QUESTIONS])
    assert ours.shape == plain.shape == slow.shape
    assert (ours - plain).abs().max() < 1e-4
    assert (ours - slow).abs().max() < 1e-4
    assert (ours[:4] - ours[4:8]).abs().max() > 1e-2, "the pictures matter"


def test_rows_do_not_depend_on_their_batch(judges: dict[str, LocalJudge]) -> None:
    judge = judges["prefix"]
    items = [
        (picture(0), QUESTIONS),
        (picture(1, (168, 112)), QUESTIONS[:1]),
        (picture(2), QUESTIONS[:2]),
        (picture(3, (168, 112)), []),
        (picture(4), QUESTIONS[1:2]),
    ]
    together = judge.poll_many(items)
    alone = [judge.poll(image, questions) for image, questions in items]
    assert [len(replies) for replies in together] == [4, 1, 2, 0, 1]
    for one, other in zip(sum(together, []), sum(alone, []), strict=True):
        assert (one.text, one.answer) == (other.text, other.answer)
        assert one.p_yes == pytest.approx(other.p_yes, abs=1e-5)


def test_the_judge_is_as_good_after_another_call(judges: dict[str, LocalJudge]) -> None:
    """Qwen keeps its rotary offset as hidden state; a call must not see the one before."""
    judge = judges["prefix"]
    before = judge.poll(picture(0), QUESTIONS)
    judge.poll(picture(1, (224, 112)), QUESTIONS[:1])
    judge.generate(picture(2, (112, 224)), QUESTIONS[0])
    assert judge.poll(picture(0), QUESTIONS) == before


def test_tokens_are_the_processor_s(judges: dict[str, LocalJudge]) -> None:
    judge = judges["prefix"]
    assert judge.prefix is not None
    image = picture(0)
    pixels = judge.prefix.pixels(image)
    ours = judge.prefix._expand(judge.prefix.tokens(judge.chat(QUESTIONS[0])), pixels.tokens)
    theirs = judge.vlm.inputs([judge.prompt(QUESTIONS[0])], [[image]])
    assert ours == theirs["input_ids"][0].tolist()
    assert torch.equal(pixels.values, theirs["pixel_values"])


@pytest.mark.parametrize("size", [(112, 112), (168, 112), (140, 84)])
def test_stacked_windows_see_what_single_ones_do(judges: dict[str, LocalJudge], size: tuple[int, int]) -> None:
    judge = judges["prefix"]
    assert judge.prefix is not None
    vision, pixels = judge.vlm.model.model.visual, judge.prefix.pixels(picture(0, size))
    before = vision.config._attn_implementation
    with torch.inference_mode():
        one_by_one = vision(pixels.values, pixels.grid).pooler_output
        stack_windows(vision)
        stacked = vision(pixels.values, pixels.grid).pooler_output
        vision.config._attn_implementation = before
    assert (stacked - one_by_one).abs().max() < 1e-5


def test_common_prefix_is_cut_on_tokens() -> None:
    assert common_prefix([[1, 2, 3, 4], [1, 2, 5, 4]]) == 2
    assert common_prefix([[1, 2, 3], [1, 2, 3]]) == 2, "each row keeps its last token"
    assert common_prefix([[1, 2], [1, 2, 3]]) == 1
    assert common_prefix([[7, 8, 9]]) == 2
    assert common_prefix([[1, 2], [3, 4]]) == 0


class Words:
    """A tokenizer of six known words and one letter a token for the rest."""

    vocabulary = ("yes", "Yes", "no", "No", " yes", "the")

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return [self.vocabulary.index(text)] if text in self.vocabulary else [100 + ord(one) for one in text]

    def decode(self, ids: list[int]) -> str:
        return "".join(self.vocabulary[one] if one < 100 else chr(one - 100) for one in ids)


def test_reading_sums_over_spellings() -> None:
    reader = Reader(Words(), "x")
    assert (sorted(reader.yes), sorted(reader.no)) == ([0, 1, 4], [2, 3])
    logits = torch.full((4, 6), -20.0)
    logits[0, [0, 1, 2]] = torch.tensor([1.0, 1.0, 1.5])  # no is likeliest alone, yes over its spellings
    logits[1, [2, 0]] = torch.tensor([3.0, 1.0])
    logits[2, [5, 0]] = torch.tensor([4.0, 3.0])  # about to say something else
    logits[3, [3, 2]] = torch.tensor([0.0, 0.0])
    readings = reader.read(logits)
    assert [reading.answer for reading in readings] == ["yes", "no", "unparsed", "no"]
    assert readings[0].p_yes == pytest.approx(2 / (2 + 2.718281828**0.5), abs=1e-4)
    assert [reading.token for reading in readings][1:3] == [2, 5]


def test_out_of_memory_halves_the_batch_and_tells(
    judges: dict[str, LocalJudge], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judges["prefix"]
    assert judge.prefix is not None
    whole, most = judge.prefix.logits, 3
    tried: list[int] = []

    def tight(items: list[object]) -> torch.Tensor:
        tried.append(len(items))
        if len(items) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole(items)  # type: ignore[arg-type]

    monkeypatch.setattr(judge.prefix, "logits", tight)
    monkeypatch.setattr(judge, "batch_size", 8)
    monkeypatch.setattr(judge, "notes", ())
    replies = judge.poll_many([(picture(number), QUESTIONS[:2]) for number in range(8)])
    assert [len(row) for row in replies] == [2] * 8
    assert tried == [8, 4, 2, 2, 2, 2]
    assert judge.notes[-1] == "out of memory with 4 images a batch: going on with 2"
    most = 0
    with pytest.raises(RealUnifyError, match="a single image does not fit"):
        judge.poll(picture(0), QUESTIONS)


def test_out_of_memory_with_one_image_asks_fewer_questions_at_a_time(
    judges: dict[str, LocalJudge], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judges["plain"]
    expected = [reply.answer for reply in judge.poll(picture(0), QUESTIONS[:3])]
    whole, tried = judge.vlm.inputs, []

    def tight(texts: list[str], images: list[list[Image.Image]]) -> object:
        tried.append(len(texts))
        if len(texts) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole(texts, images)

    monkeypatch.setattr(judge.vlm, "inputs", tight)
    monkeypatch.setattr(judge, "batch_size", 4)
    monkeypatch.setattr(judge, "notes", ())
    most = 1
    assert [reply.answer for reply in judge.poll(picture(0), QUESTIONS[:3])] == expected
    assert tried == [3, 1, 1, 1]
    assert judge.notes == ("out of memory with 3 questions a batch: going on with 1",)
    most = 0
    with pytest.raises(RealUnifyError, match="a single image does not fit"):
        judge.poll(picture(0), QUESTIONS[:3])


@pytest.mark.parametrize(
    ("said", "cut", "answer"),
    [
        ("No cats are visible, so yes.", False, "yes"),
        ("Yes.", False, "yes"),
        ("I would rather not say.", False, "unparsed"),
        ("No cats are visible, so", True, "first token"),
    ],
)
def test_generate_reads_a_whole_reply_and_of_a_cut_one_the_first_token(
    judges: dict[str, LocalJudge], monkeypatch: pytest.MonkeyPatch, said: str, cut: bool, answer: str
) -> None:
    judge = judges["generate"]
    if cut:
        (fast,) = judges["prefix"].poll(picture(0), QUESTIONS[:1])
        answer = fast.answer

    def decode(request: Request, tokens: object) -> str:
        request.notes += ["answer cut at max_new_tokens=2"] * cut
        return said

    monkeypatch.setattr(judge.vlm, "_decode", decode)
    reply, _ = judge.generate(picture(0), QUESTIONS[0])
    assert (reply.answer, said in reply.text) == (answer, True)


def test_verify_compares_the_first_token_with_the_words(
    judges: dict[str, LocalJudge], small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    judge = judges["prefix"]
    monkeypatch.setattr(judge.vlm, "_decode", lambda request, tokens: "No cats are visible, so yes.")
    found = verify(tmp_path / "run", judge, 15)
    fast = [line.split(": ")[1].split(" ")[0] for line in found.differ]
    assert "yes" not in fast and found.agreed == 15 - len(fast) < 15


def test_a_whole_run_and_verify(
    judges: dict[str, LocalJudge], small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path / "cache"))
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    folder = RunFolder.open(tmp_path / "run")
    judge = judges["prefix"]
    summary = judging.judge(folder, judge)
    assert (summary.asked, summary.errors) == (48, 0)
    lines = list(folder.judgements())
    assert {line.judge_revision for line in lines} == {judge.revision}
    assert judge.revision.startswith("sha256:") and judge.random_weights
    assert all(line.p_yes is not None and 0 < line.p_yes < 1 for line in lines)
    found = verify(folder, judge, 15)
    assert (found.asked, found.agreed) == (15, 15)
    assert 0 < found.max_difference < 1e-4
    assert "15 of 15" in found.text()
    with pytest.raises(UsageError, match="has one"):
        verify(folder, judges["generate"], 5)
    assert judging.judge(folder, judges["generate"]).cached == 0, "another decoding, another key"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("tiny:quen-vl", "qwen-vl"),
        ("tiny:qwen-vl?mode=fast", "mode"),
        ("tiny:qwen-vl?batchsize=3", "batch_size"),
        ("fixed:yes?x=1", "unknown option 'x': a fixed judge takes none"),
        ("fixed:perhaps", "choose from no, yes"),
        ("local:/nowhere/at/all", "no checkpoint folder"),
        ("local:", "lacks"),
    ],
)
def test_wrong_use_is_one_line(
    spec: str, said: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path_factory.getbasetemp() / "wrong-use"))
    with pytest.raises(RealUnifyError, match=said) as caught:
        load_judge(spec)
    assert "\n" not in str(caught.value)
