"""run: a model through the protocols, into a run folder that can be stopped at any moment."""
