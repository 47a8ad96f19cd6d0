"""Rescoring what was uploaded, apart from the web process, under a lease."""
