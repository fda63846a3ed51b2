"""Paper for people: hand-outs, checklists, and the calendar of visits to the network.

What lives here: the values of a page and of a calendar, and how they become HTML that prints on one sheet
(:mod:`.page`) and iCalendar text (:mod:`.calendar`); on which days headsets come back (:mod:`.visits`). What does
not: what a page says about a fleet (:mod:`holofleet.desired.files`). Start reading at :mod:`.sheet`.
"""
