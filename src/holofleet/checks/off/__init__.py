"""'Common scenarios: near offline or isolated environments'. One file per statement, named by its id."""

from holofleet.checks.off import off_12, off_16, off_17, off_42

RULES = (off_12.RULE, off_16.RULE, off_17.RULE, off_42.RULE)
