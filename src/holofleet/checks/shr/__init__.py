"""'Deploying Remote Assist using a shared identity across multiple users'. One file per statement, by its id."""

from holofleet.checks.shr import shr_02, shr_19, shr_24, shr_44

RULES = (shr_02.RULE, shr_19.RULE, shr_24.RULE, shr_44.RULE)
