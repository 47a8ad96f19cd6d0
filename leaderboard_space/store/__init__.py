"""What the leaderboard keeps: immutable records and events, submissions, seasons."""
