"""The run folder that every stage reads and writes: manifest, predictions, images, judgements; its lines and shards."""
