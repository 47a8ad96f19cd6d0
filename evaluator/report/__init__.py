"""`realunify report`: runs as a static web site, from the score tables down to every single answer.

Opens from a file without a network; models' texts are untrusted and escaped. Pictures are files beside the
pages: small ones in the page, the originals on a click.

    >>> write(["runs/janus", "runs/bagel"], "report")
    PosixPath('report/index.html')
"""

from evaluator.report.site import write

__all__ = ["write"]
