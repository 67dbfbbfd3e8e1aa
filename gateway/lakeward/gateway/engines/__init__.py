"""Engines behind one face. Each runs what policies wrote and lets no word of its own out."""
