"""score: from predictions and judgements to tables, comparisons and a diagnosis; offline, in seconds."""
