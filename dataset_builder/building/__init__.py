"""From instances to a dataset folder: making, writing, and the authors' own release as a source."""
