"""Notifications: what somebody should hear of, in the app and outside it."""
