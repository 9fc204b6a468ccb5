"""Pure functions on series of numbers: nothing here knows of check-ins, a clock or a database.

A p-value is two-sided: how often chance alone would show at least as much. Each function names its source; the tests
hold all of them to SciPy, which is too heavy to be imported where the server runs.
"""
