"""Trends and figures, read from check-ins; owns no rows."""
