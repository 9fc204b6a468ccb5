"""Django settings. Every value of the environment is read here, once; `.env.example` lists them all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import environ
from csp.constants import NONE, SELF

from hucares.env import Environment, SettingError, copies_of_backups, email_settings, host_of, media_storage
from hucares.logs import FORMATS, logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # everything that a running server writes on the embedded default

env = Environment()

# --- Secrets and addresses ------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG")
SECRET_KEY, SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY", debug=DEBUG)
JWT_ACCESS_SECRET, JWT_ACCESS_SECRET_FALLBACKS = env.secrets("JWT_ACCESS_SECRET", debug=DEBUG)
JWT_REFRESH_SECRET, JWT_REFRESH_SECRET_FALLBACKS = env.secrets("JWT_REFRESH_SECRET", debug=DEBUG)
PIN_PEPPER = env.secret("PIN_PEPPER", debug=DEBUG)
METRICS_TOKEN = env.token("METRICS_TOKEN")
SENTRY_DSN = env.sentry_dsn("SENTRY_DSN")
INSIGHTS_MODEL_URL = env.url("INSIGHTS_MODEL_URL", schemes={"http", "https"})
INSIGHTS_MODEL = env.text("INSIGHTS_MODEL")
INSIGHTS_API_KEY = env.text("INSIGHTS_API_KEY")
if INSIGHTS_MODEL_URL and not INSIGHTS_MODEL:
    raise SettingError("INSIGHTS_MODEL is not set, but INSIGHTS_MODEL_URL is: it must name one of the models there.")
VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY = env.key_pair("VAPID_PUBLIC_KEY", "VAPID_PRIVATE_KEY")
if {JWT_ACCESS_SECRET, *JWT_ACCESS_SECRET_FALLBACKS} & {JWT_REFRESH_SECRET, *JWT_REFRESH_SECRET_FALLBACKS}:
    raise SettingError("JWT_REFRESH_SECRET must differ from JWT_ACCESS_SECRET.")

HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, least=1, most=65535)
PUBLIC_URL = env.origin("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", [host_of(PUBLIC_URL), "localhost", "127.0.0.1", "[::1]"])
CORS_ALLOWED_ORIGINS = env.origins("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
CORS_EXPOSE_HEADERS = ["X-Request-ID", "Retry-After"]
CORS_PREFLIGHT_MAX_AGE = 600
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, least=0, most=10)

# --- Database, Redis, processes -------------------------------------------------------------------------

DATABASE_URL = env.url("DATABASE_URL", schemes={"postgres", "postgresql", "sqlite"})
REDIS_URL = env.url("REDIS_URL", schemes={"redis", "rediss"})
WEB_CONCURRENCY = env.integer("WEB_CONCURRENCY", 1, least=1, most=64)
DRAIN_SECONDS = env.number("DRAIN_SECONDS", 1.0, least=0.0, most=60.0)


def default_database() -> dict[str, Any]:
    """A SQLite file below `var/`."""
    try:
        VAR_DIR.mkdir(exist_ok=True)
    except OSError as error:
        raise SettingError(f"DATABASE_URL is not set, and {VAR_DIR} cannot be made: {error.strerror}.") from None
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(VAR_DIR / "hucares.sqlite3")}


def database(url: str) -> dict[str, Any]:
    """Django's `DATABASES` entry for a URL; a SQLite file below `var/` when there is none."""
    try:
        config: dict[str, Any] = environ.Env.db_url_config(url) if url else default_database()
    except ValueError as error:
        raise SettingError(f"DATABASE_URL cannot be read: {error}.") from None
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        if config["NAME"] == ":memory:":
            raise SettingError("DATABASE_URL must name a SQLite file: one in memory is not shared by threads.")
        # Writers queue instead of failing: an immediate transaction takes the write lock before it reads.
        options.update(
            transaction_mode="IMMEDIATE",
            timeout=20,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        )
        config["TEST"] = {"NAME": str(Path(config["NAME"]).with_name("test.sqlite3"))}
    else:
        options.setdefault("connect_timeout", 5)
        # A thread of the bounded request pool keeps its connection.
        config.setdefault("CONN_MAX_AGE", 600)
        config.setdefault("CONN_HEALTH_CHECKS", True)
    return config


DATABASES = {"default": database(DATABASE_URL)}
DATABASE_REPLICA_URL = env.url("DATABASE_REPLICA_URL", schemes={"postgres", "postgresql"})
if DATABASE_REPLICA_URL:
    DATABASES["replica"] = database(DATABASE_REPLICA_URL) | {"TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["hucares.replica.ReplicaRouter"]
EMBEDDED_DATABASE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if WEB_CONCURRENCY > 1 and (EMBEDDED_DATABASE or not REDIS_URL):
    raise SettingError(
        "WEB_CONCURRENCY above 1 needs DATABASE_URL to name a PostgreSQL database and REDIS_URL to be set: "
        "on the embedded default there is one process."
    )

# On the embedded default the one process does the worker's job too, so that what it has to tell reaches the sockets.
WORKER_IN_SERVER = EMBEDDED_DATABASE and not REDIS_URL

CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "realtime.layer.RedisLayer", "CONFIG": {"url": REDIS_URL}}
    if REDIS_URL
    else {"BACKEND": "realtime.layer.InProcessLayer"}
}
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "hucares",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Django ---------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "daphne",  # first: it takes over `runserver`
    "accounts.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "accounts",
    "groups",
    "checkins",
    "analytics",
    "notifications",
    "realtime",
]
MIDDLEWARE = [
    "hucares.middleware.RequestIdMiddleware",
    "hucares.observing.ExchangeMiddleware",
    "hucares.middleware.ApiErrorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "hucares.health.ReadinessMiddleware",
    "hucares.metrics.MetricsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "hucares.urls"
ASGI_APPLICATION = "hucares.asgi.application"
WSGI_APPLICATION = "hucares.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "hucares" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "hucares.formats"

# --- Files ----------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "hucares" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.folder("MEDIA_ROOT", VAR_DIR / "media")
STORAGES = {
    "default": media_storage("MEDIA_STORAGE", env.text("MEDIA_STORAGE")),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
BACKUP_FOLDER = env.folder("BACKUP_FOLDER", VAR_DIR / "backups")
BACKUP_COPY_TO = copies_of_backups("BACKUP_COPY_TO", env.text("BACKUP_COPY_TO"))
# Bodies are bounded before Django sees them; this is the larger of the two bounds.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

# --- Accounts -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.GuardedBackend"]  # the admin's; the API has tokens
LOGIN_URL = "/admin/login/"
ADMIN_REQUIRE_2FA = env.flag("ADMIN_REQUIRE_2FA")
OTP_TOTP_ISSUER = "HuCares"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True  # its own pages are not shown at all
SILENCED_SYSTEM_CHECKS = [
    # The username field is unique without regard to case, by a constraint on Lower(email), which they cannot see.
    "auth.E003",
    "auth.W004",
    "security.W008",  # the proxy that ends TLS leads http to https
    "security.W009",  # hucares.E007 asks of all secrets what that asks of one
    "security.W018",  # hucares.E001 says it
    "security.W021",  # to be on browsers' lists for good is for whoever owns the domain to decide
]
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2idHasher",
    "accounts.hashers.FormerHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.password_rules.LengthAndClasses"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "email")},
    },
]
ACCESS_TOKEN_LIFETIME = timedelta(minutes=15)
REFRESH_TOKEN_LIFETIME = timedelta(days=7)
SESSION_LIFETIME = timedelta(days=90)
ROTATION_GRACE = timedelta(seconds=10)  # how long the refresh token before the current one still gets its successor
VERIFICATION_LIFETIME = timedelta(hours=48)  # of a mailed link, from when it is sent
PASSWORD_RESET_LIFETIME = timedelta(minutes=30)
ENDED_SESSION_RETENTION = timedelta(days=180)  # how long the place of a former sign-in is a known one
MAIL_RETENTION = timedelta(days=7)  # how long a mail that was sent stays in the outbox
ACTIVITY_STEP = timedelta(minutes=5)  # `lastActiveAt` moves at most this often

# --- Realtime (seconds) ---------------------------------------------------------------------------------

SOCKET_AUTHENTICATION_SECONDS = 5.0
SOCKET_HEARTBEAT_SECONDS = 25.0
SOCKET_HEARTBEAT_PAUSE = 0.2  # between two rounds of answers to all heartbeats that wait in a process
SOCKET_SILENCE_SECONDS = 60.0  # of a client; and of a process about its sockets, after which they count as gone
SOCKET_CHECK_SECONDS = 25.0  # how often a process vouches for its sockets and looks whether their sessions live on
SOCKET_LIFETIME_SECONDS = 12 * 3600.0
SOCKET_OFFLINE_GRACE_SECONDS = 10.0  # whoever comes back within it was never offline
SOCKET_SWEEP_SECONDS = 2.0  # how often a process with sockets looks who has gone offline
SOCKET_TYPING_SECONDS = 2.0  # the least time between two frames that tell that somebody types
SOCKET_FRAMES_PER_SECOND = 20.0
SOCKET_FRAME_BURST = 40
SOCKET_MOST_REFUSED = 100  # frames beyond those limits, within 10 s, before the socket closes
SOCKETS_PER_PERSON = 10
SOCKETS_PER_STRANGER = 20  # of one address that have not authenticated yet
SOCKET_REPLAY_LIMIT = 1000  # a client further behind than this reads the state over REST instead
EVENT_RETENTION = timedelta(days=30)  # how long a group's log keeps its events
NOTIFICATION_RETENTION = timedelta(days=30)

# --- HTTP -----------------------------------------------------------------------------------------------

HTTP_THREADS = 4
HTTP_QUEUE = 64
HTTP_BODY_SECONDS = 15.0
HTTP_BODY_BYTES = 2 * 1024 * 1024
HTTP_UPLOAD_BYTES = 6 * 1024 * 1024

THROTTLE_SCALE = env.number("THROTTLE_SCALE", 1.0, least=0.0, most=1_000_000.0)

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["hucares.api.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["hucares.api.JsonParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["hucares.throttling.CallerThrottle"],
    "DEFAULT_PAGINATION_CLASS": "hucares.pagination.PagePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "hucares.schema.EnvelopeSchema",
    "EXCEPTION_HANDLER": "hucares.exception_handler.exception_handler",
    "NON_FIELD_ERRORS_KEY": "nonFieldErrors",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_METADATA_CLASS": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.MultiPartRenderer",
    ],
}
SIMPLE_JWT = {"AUTH_HEADER_TYPES": ("Bearer", "bearer", "BEARER")}
SPECTACULAR_SETTINGS = {
    "TITLE": "HuCares",
    "DESCRIPTION": (
        "A private weekly check-in among close friends.\n\n"
        "Sign in with `POST /api/v1/auth/login` and send the access token as `Authorization: Bearer …`. "
        "Every answer is an envelope: `data` holds what was asked for, or `error` says what was wrong. "
        "Live events come over a WebSocket at `/ws`."
    ),
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "GroupRole": "groups.models.Role",
        "MemberStatus": "groups.models.Status",
        "SettableMemberStatus": "groups.models.SETTABLE_STATUSES",
        "InsightKind": "analytics.insights.findings.KINDS",
        "InsightSource": "analytics.serializers.SOURCES",
        "Measure": "analytics.serializers.MEASURE_NAMES",
        "TrendDirection": "analytics.trends.DIRECTIONS",
        "UserRole": "accounts.models.ROLES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "hucares.schema.add_error_responses",
    ],
}

# --- Security headers -----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
HTTPS = PUBLIC_URL.startswith("https://")
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Mail and logs --------------------------------------------------------------------------------------

# Without a mail server, mails become files that only the operator reads: links in them sign people in.
globals().update(email_settings("EMAIL_URL", env.text("EMAIL_URL", f"filemail://{quote(str(VAR_DIR / 'mail'))}")))
DEFAULT_FROM_EMAIL = f"HuCares <hello@{host_of(PUBLIC_URL)}>"

DEFAULT_EXCEPTION_REPORTER_FILTER = "hucares.reporting.SecretsFilter"
LOGGING = logging_settings(
    env.word("LOG_FORMAT", "text" if DEBUG else "json", words=FORMATS),
    env.word("LOG_LEVEL", "info", words=("debug", "info", "warning", "error")).upper(),
)
