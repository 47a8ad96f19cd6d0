"""The picture of a sweep: scores with intervals over the grid, and stepwise GEU over the fidelity of its edits."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import MissingExtraError

if TYPE_CHECKING:
    from evaluator.running.grid import Point, Sweep

# An axis has a colour, a protocol a marker: told apart without colour too.
_COLOURS = {"GEU": "#0072B2", "UEG": "#D55E00"}
_MARKERS = {"direct": "o", "stepwise": "s", "oracle": "^"}
_CHANCE = 25.0


def plot(done: Sweep) -> bytes:
    """PNG, 1440 x 600 px or wider with the number of runs."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("the sweep's plot", "matplotlib", "plot") from None
    width = max(12.0, 7.0 + 0.7 * len(done.points))
    figure = Figure(figsize=(width, 5), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(width - 5, 5))
    figure.suptitle(f"{done.model} on {done.dataset}", fontsize=11)
    _scores_panel(left, done)
    _fidelity_panel(right, done)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()


def _scores_panel(axes: Any, done: Sweep) -> None:
    measures = sorted({name for point in done.points for name in point.scores}, key=lambda name: name.split()[::-1])
    for number, measure in enumerate(measures):
        protocol, axis = measure.split()
        have = [(i, point) for i, point in enumerate(done.points) if point.scores.get(measure) is not None]
        scores = [point.scores[measure] or 0.0 for _, point in have]
        spread = [
            [score - (point.low[measure] or 0.0) for score, (_, point) in zip(scores, have, strict=True)],
            [(point.high[measure] or 0.0) - score for score, (_, point) in zip(scores, have, strict=True)],
        ]
        # Beside each other, so that no interval hides another.
        places = [i + (number - (len(measures) - 1) / 2) * 0.14 for i, _ in have]
        axes.errorbar(
            places, scores, yerr=spread, capsize=2, linewidth=1, linestyle="-" if len(have) > 1 else "none",
            label=measure, color=_COLOURS[axis], marker=_MARKERS[protocol],
            markerfacecolor="white" if protocol == "direct" else _COLOURS[axis], alpha=0.9, clip_on=False,
        )  # fmt: skip
    axes.axhline(_CHANCE, color="grey", linestyle=":", linewidth=1)
    axes.text(
        1.005, _CHANCE, "GEU\nchance", transform=axes.get_yaxis_transform(), fontsize=7, color="grey", va="center"
    )
    axes.set_xticks(range(len(done.points)), [_values(point, "\n") for point in done.points])
    axes.set(xlabel=_keys(done), ylabel="per cent right, 95 % interval", ylim=(-2, 102))
    axes.set_title("Scores over the grid", fontsize=10)
    axes.grid(axis="y", alpha=0.25)
    if measures:
        axes.legend(fontsize=8, ncols=2)


def _fidelity_panel(axes: Any, done: Sweep) -> None:
    key = "stepwise GEU"
    have = [p for p in done.points if p.fidelity is not None and p.scores.get(key) is not None]
    axes.set(xlabel="fidelity of the edited pictures (PSNR, dB)", ylabel=f"{key}, per cent right", ylim=(-2, 102))
    axes.set_title("Does fidelity drive stepwise understanding?", fontsize=10)
    axes.axhline(_CHANCE, color="grey", linestyle=":", linewidth=1)
    axes.grid(alpha=0.25)
    if not have:
        axes.text(0.5, 0.5, "no stepwise GEU in this sweep", ha="center", transform=axes.transAxes, color="grey")
    axes.margins(x=0.15)
    for number, point in enumerate(have):
        axes.plot(point.fidelity, point.scores[key], _MARKERS["stepwise"], color=_COLOURS["GEU"])
        # In turns at three heights: near neighbours keep their labels apart.
        axes.annotate(_values(point, ", "), (point.fidelity, point.scores[key]), fontsize=8, ha="center",
                      xytext=(0, 8 + 11 * (number % 3)), textcoords="offset points")  # fmt: skip


def _values(point: Point, between: str) -> str:
    return between.join(str(value) for value in point.settings.values())


def _keys(done: Sweep) -> str:
    """The parameters, in the order in which their values stand under each run."""
    return ", below it ".join(done.points[0].settings)
