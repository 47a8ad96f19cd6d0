"""Mazes: which labelled point lies on the path."""
