"""How much a bundle may hold: the one place for it. Each error tells the limit that was passed.

Generous to every honest run (1,000 instances under three protocols, 2,000 pictures of 2048 x 2048), and low
enough that a small hostile file can take neither the memory nor the hours of who validates it.
"""

from __future__ import annotations

from evaluator.protocols import PROTOCOLS

# Of the zip: its list of files, and what it unpacks to.
MAX_LIST_BYTES = 8 * 2**20
MAX_FILES = 20_000
MAX_TOTAL_BYTES = 8 * 2**30
MAX_SUBMISSION_BYTES = 64 * 2**10
MAX_PREDICTIONS_BYTES = 128 * 2**20
MAX_PATH_BYTES = 240

# Of the pictures, each and together.
MAX_PICTURE_BYTES = 32 * 2**20
MAX_PIXELS = 4096 * 4096
MAX_TOTAL_PIXELS = 10_000_000_000

# Of predictions.jsonl: its lines, and what stands in one.
MAX_LINES = 20_000
MAX_LINE_BYTES = 2 * 2**20
# Telling what is wrong with a line takes far longer than reading a sound one.
MAX_FAULTY_BYTES = 8 * 2**20
MAX_STEPS = max(len(plan) for protocol in PROTOCOLS.values() for plan in protocol.steps.values())
MAX_TEXT = 50_000
MAX_NOTES = 50
MAX_NOTE = 2_000
MAX_NAME = 200

# Of what validation says.
SHOWN_PER_KIND = 20
SHOWN_PER_LINE = 5
MAX_SAID = 400
