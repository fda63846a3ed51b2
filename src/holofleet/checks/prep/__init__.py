"""'Prepare - Cloud connected guide': it binds every deployment. One file per statement, named by its id."""

from holofleet.checks.prep import prep_04, prep_07, prep_16, prep_19

RULES = (prep_04.RULE, prep_07.RULE, prep_16.RULE, prep_19.RULE)
