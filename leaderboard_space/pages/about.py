"""What is measured, how to take part, and how ranks and intervals are made."""

from __future__ import annotations

import gradio as gr

from dataset_builder.taxonomy import AXES, categories
from evaluator.protocols import PROTOCOLS
from leaderboard_space.board import Board
from leaderboard_space.pages.looks import html, render

_MEASURED = """
# About

A unified multimodal model both understands and generates images in one network. RealUnify asks one question of it:
does each ability help the other? The benchmark follows
[arXiv 2509.24897](https://arxiv.org/abs/2509.24897) (CVPR 2026).

## What is measured
"""

_TEXT = """
## How to take part

```
pip install realunify
realunify run --model SPEC --dataset {dataset} --protocol all -o RUN
realunify pack RUN -o FILE.zip --organisation NAME --url https://... --licence NAME
realunify validate FILE.zip --dataset {dataset}
realunify submit FILE.zip --space URL
```

`realunify models` lists what can be run; a class of your own, or a model in its own environment, needs no
registration. A bundle holds outputs, not scores. It must cover the whole dataset: what is missing counts as wrong.

## How a score is made here

* **UEG**: a judge looks at the drawn image and answers yes/no questions about it. All must be answered as they should.
* **GEU**: the letter is read from the response. When the text does not state one answer, it is *unparsed*: it scores 0
  and is counted beside the score.
* **Category** = mean over its instances, **axis** = mean over its instances, **Total** = mean over all instances
  (0.6 UEG + 0.4 GEU).
* A model that cannot do a step has no score there. It reads *not supported*, and it is not a 0.
* *Random weights* marks a stand-in for trying things out. Its scores are at chance and mean nothing.

## How ranks and intervals are made

* Intervals are 95 % Wilson score intervals; those of an axis and of the Total take the categories as strata.
* Models are ranked by Total under the chosen protocol, direct unless you choose otherwise. Equal Totals share a rank.
* The interval beside a rank compares the intervals pairwise. A model is clearly behind another only when the other's
  interval lies wholly above its own; the best rank counts those that are clearly ahead, the worst those that are
  clearly behind. Intervals that overlap leave the order open, so the rank interval errs on the wide side.
* Scores are compared only within a *season*: one dataset, one judge, one revision of it. A new judge scores every
  submission again, in a season of its own.

## What this leaderboard runs on
"""


def build(board: Board, page: gr.Blocks) -> None:
    with gr.Column(elem_classes=["ru-about"]):
        gr.Markdown(_MEASURED + _axes() + _protocols() + _TEXT.format(dataset="DIR"))
        identity = html()

    def refresh() -> str:
        season = board.season()
        return render(
            "identity.html",
            dataset=board.dataset.info,
            judge=season.judge if season else board.judge or "none yet",
            revision=season.judge_revision if season else "",
        )

    page.load(refresh, None, identity, api_visibility="private", show_progress="hidden")


def _axes() -> str:
    lines = []
    for axis, title in AXES.items():
        lines.append(f"\n**{axis.upper()}, {title}**\n")
        lines += [f"* *{category.title}*: {category.demand}" for category in categories(axis)]
    return "\n".join(lines) + "\n"


def _protocols() -> str:
    lines = ["\n| protocol | asks | UEG | GEU |", "|---|---|---|---|"]
    for protocol in PROTOCOLS.values():
        steps = {axis: ", then ".join(step.name for step in plan) for axis, plan in protocol.steps.items()}
        lines.append(f"| **{protocol.name}** | {protocol.question} | {steps['ueg']} | {steps['geu']} |")
    return "\n".join(lines) + "\n"
