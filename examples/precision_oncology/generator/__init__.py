"""Write a small invented hospital in real file formats: the same seed writes the same bytes.

The hazards of `hazards.py` are planted at known places, so that a test can count them again after the
pipeline. Must not be needed by anything but the demo and its tests.
"""
