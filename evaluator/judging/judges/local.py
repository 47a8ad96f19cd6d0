"""`local:CHECKPOINT`: a vision-language checkpoint on this machine as judge.

    local:Qwen/Qwen2.5-VL-7B-Instruct              one prefill an image, yes/no read off the first token
    local:google/gemma-3-4b-it                     other families: one prefill a question, read the same way
    local:Qwen/Qwen2.5-VL-7B-Instruct?mode=generate    the slow reference: plain `generate`, reply parsed
    local:Qwen/Qwen2.5-VL-7B-Instruct?batch_size=8     images a batch (halved, and told, when memory runs out)

The fast ways read the first answer token only; a judge that talks before it answers is `unparsed` there,
and `?mode=generate` reads its words. A reply that is longer than `max_new_tokens` is not whole: of it, too,
only the first token is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import RealUnifyError, UsageError, unknown_name
from evaluator.judging.judges._options import split
from evaluator.judging.judges._prefix import FAMILIES, Pixels, PrefixReader
from evaluator.judging.judges._reading import Reader, Reading
from evaluator.judging.judges.base import Judge, Reply, judge_answer
from evaluator.models.base import LoadOptions
from evaluator.models.vlm import Loaded, VisionLanguageModel, load_vlm
from evaluator.records import Request

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

MODES = ("auto", "prefix", "plain", "generate")
OPTIONS: dict[str, Any] = {"mode": "auto", "batch_size": 0, "max_new_tokens": 16}


def load(rest: str, options: LoadOptions) -> LocalJudge:
    """The judge for `local:rest`."""
    checkpoint, values = split(rest, OPTIONS, options, "local")
    return LocalJudge(f"local:{checkpoint}", load_vlm(checkpoint, options, spec=f"local:{checkpoint}"), **values)


class LocalJudge(Judge):
    """Answers all questions about a batch of images with one prefill an image where the family allows it."""

    cached = True

    def __init__(
        self, name: str, loaded: Loaded, *, mode: str = "auto", batch_size: int = 0, max_new_tokens: int = 16
    ) -> None:
        if mode not in MODES:
            raise unknown_name("mode of a local judge", mode, MODES)
        family = loaded.model.config.model_type
        if mode == "prefix" and family not in FAMILIES:
            raise UsageError(f"{name} is a '{family}' checkpoint, which mode=prefix does not know; use mode=plain")
        self.mode = ("prefix" if family in FAMILIES else "plain") if mode == "auto" else mode
        self.id = name if self.mode != "generate" else f"{name}?mode=generate"
        self.revision = loaded.revision
        self.vlm = VisionLanguageModel(name, loaded)
        self.reader = Reader(loaded.processor.tokenizer, name)
        self.prefix = PrefixReader(loaded.model, loaded.processor) if self.mode == "prefix" else None
        self.batch_size = batch_size or (4 if self.vlm.device.type == "cpu" else 16)
        self.max_new_tokens = max_new_tokens
        dtype = str(loaded.model.dtype).removeprefix("torch.")
        self.decoding = {"reads": "first token", "dtype": dtype}
        if self.mode == "generate":
            self.decoding = {"reads": "words", "dtype": dtype, "max_new_tokens": max_new_tokens}

    def prepare(self, image: Image, data: bytes = b"") -> Any:
        """Preprocess ahead of time; `poll_many` takes what this returns in the image's place."""
        return self.prefix.pixels(image) if self.prefix else image

    def poll_many(self, items: Sequence[tuple[Any, Sequence[str]]]) -> list[list[Reply]]:
        ready = [(image if isinstance(image, Pixels) else self.prepare(image), questions) for image, questions in items]
        replies: list[list[Reply]] = [[] for _ in ready]
        todo = [row for row, (_, questions) in enumerate(ready) if questions]
        while todo:
            # Images of one size go together, so that no row is padded.
            size = _size(ready[todo[0]][0])
            rows = [row for row in todo if _size(ready[row][0]) == size][: self.batch_size]
            answers = self._attempt([ready[row] for row in rows])
            if answers is not None:
                for row, answer in zip(rows, answers, strict=True):
                    replies[row] = answer
                todo = [row for row in todo if row not in set(rows)]
        return replies

    def _attempt(self, batch: list[tuple[Any, Sequence[str]]]) -> list[list[Reply]] | None:
        """Replies of one batch; None when it did not fit in memory and the batch size was halved."""
        import torch

        try:
            return self._answer(batch)
        except torch.OutOfMemoryError:
            at_once, what = self._at_once(batch)
            if at_once == 1:
                raise RealUnifyError(
                    f"{self.id}: a single image does not fit in the memory of {self.vlm.device}; "
                    "use a smaller checkpoint, or --dtype bfloat16"
                ) from None
        self.batch_size = at_once // 2
        self.notes += (f"out of memory with {at_once} {what} a batch: going on with {self.batch_size}",)
        if self.vlm.device.type == "cuda":
            torch.cuda.empty_cache()
        return None

    def _at_once(self, batch: list[tuple[Any, Sequence[str]]]) -> tuple[int, str]:
        """How many rows went through the model together, and of what."""
        if self.mode == "prefix":
            return len(batch), "images"
        rows = sum(len(questions) for _, questions in batch)
        return (min(self.batch_size, rows) if self.mode == "plain" else 1), "questions"

    def _answer(self, batch: list[tuple[Any, Sequence[str]]]) -> list[list[Reply]]:
        if self.mode == "generate":
            return [[self.generate(image, question)[0] for question in questions] for image, questions in batch]
        readings = iter(self.reader.read(self.first_logits(batch)))
        return [[self._reply(next(readings)) for _ in questions] for _, questions in batch]

    def _reply(self, reading: Reading) -> Reply:
        return Reply(self.vlm.processor.tokenizer.decode([reading.token]).strip(), reading.answer, reading.p_yes)

    def first_logits(self, batch: Sequence[tuple[Any, Sequence[str]]]) -> torch.Tensor:
        """(questions, vocabulary): logits of the first answer token, image by image."""
        if self.prefix is not None:
            return self.prefix.logits([(image, [self.chat(q) for q in questions]) for image, questions in batch])
        return self._plain_logits([(image, question) for image, questions in batch for question in questions])

    def chat(self, question: str) -> str:
        """The poll in the checkpoint's chat template, with its mark where the image goes."""
        conversation = self.vlm.conversation(self.prompt(question), [None])  # type: ignore[list-item]
        text: str = self.vlm.processor.apply_chat_template(conversation, add_generation_prompt=True, tokenize=False)
        return text

    def _plain_logits(self, rows: list[tuple[Image, str]]) -> torch.Tensor:
        """A prefill a question, `batch_size` of them at a time."""
        import torch

        found = []
        with torch.inference_mode():
            for start in range(0, len(rows), self.batch_size):
                chunk = rows[start : start + self.batch_size]
                inputs = self.vlm.inputs(
                    [self.prompt(question) for _, question in chunk], [[image] for image, _ in chunk]
                )
                found.append(self.vlm.model(**inputs, use_cache=False, logits_to_keep=1).logits[:, -1])
        return torch.cat(found)

    def generate(self, image: Image, question: str) -> tuple[Reply, torch.Tensor]:
        """Plain generate: the reply's words, read as any text's (see above), and the logits of its first token.

        Greedy and without the repetition penalty that some checkpoints carry in their generation config:
        it would mark down the very words that the prompt asks for.
        """
        import torch

        request = Request(
            self.prompt(question), (image,), parameters={**self.vlm.parameters, "max_new_tokens": self.max_new_tokens}
        )
        config = self.vlm._generation_config(request)
        config.update(repetition_penalty=1.0, output_logits=True, return_dict_in_generate=True)
        inputs = self.vlm.inputs([request.text], [[image]])
        with torch.inference_mode():
            output = self.vlm.model.generate(**inputs, generation_config=config)
        text = self.vlm._decode(request, output.sequences[0, inputs["input_ids"].shape[1] :])
        first = self.reader.read(output.logits[0])[0]
        answer = first.answer if request.notes else judge_answer(text)
        return Reply(text, answer, first.p_yes), output.logits[0]

    def close(self) -> None:
        self.vlm.close()


def _size(image: Any) -> object:
    return tuple(image.grid.flatten().tolist()) if isinstance(image, Pixels) else None
