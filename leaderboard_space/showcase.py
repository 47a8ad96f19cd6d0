"""A leaderboard of one's own from bundles at hand: what the demo ranks, and `realunify serve` then shows.

>>> rank(Path("demo/leaderboard"), "demo/realunify", "tiny:qwen-vl", [Path("demo/tiny-janus.zip")])
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataset_builder.errors import ProblemsError
from leaderboard_space.board import Board
from leaderboard_space.ranking.ranks import ranked
from leaderboard_space.rescoring.worker import open_dataset, work
from leaderboard_space.store.store import Store

PROTOCOLS = ("direct", "stepwise")


def rank(data: Path, dataset: str, judge: str, bundles: Sequence[Path]) -> list[str]:
    """Take bundles in as an upload would be, rescore them, and return the ranking in lines of text."""
    board = Board(Store(data), open_dataset(dataset))
    for bundle in bundles:
        receipt = board.desk.receive(bundle, {}, identity="showcase")
        if receipt.id is None:
            raise ProblemsError(f"{bundle} was refused by the leaderboard:", receipt.problems)
    work(data, dataset, judge, once=True)
    entries = board.entries(board.season())
    lines = []
    for protocol in PROTOCOLS:
        lines.append(f"{protocol}:")
        for row in ranked(entries, protocol):
            cell = row.entry.cell(protocol)
            total = f"{cell.score:5.1f}" if cell is not None and cell.score is not None else "    -"
            reason = f"   Total {cell.status}" if cell is not None and cell.score is None else ""
            lines.append(f"  {row.text or '-':>8}  {total}  {row.entry.model}{reason}")
    return lines
