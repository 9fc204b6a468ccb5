"""Backups: everything that a HuCares keeps, as it was at one moment, in a folder that can be checked and restored.

A backup is a folder with a dump of the database, the uploaded files, and a manifest that says what is in the two.
"""
