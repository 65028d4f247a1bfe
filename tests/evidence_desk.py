"""What the tests of evidence share: how a file gets in, and what stands about it afterwards."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from casework import custody, evidencefiles, intake, keys
from casework.evidence import keeping
from casework.evidence.receiving import receive
from casework.models import Case
from tests.stories import person, story


def a_case(cast):
    """Of somebody who agreed that a lawyer is told."""
    someone = person("Heron", "STORE", "STATS", "REFER_LEGAL")
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-1", someone))


def add(client, case_id, *contents, name="letter.jpg", description="", **more):
    """Through the page."""
    address = reverse("evidence-add", args=[case_id])
    sent = [SimpleUploadedFile(name, content) for content in contents]
    return client.post(address, {"description": description, "sent": sent, "whole": "yes", **more})


def kept(cast, case_id, content, name="letter.jpg", description="", who="alice"):
    """As the page would, without the page."""
    received = receive(case_id, name, content)
    keeping.keep(cast.keyring_of(who), case_id, [received], description)
    evidencefiles.keep(received.id)
    return received.id


def key_of(cast, case_id):
    return keys.open_key(cast.keyring_of("alice"), Case.objects.get(pk=case_id))


def pieces(cast, case_id):
    return custody.pieces(key_of(cast, case_id))


def acts(cast, case_id, evidence_id):
    return [(entry.name, entry.act) for entry in custody.log(key_of(cast, case_id), evidence_id)]


def page_of(client, case_id, evidence_id, query=""):
    return client.get(reverse("evidence", args=[case_id, evidence_id]) + query)


def body(response):
    return b"".join(response.streaming_content)


def is_empty(store):
    return not store.exists() or not list(store.iterdir())
