"""How the web process is served. Read by `gunicorn --config python:config.gunicorn`."""

import os

bind = os.environ.get("TEMOIN_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("TEMOIN_WEB_PROCESSES", "2"))
threads = int(os.environ.get("TEMOIN_WEB_THREADS", "4"))
# A process that is replaced finishes what it has begun: two gigabytes on a slow line take an hour. Whoever stops the whole
# server waits less: `manage.py serve` and Docker end what is left after ten seconds.
graceful_timeout = 3600
# Leaves no long-lived copy of what a request opened: a process is replaced after about a thousand requests.
max_requests = 1000
max_requests_jitter = 200

# Who asked for which page, from which address, is exactly what a seized server must not know: no access log, and only errors
# in the other one, whose warnings name addresses. Errors go through the formatter that prints no values.
accesslog = None
loglevel = "error"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "config.logs.NoContentFormatter", "format": "%(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"errors": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["errors"], "level": "ERROR"},
    "loggers": {
        "gunicorn.error": {"handlers": ["errors"], "level": "ERROR", "propagate": False},
        "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
# A socket in the user's home through which a running server can be commanded: nobody here needs it.
control_socket_disable = True
