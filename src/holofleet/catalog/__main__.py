"""Puts the data files into their canonical form: ``python -m holofleet.catalog``, after an edit."""

from holofleet.catalog import reading

if __name__ == "__main__":
    reading.rewrite()
