"""From results to ranked rows; the paper's numbers beside them."""
