"""What travels through the broker, and what does not."""

import base64
import json
import logging
import os
import sys
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from celery import Celery
from django.core.exceptions import ImproperlyConfigured
from kombu.exceptions import OperationalError

from config.broker import FolderChannel, FolderTransport
from config.celery import NoValues, SilentCelery, app, broker, configuration
from config.logs import NoContentFormatter

JOB = "5d2f6f0e-0000-4000-8000-000000000001"


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.TEMOIN_BROKER = "filesystem"
    settings.BROKER_DIR = tmp_path / "broker"
    return settings.BROKER_DIR


@pytest.fixture
def sender(folder: Path) -> Celery:
    return configured()


def configured() -> Celery:
    """The project's configuration as it is now, on an app that no other test has used."""
    fresh = SilentCelery("fresh", set_as_current=False)
    fresh.conf.update(configuration() | {"imports": ()})
    return fresh


def messages(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.msg"))]


def channel(sender: Celery) -> FolderChannel:
    found = sender.connection_for_write().default_channel
    assert isinstance(found, FolderChannel)
    return found


def test_a_message_holds_the_job_s_id_and_no_readable_copy_of_it(sender: Celery, folder: Path):
    sender.send_task("casework.tasks.draft", kwargs={"job": JOB})
    (message,) = messages(folder)
    args, kwargs, _ = json.loads(base64.b64decode(message["body"]))
    assert (args, kwargs) == ([], {"job": JOB})
    del message["body"]
    assert JOB not in json.dumps(message)
    assert message["headers"]["argsrepr"] == message["headers"]["kwargsrepr"] == "-"


def test_a_sender_cannot_bring_the_readable_copy_back(sender: Celery, folder: Path):
    sender.send_task("casework.tasks.draft", kwargs={"job": JOB}, argsrepr=JOB, kwargsrepr=JOB)
    assert messages(folder)[0]["headers"]["kwargsrepr"] == "-"


def test_only_json_is_spoken():
    assert configuration()["accept_content"] == ["json"]


def test_nothing_is_kept_about_what_a_task_returned():
    conf = configuration()
    assert conf["result_backend"] is None
    assert conf["task_ignore_result"]


def test_the_folder_is_for_its_owner_alone(sender: Celery, folder: Path):
    sender.send_task("casework.tasks.draft")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_messages_come_back_in_order_and_leave_nothing_behind(sender: Celery, folder: Path):
    link = channel(sender)
    for number in range(12):
        link._put("temoin", {"number": number})
    assert [link._get("temoin")["number"] for _ in range(12)] == list(range(12))
    assert list(folder.iterdir()) == []
    with pytest.raises(Empty):
        link._get("temoin")


def test_a_message_still_being_written_is_not_taken(sender: Celery, folder: Path):
    link = channel(sender)
    (folder / "00000000000000000001-x.temoin.msg.unfinished").write_bytes(b"")
    with pytest.raises(Empty):
        link._get("temoin")


def test_a_broken_message_is_dropped_and_the_next_one_taken(sender: Celery, folder: Path):
    link = channel(sender)
    (folder / "00000000000000000001-x.temoin.msg").write_bytes(b"")
    link._put("temoin", {"number": 1})
    assert link._get("temoin") == {"number": 1}


def test_two_workers_never_take_one_message(sender: Celery, folder: Path, monkeypatch: pytest.MonkeyPatch):
    """The other worker renames the file between our look into the folder and our rename."""
    link = channel(sender)
    link._put("temoin", {"number": 1})
    rename = Path.rename

    def too_late(path: Path, target: Path) -> Path:
        path.unlink()
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", too_late)
    with pytest.raises(Empty):
        link._get("temoin")


def test_no_message_passes_through_the_system_s_temporary_folder(
    sender: Celery, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
    link = channel(sender)
    link._put("temoin", {"number": 1})
    assert link._get("temoin") == {"number": 1}


def test_no_file_of_bindings_is_written(sender: Celery, folder: Path):
    """Two processes that start at once would write it together."""
    sender.send_task("casework.tasks.draft")
    assert [path.suffix for path in folder.iterdir()] == [".msg"]
    assert not Path("control").exists()


def test_a_folder_that_cannot_be_written_fails_at_once(sender: Celery, folder: Path):
    link = channel(sender)
    folder.rmdir()
    folder.write_text("a file where the folder was")
    with pytest.raises(OperationalError):
        sender.send_task("casework.tasks.draft")
    assert link


def test_a_redis_that_is_down_fails_at_once(settings: Any):
    settings.TEMOIN_BROKER = "redis://127.0.0.1:1/0"
    with pytest.raises(OperationalError):
        configured().send_task("casework.tasks.draft", kwargs={"job": JOB})


@pytest.mark.services
def test_redis_carries_the_same_silent_message(settings: Any, redis_url: str):
    import redis

    settings.TEMOIN_BROKER = redis_url
    configured().send_task("casework.tasks.draft", kwargs={"job": JOB})
    (raw,) = redis.Redis.from_url(redis_url).lrange("temoin", 0, -1)
    message = json.loads(raw)
    assert message["headers"]["kwargsrepr"] == "-"
    assert JOB in base64.b64decode(message["body"]).decode()


@pytest.mark.parametrize("chosen", ["", "memory://", "amqp://guest@localhost//", "filesystem://"])
def test_a_broker_nobody_tested_is_refused(settings: Any, chosen: str):
    settings.TEMOIN_BROKER = chosen
    with pytest.raises(ImproperlyConfigured):
        broker()


def test_beat_asks_for_what_was_left_for_compaction_and_for_the_chores_and_for_nothing_else(folder: Path):
    schedule = configuration()["beat_schedule"]
    assert {entry["task"]: entry["schedule"] for entry in schedule.values()} == {
        "casework.tasks.pick_up": 15,
        "casework.tasks.compact": 300,
        "casework.tasks.chores": 900,
    }
    # An order that nobody took is dropped when the next one comes.
    assert all(entry["options"] == {"expires": entry["schedule"]} for entry in schedule.values())
    assert not any("args" in entry or "kwargs" in entry for entry in schedule.values())


def test_nobody_can_command_or_watch_a_worker_through_the_broker():
    conf = configuration()
    assert not any(
        conf[name]
        for name in ("worker_enable_remote_control", "worker_send_task_events", "task_send_sent_event")
    )


def test_the_app_of_the_project_uses_this_configuration():
    assert isinstance(app, SilentCelery)
    assert (
        app.conf.broker_transport is FolderTransport
        or app.conf.broker_transport == "config.broker:FolderTransport"
    )


def test_celery_s_lines_about_a_failed_task_quote_no_value():
    try:
        raise ValueError("Mme Tremblay, 514 555-0100")
    except ValueError:
        told = sys.exc_info()
    values = {
        "name": "draft",
        "id": "1",
        "exc": "ValueError('Mme Tremblay')",
        "traceback": "Tremblay",
        "args": "Tremblay",
    }
    line = "Task %(name)s[%(id)s] raised unexpected: %(exc)s %(traceback)s %(args)s"
    record = logging.LogRecord("celery.app.trace", logging.ERROR, __file__, 1, line, (values,), told)
    NoValues().filter(record)
    text = NoContentFormatter("{message}", style="{").format(record)
    assert "Tremblay" not in text
    assert text.startswith("Task draft[1] raised unexpected: ValueError")


def test_importing_config_reads_no_setting():
    """`import config` must work before there is an environment; only the first use of the app reads one."""
    import subprocess

    code = "import config; from django.conf import settings; assert not settings.configured"
    given = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run([sys.executable, "-c", code], env=given, check=True)
