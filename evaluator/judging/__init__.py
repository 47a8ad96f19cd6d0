"""judge: a judge's yes and no to every polling question about a run's images, kept and compared."""
