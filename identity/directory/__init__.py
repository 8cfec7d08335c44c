"""The directory: the national register's public extract, imported and searched.

``importer`` replaces what the extract said last time, ``declared`` adds the people it does not hold, ``communes`` knows
where towns are, and ``search`` finds. ``text``, ``nomenclature``, ``projection`` and ``extract`` are pure.
"""
