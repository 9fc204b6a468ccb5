"""Django's WSGI application: what the threads of the HTTP gateway run."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hucares.settings")

application = get_wsgi_application()
