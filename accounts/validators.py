"""What a passphrase may be. No rule asks for a digit or a sign: length and surprise are what guessing costs."""

from typing import Any

from django.contrib.auth import password_validation as rules
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from accounts import passphrases


class LongEnough(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return (
            ngettext(
                "This passphrase is too short: it needs at least %d character.",
                "This passphrase is too short: it needs at least %d characters.",
                self.min_length,
            )
            % self.min_length
        )


class UnlikeTheName(rules.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _("This passphrase is too close to the user name.")


class Uncommon(rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("This passphrase is one of the first that anybody would try.")


class HardToGuess:
    """An estimate of the guesses needed, against somebody who has the database, the pepper and years."""

    @sensitive_variables()
    def validate(self, password: str, user: Any = None) -> None:
        name = user.get_username() if user is not None else ""
        if passphrases.strength(password, name) < passphrases.LEAST:
            raise ValidationError(
                _(
                    "This passphrase can be guessed. Add words that have nothing to do with each other, "
                    "or take the one that is offered."
                ),
                code="guessable",
            )

    def get_help_text(self) -> str:
        return _("Words that nobody would guess from you or from each other.")
