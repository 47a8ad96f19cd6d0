"""Upload bundles: packed, checked, imported from the authors' format, submitted."""
