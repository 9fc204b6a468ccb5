"""Where a push may be sent to."""

from __future__ import annotations

import pytest

from notifications.push_endpoints import NO_ADDRESS, NO_HTTPS, NO_NAME, NOT_PUBLIC, fault_of

LONG_LABEL = "a" * 63


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/dpH5lCsTSSM:APA91bHqjZxM0VImWWqDRN7U0a3AycjUf4O-byuxb_wJsKRaKvV_iKw56s16",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk=",
        "https://web.push.apple.com/QGuQyavXutnMH-ajM",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAADa%2bm%2f",
        "https://push.example:443/a",
        "https://push.example",
        "https://push.example?a@b",
        "HTTPS://Push.Example/a",
        "https://xn--bcher-kva.example/a",
        "https://1.2.3.4.example/a",
        f"https://{LONG_LABEL}.example/a",
        "https://localhost.example/a",
    ],
)
def test_a_push_service_will_do(endpoint: str) -> None:
    assert fault_of(endpoint) is None


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ("", NO_HTTPS),
        ("http://push.example/a", NO_HTTPS),
        ("ftp://push.example/a", NO_HTTPS),
        ("//push.example/a", NO_HTTPS),
        ("file:///etc/passwd", NO_HTTPS),
        ("https:/push.example/a", NO_HTTPS),
        ("https://", NO_ADDRESS),
        ("https:///a", NO_ADDRESS),
        ("https://user@push.example/a", NO_ADDRESS),
        ("https://user:word@push.example/a", NO_ADDRESS),
        ("https://push.example@127.0.0.1/a", NO_ADDRESS),
        ("https://push.example\\@127.0.0.1/a", NO_ADDRESS),
        ("https://push.example:22/a", NO_ADDRESS),
        ("https://push.example:80443/a", NO_ADDRESS),
        ("https://push.example:/a", NO_ADDRESS),
        ("https://push.example/a#b", NO_ADDRESS),
        ("https://push.example#@127.0.0.1/", NO_ADDRESS),
        ("https://push.example/a b", NO_ADDRESS),
        ("https://push.example/a\n", NO_ADDRESS),
        ("https://push.example/\r\nHost: a", NO_ADDRESS),
        ("https://push.example/\0", NO_ADDRESS),
        ("https://push\t.example/a", NO_ADDRESS),
        ("https://push.example/ä", NO_ADDRESS),
        ("https://bücher.example/a", NO_ADDRESS),
        ("https://push。example/a", NO_ADDRESS),  # a full stop to some
        ("https://push.e\u212aample/a", NO_ADDRESS),  # a sign that becomes a k in lower case
        ("https://pu_sh.example/a", NO_ADDRESS),
        ("https://%6cocalhost/a", NO_ADDRESS),
        ("https://[::1]/a", NO_ADDRESS),
        ("https://[::ffff:127.0.0.1]/a", NO_ADDRESS),
        ("https://[fd00::1]:443/a", NO_ADDRESS),
        ("https://127.0.0.1/a", NO_NAME),
        ("https://10.0.0.1/a", NO_NAME),
        ("https://169.254.169.254/latest/meta-data", NO_NAME),
        ("https://93.184.216.34/a", NO_NAME),
        ("https://127.1/a", NO_NAME),
        ("https://2130706433/a", NO_NAME),
        ("https://0x7f000001/a", NO_NAME),
        ("https://127.0.0.0x1/a", NO_NAME),
        ("https://0177.0.0.01/a", NO_NAME),
        ("https://push.example./a", NO_NAME),
        ("https://localhost./a", NO_NAME),
        ("https://.push.example/a", NO_NAME),
        ("https://push..example/a", NO_NAME),
        ("https://-push.example/a", NO_NAME),
        ("https://push-.example/a", NO_NAME),
        (f"https://a{LONG_LABEL}.example/a", NO_NAME),
        (f"https://{'.'.join([LONG_LABEL] * 4)}.example/a", NO_NAME),
        ("https://localhost/a", NOT_PUBLIC),
        ("https://LOCALHOST:443/a", NOT_PUBLIC),
        ("https://redis/a", NOT_PUBLIC),
        ("https://push.localhost/a", NOT_PUBLIC),
        ("https://printer.local/a", NOT_PUBLIC),
        ("https://metadata.google.internal/a", NOT_PUBLIC),
        ("https://router.home.arpa/a", NOT_PUBLIC),
        ("https://1.0.0.127.in-addr.arpa/a", NOT_PUBLIC),
    ],
)
def test_anything_else_is_refused_with_its_reason(endpoint: str, fault: str) -> None:
    assert fault_of(endpoint) == fault
