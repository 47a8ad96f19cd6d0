"""What a dataset shows of itself: card, Croissant metadata, gallery, and its place on the Hub."""
