"""The second person in the database.

``counting.py``: who answers for what destroys, inside the transaction of the orders. ``requests.py``: what waits
for a second person. Start reading at ``requests.py``.
"""
