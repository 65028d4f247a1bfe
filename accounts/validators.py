"""What a passphrase may be: Django's rules, said in this project's words."""

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


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
