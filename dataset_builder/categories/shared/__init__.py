"""What several categories use: hand-written lines, plans of levels, options, words and scenes of counted things."""
