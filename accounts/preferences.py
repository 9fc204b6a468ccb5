"""What a person may choose. Stored sparse (only what was chosen), answered whole."""

from __future__ import annotations

from typing import Any

NOTIFICATION_DEFAULTS: dict[str, Any] = {
    "friendCheckIn": {"inApp": True, "email": False, "push": True},
    "groupInvitation": {"inApp": True, "email": True, "push": True},
    "weeklyReminder": {"inApp": True, "email": True, "push": True},
    "quietHours": None,
}
PRIVACY_DEFAULTS: dict[str, Any] = {"profile": "friends", "scores": "group", "modelInsights": False}


def whole_notification_preferences(stored: dict[str, Any]) -> dict[str, Any]:
    """Every preference: what was chosen, and the default for the rest."""
    return {
        name: {**default, **stored.get(name, {})} if isinstance(default, dict) else stored.get(name, default)
        for name, default in NOTIFICATION_DEFAULTS.items()
    }


def wants(stored: dict[str, Any], kind: str, channel: str) -> bool:
    """Whether somebody with these stored preferences wants `kind` (`friendCheckIn`, …) by `channel` (`inApp`, …)."""
    return bool(stored.get(kind, {}).get(channel, NOTIFICATION_DEFAULTS[kind][channel]))


def merged(stored: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    """What is stored after somebody chose something: objects are merged, everything else is replaced."""
    result = dict(stored)
    for name, value in chosen.items():
        earlier = result.get(name)
        result[name] = {**earlier, **value} if isinstance(earlier, dict) and isinstance(value, dict) else value
    return result


def whole_privacy_settings(stored: dict[str, Any]) -> dict[str, Any]:
    """Every privacy setting: what was chosen, and the default for the rest."""
    return {**PRIVACY_DEFAULTS, **stored}
