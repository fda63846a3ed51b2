"""'Common scenarios: near offline or isolated environments'. One file per statement, named by its id."""

from holofleet.checks.off import (
    off_04,
    off_12,
    off_16,
    off_17,
    off_28,
    off_29,
    off_30,
    off_31,
    off_32,
    off_33,
    off_34,
    off_35,
    off_36,
    off_37,
    off_38,
    off_42,
)

RULES = (
    off_04.RULE,
    off_12.RULE,
    off_16.RULE,
    off_17.RULE,
    off_28.RULE,
    off_29.RULE,
    off_30.RULE,
    off_31.RULE,
    off_32.RULE,
    off_33.RULE,
    off_34.RULE,
    off_35.RULE,
    off_36.RULE,
    off_37.RULE,
    off_38.RULE,
    off_42.RULE,
)
