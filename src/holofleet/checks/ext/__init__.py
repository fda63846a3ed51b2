"""'Deploy cloud connected HoloLens 2 to external clients'. One file per statement, named by its id."""

from holofleet.checks.ext import ext_22, ext_31, ext_37, ext_39

RULES = (ext_22.RULE, ext_31.RULE, ext_37.RULE, ext_39.RULE)
