"""The protocol's prompts (Tables 7 to 13 of arXiv 2509.24897v2): constants, so the wording is kept.

An instance carries its own prompts as columns, filled in here when it is made; the evaluator sends the
column and never rebuilds it. Only the judge's poll is filled in at judging time.
"""

from __future__ import annotations

from collections.abc import Sequence

JUDGE_POLL = (
    "Please answer the following question based on the image:\n"
    "Question: {question}\n\n"
    "You should only reply yes or no, and do not provide any other extra content."
)
MULTIPLE_CHOICE = (
    "Select the best answer to the following multiple-option question based on the image. "
    "Respond with only the letter (A, B, C, or D) of the correct option.\n"
    "Question: {question}\n"
    "Option:\nA. {a}\nB. {b}\nC. {c}\nD. {d}\n"
    "The best answer is:"
)
REFINE = (
    "Here is the prompt for image generation: {prompt}\n"
    "Please refine it into a simple, direct, and unambiguous form to ensure the generated image fully "
    "aligns with the given description and conditions. Respond only with the refined prompt, without "
    "adding anything else."
)
EDIT: dict[str, str] = {
    "mental_reconstruction": (
        "Please restore the image that has been shuffled by patches, without adding extra content or "
        "altering the original image."
    ),
    "mental_tracking": (
        "Here is the question: {question}\n"
        "Please apply the corresponding transformations and modifications to the contents of the image "
        "according to the question."
    ),
    "attentional_focusing": (
        "Here is the question: {question}\nPlease highlight the regions of the image that are relevant to the question."
    ),
    "cognitive_navigation": (
        "Here is the question: {question}\nPlease mark the path(s) in the image that are relevant to the question."
    ),
}


def judge_poll(question: str) -> str:
    """What a judge is asked about one image and one question."""
    return JUDGE_POLL.format(question=question)


def evaluation_prompt(question: str, option: Sequence[str]) -> str:
    """The four-option question as it is put to a model; `option` holds exactly four texts."""
    a, b, c, d = option
    return MULTIPLE_CHOICE.format(question=question, a=a, b=b, c=c, d=d)


def new_prompt(prompt: str) -> str:
    """Stage one of stepwise UEG: asks for a refined prompt (`new_prompt` in the authors' files)."""
    return REFINE.format(prompt=prompt)


def edit_prompt(task_type: str, question: str) -> str:
    """Stage one of stepwise GEU: asks for the intermediate image."""
    return EDIT[task_type].format(question=question)
