"""The model of the fleet file, one file per noun; no reading, no merging.

Start reading at ``fleet_file.py``, the root; ``base.py`` says how keys are declared.
"""
