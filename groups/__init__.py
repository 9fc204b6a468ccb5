"""Small trusted groups: who is in them, in what role, and in which periods they check in."""
