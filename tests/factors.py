"""An authenticator app and a passkey in a few lines each, with real secrets and real signatures."""

import hashlib
import json
import os
import re
from html import unescape
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts import second_factor, sessions
from accounts.models import User
from accounts.sudo import FRESH_SECONDS
from tests.cast import PASSPHRASE

SECOND_STEP = "/second-step/"


class App:
    """The app on a phone: a secret and a clock that a test sets ahead."""

    def __init__(self, secret: str) -> None:
        self.secret, self.ahead = secret, 0

    def code(self, ahead: int = 0) -> str:
        return format_hotp_value(hotp_value(self.secret, second_factor.current_step() + ahead))


class Clock:
    """Steps of thirty seconds, moved by the test and never by the wall."""

    def __init__(self, monkeypatch: Any) -> None:
        self.step = 60_000_000
        monkeypatch.setattr(second_factor, "current_step", lambda: self.step)

    def tick(self, steps: int = 1) -> None:
        self.step += steps


class Passkey:
    def __init__(self, host: str = "testserver") -> None:
        self.key, self.id, self.host = ec.generate_private_key(ec.SECP256R1()), os.urandom(16), host

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(bytes(16), self.id, public)
        made = AttestationObject.create("none", self._data(0x45, credential), {})
        client = self._client("webauthn.create", options["publicKey"]["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=bytes(made))

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        client, data = self._client("webauthn.get", options["publicKey"]["challenge"]), self._data(0x05)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=bytes(data), signature=signature)

    def _data(self, flags: int, credential: Any = b"") -> AuthenticatorData:
        return AuthenticatorData.create(hashlib.sha256(self.host.encode()).digest(), flags, 1, credential)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": f"https://{self.host}", "crossOrigin": False}
        ).encode()

    def _answer(self, **response: bytes) -> dict[str, Any]:
        encoded = {name: websafe_encode(value) for name, value in response.items()}
        own = websafe_encode(self.id)
        return {
            "id": own,
            "rawId": own,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": encoded,
        }


def passkey_options(response: Any) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', response.content.decode())
    assert found
    options: dict[str, Any] = json.loads(unescape(found[1]))
    return options


def with_app(user: User) -> App:
    """Enrolled beforehand; its first code is used up."""
    app = App(second_factor.new_secret())
    assert second_factor.enrol_app(user, app.secret, app.code(-1))
    return app


def first_step(client: Client, name: str, passphrase: str = PASSPHRASE) -> Any:
    return client.post("/sign-in/", {"login": name, "password": passphrase})


def sign_in_with_app(client: Client, name: str, app: App, ahead: int = 0) -> Client:
    """Through both real pages."""
    assert first_step(client, name)["Location"] == SECOND_STEP
    response = client.post(SECOND_STEP, {"code": app.code(ahead)})
    assert response.status_code == 302, response.content.decode()
    return client


def let_proof_lapse(client: Client, by: int = FRESH_SECONDS + 60) -> None:
    """As if this person had last shown who they are that long ago."""
    session = client.session
    slot = session[sessions.SLOT]
    session[sessions.SLOT] = slot | {"proven": slot["proven"] - by}
    session.save()
