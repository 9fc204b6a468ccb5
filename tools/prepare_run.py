"""Gets HuCares ready to be tried out on one machine, for the Makefile.

    prepare_run.py serve         sets up the database and the demo, then becomes the server
    prepare_run.py manage …      becomes `manage.py …` with the same environment

Secrets are made once and kept in var/run.env. What is set in the environment already wins.
"""

from __future__ import annotations

import errno
import os
import secrets
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
RUN_ENV = ROOT / "var" / "run.env"
# The demo has a database of its own: its passwords are known, and `make serve` without DATABASE_URL uses another.
DEMO_DATABASE = f"sqlite:///{quote(str(ROOT / 'var' / 'demo.sqlite3'))}"
SECRETS = ("SECRET_KEY", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "PIN_PEPPER")


def main(arguments: list[str]) -> None:
    """Do what the first argument says."""
    os.chdir(ROOT)
    match arguments:
        case ["serve"]:
            set_environment()
            prepare()
            become("-m", "hucares.serve")
        case ["manage", *rest]:
            set_environment()
            become("manage.py", *rest)
        case _:
            sys.exit(__doc__)


def become(*arguments: str) -> None:
    """Replace this process, so that signals reach the right one."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *arguments])


def set_environment() -> None:
    """DEBUG and the secrets of this machine, where the caller has not said otherwise."""
    defaults = {"DEBUG": "1", "DATABASE_URL": DEMO_DATABASE, "DJANGO_SETTINGS_MODULE": "hucares.settings"}
    for name, value in (defaults | run_secrets()).items():
        if not os.environ.get(name, "").strip():
            os.environ[name] = value


def run_secrets() -> dict[str, str]:
    """The secrets in var/run.env; missing ones are made and written down."""
    lines = RUN_ENV.read_text().splitlines() if RUN_ENV.exists() else []
    kept = dict(line.split("=", 1) for line in lines if "=" in line)
    missing = {name: new_secret() for name in SECRETS if not kept.get(name)}
    if missing:
        RUN_ENV.parent.mkdir(exist_ok=True)
        write_private(RUN_ENV, "".join(f"{name}={value}\n" for name, value in (kept | missing).items()))
    return kept | missing


def new_secret() -> str:
    """384 random bits."""
    return secrets.token_urlsafe(48)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def prepare() -> None:
    """Collect static files, migrate, seed the demo into an empty database, and say where everything is."""
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import call_command
    from django.db import OperationalError, connections

    try:
        django.setup()
        check_port()
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("migrate", interactive=False, verbosity=0)
        seed_once()
    except ImproperlyConfigured as error:
        sys.exit(f"hucares: {error}")
    except OperationalError as error:
        sys.exit(f"hucares: the database of DATABASE_URL cannot be used: {str(error).splitlines()[0]}.")
    welcome()
    connections.close_all()


def check_port() -> None:
    """Find out before all the work whether the server will be able to listen."""
    from django.conf import settings

    from hucares.serve import listen

    try:
        listen(settings.HOST, settings.PORT).close()
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0].lower()
        advice = f"; stop what is there, or take another: make run PORT={settings.PORT % 65535 + 1}"
        in_use = error.errno == errno.EADDRINUSE
        sys.exit(
            f"hucares: cannot listen on {settings.HOST} port {settings.PORT} ({reason}){advice if in_use else '.'}"
        )


def seed_once() -> None:
    """The demo, if nobody has an account yet; never without DEBUG, since its password is known."""
    from django.conf import settings
    from django.core.management import call_command

    from accounts.models import User

    if settings.DEBUG and not User.objects.exists():
        call_command("seed_demo")


def welcome() -> None:
    """Where everything is."""
    from django.conf import settings

    from accounts.models import User
    from checkins.demo import ADMIN_EMAIL, DEMO_EMAIL, PASSWORD

    url = settings.PUBLIC_URL
    port = "" if settings.PORT == 8000 else f" PORT={settings.PORT}"
    print(f"\n  HuCares    {url}")
    print(f"  API docs   {url}/api/v1/docs")
    print(f"  Admin      {url}/admin/")
    if User.objects.by_email(DEMO_EMAIL).exists():
        print(f"  Sign in    {DEMO_EMAIL}, or {ADMIN_EMAIL} for the admin; both with {PASSWORD}")
    print(f"  Watch it   make demo{port}   (in a second terminal)")
    print("  Stop it    Ctrl-C\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
