"""Celery: a message names a job and nothing else. Whoever reads the broker, its memory dump or its disk learns that something was
to be done, not about whom.
"""

import logging
import os
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config.broker import make_folder

QUEUE = "temoin"
PICK_UP_SECONDS = 15
COMPACT_SECONDS = 300
# The worker knows from its own row whether today's are done.
CHORES_SECONDS = 900


class SilentCelery(Celery):
    def send_task(self, *args: Any, **options: Any) -> Any:
        # Celery puts a readable second copy of the arguments into the message's headers, and logs that copy.
        return super().send_task(*args, **(options | {"argsrepr": "-", "kwargsrepr": "-"}))


class NoValues(logging.Filter):
    """Celery's own lines about a failed or finished task quote the exception's text and the return value. They may hold
    data, so only the exception's type remains; the formatter of `config.logs` adds the places in the code.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, dict):
            kind = type(record.exc_info[1]).__name__ if record.exc_info and record.exc_info[1] else "-"
            record.args = record.args | {
                "exc": kind,
                "traceback": "-",
                "return_value": "-",
                "args": "-",
                "kwargs": "-",
            }
        return True


def broker() -> dict[str, Any]:
    chosen = settings.TEMOIN_BROKER
    if chosen == "filesystem":
        folder = str(make_folder(settings.BROKER_DIR))
        options = {
            "data_folder_in": folder,
            "data_folder_out": folder,
            "polling_interval": 0.5,
            "max_retries": 0,
        }
        return {
            "broker_url": "filesystem://localhost",
            "broker_transport": "config.broker:FolderTransport",
            "broker_transport_options": options,
        }
    if chosen.startswith(("redis://", "rediss://", "redis+socket://")):
        # A page that wants to start a job must not hang on a dead broker: fail at once, `pick_up` finds the job later.
        # `socket_timeout` stays above the blocking pop, which waits one second at a time.
        options = {
            "socket_connect_timeout": 2,
            "socket_timeout": 10,
            "max_retries": 0,
            "visibility_timeout": 3600,
        }
        return {"broker_url": chosen, "broker_transport_options": options}
    raise ImproperlyConfigured("TEMOIN_BROKER is neither “filesystem” nor the address of a Redis server.")


def beat_schedule() -> dict[str, dict[str, Any]]:
    """An order that nobody took before the next one is dropped: a night without a worker leaves no queue to work off."""
    periods = {"pick_up": PICK_UP_SECONDS, "compact": COMPACT_SECONDS, "chores": CHORES_SECONDS}
    return {
        name: {"task": f"casework.tasks.{name}", "schedule": seconds, "options": {"expires": seconds}}
        for name, seconds in periods.items()
    }


def configuration() -> dict[str, Any]:
    return broker() | {
        "imports": ("casework.tasks",),
        # Celery sends through the nameless exchange, which delivers to the queue of that name without a binding. So nothing
        # needs declaring, and there is no file of bindings that two starting processes could write at once.
        "task_queues": [Queue(QUEUE, routing_key=QUEUE, no_declare=True)],
        "task_default_queue": QUEUE,
        "task_serializer": "json",
        "accept_content": ["json"],
        "result_backend": None,
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "task_publish_retry": False,
        "broker_connection_timeout": 2,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A job is done when its row says so: the message is given back when the worker dies under it.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_prefetch_multiplier": 1,
        # Asked to stop, a worker finishes what takes a moment and gives the rest back (see REMAP_SIGTERM in config.running).
        "worker_soft_shutdown_timeout": 5,
        # Nothing that tells others what this worker does, and nothing that lets others command it.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "task_send_sent_event": False,
        # One log format for all processes, the one without values.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "timezone": settings.TIME_ZONE,
        "beat_schedule": beat_schedule(),
        # All periods are short: nothing is worth a file that a killed beat can leave broken.
        "beat_scheduler": "celery.beat:Scheduler",
    }


@signals.setup_logging.connect
def keep_django_logging(**kwargs: Any) -> None:
    """A connected receiver is what keeps Celery from setting up logging of its own. A log says what failed, not when which
    work was done."""
    for name in ("celery.app.trace", "celery.worker.request", "celery.worker.strategy", "celery.beat"):
        logging.getLogger(name).addFilter(NoValues())
        logging.getLogger(name).setLevel(logging.WARNING)


@signals.task_postrun.connect
def note_work(sender: Any, **kwargs: Any) -> None:
    """`pick_up` is the one in which the worker shows itself to the front door as well."""
    if sender.name == "casework.tasks.pick_up":
        note_alive("worker")


@signals.after_task_publish.connect
def note_order(**kwargs: Any) -> None:
    note_alive("beat")


def note_alive(process: str) -> None:
    """The time of the last order sent by beat, or carried out by the worker, for whoever watches over the processes."""
    if os.environ.get("TEMOIN_PROCESS") == process:
        (settings.DATA_DIR / f"{process}.alive").touch()


@signals.worker_ready.connect
def look_at_once(**kwargs: Any) -> None:
    """What lay there while no worker ran does not wait for beat's first round."""
    app.send_task("casework.tasks.pick_up", expires=PICK_UP_SECONDS)


app = SilentCelery("temoin")
# Called when the first setting is read, so that importing `config` reads no environment.
app.add_defaults(configuration)
