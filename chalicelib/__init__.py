"""Cara: a social and portfolio platform for human artists, whose work it protects from AI training."""

__version__ = "0.1.0"
