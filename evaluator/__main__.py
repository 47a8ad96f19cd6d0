"""`python -m evaluator` is `realunify`."""

from evaluator.cli import main

main()
