# The server's image. `docker build -t hucares .`
#
# Alone it runs on the embedded default, with its data in the volume /data:
#   docker run --env-file .env -p 127.0.0.1:8000:8000 -v hucares:/data hucares python manage.py migrate
#   docker run --env-file .env -p 127.0.0.1:8000:8000 -v hucares:/data hucares
# docker-compose.yml adds PostgreSQL and Redis.

# --- Build: a virtual environment from wheels, and the static files ---

FROM python:3.13-slim-trixie AS build

# The environment has no pip of its own, so there is none to leave behind.
RUN python -m venv --without-pip /venv
# requirements-extra.txt adds what MEDIA_STORAGE and SENTRY_DSN need.
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-extra.txt /tmp/
# Words in other languages, and the tests of Twisted, nobody needs: they are 40 MB.
RUN pip --python /venv/bin/python install --no-cache-dir --only-binary :all: --requirement "/tmp/$REQUIREMENTS" \
    && find /venv -path '*/LC_MESSAGES/*' -type f ! -path '*/locale/en/*' -delete \
    && find /venv -path '*/twisted/*' -type d -name test -prune -exec rm -r {} +

WORKDIR /app
COPY . .
# DEBUG only here, for this one command, so that it needs no secret; no layer holds one.
RUN DEBUG=1 DATABASE_URL=sqlite:////tmp/unused.sqlite3 \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && /venv/bin/python -m compileall -q .

# --- Run ---

FROM python:3.13-slim-trixie AS run

ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="HuCares" \
      org.opencontainers.image.description="A private weekly check-in among close friends." \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATABASE_URL=sqlite:////data/hucares.sqlite3 \
    MEDIA_ROOT=/data/media \
    BACKUP_FOLDER=/backups \
    EMAIL_URL=filemail:///data/mail

# The code belongs to root and is only read; all that is written goes to /data and /backups, so the rest may be read-only.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin hucares \
    && install --directory --owner hucares --group hucares --mode 0750 /data /backups \
    && install --directory --owner hucares --group hucares --mode 0755 /secrets
COPY --from=build /venv /venv
COPY --from=build /app /app

WORKDIR /app
USER hucares
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/ready', timeout=4)"]

CMD ["python", "-m", "hucares.serve"]

# --- For operators: the same with PostgreSQL's client programs, and what encrypts backups ---
#
#   docker build --target ops -t hucares-ops .

FROM run AS ops

USER root
# Of the server's version in docker-compose.yml; with perl they are a third of the image, so servers do without.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 gnupg age \
    && rm -rf /var/lib/apt/lists/*
USER hucares
HEALTHCHECK NONE
CMD ["python", "manage.py", "backup"]

# --- What `docker build .` makes ---

FROM run
