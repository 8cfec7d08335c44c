"""Mail and SMS: due rows that are handed over after the commit, many at a time, and no transaction open meanwhile.

A room enqueues ``Delivery`` rows in its transaction (``queue.enqueue``) and declares a ``Kind``: how words and address
are resolved at hand-over, and what follows when a row is settled. ``sending`` claims due rows, resolves them, hands
them over by the adapters (``sms``, ``mail``, or ``captured_mail`` in their place) and records the outcomes.

What is promised: a row is handed over at least once until it is settled, always under the same key. A failure of any
kind is an attempt of that row alone, and the others go on. A worker that dies between hand-over and outcome leaves a
claim that expires; the next worker hands over again under the same key, which a carrier recognises.
"""
