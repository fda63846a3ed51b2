"""Measurements: what the server costs, beside the bare limit of the same stack, in one run.

What lives here: a server process and a load client pinned to a core each, rounds, figures, one table. What does
not: judgement. Nothing here fails because a number is high; budgets and their meaning stand in
``docs/performance.md``. Start reading at ``__main__.py``.

    python -m bench            everything, under four minutes
    python -m bench --quick    fewer rounds and headsets, under forty seconds
"""
