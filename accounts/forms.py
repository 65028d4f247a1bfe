"""Shape and validate what people type to come in. Nothing is saved here."""

import unicodedata
from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.crypto.passphrase import LONGEST
from accounts.models import Team, TeamKind, User, username_letters
from accounts.setup import is_setup_code

TOO_LONG = _("A passphrase is at most 1024 bytes long.")


def refuse_too_long(passphrase: str) -> None:
    """Before anything is hashed: a long input is the cheapest way to keep a server busy."""
    if len(passphrase) > LONGEST or len(unicodedata.normalize("NFKC", passphrase).encode()) > LONGEST:
        raise ValidationError(TOO_LONG)


class PassphraseField(forms.CharField):
    def __init__(self, *, autocomplete: str, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, widget=widget, validators=[refuse_too_long], **options)


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth carries no types
    password = PassphraseField(label=_("Passphrase"), autocomplete="current-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("User name")
        login.widget = forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "maxlength": login.max_length}
        )

    def clean_login(self) -> str:
        return User.normalize_username(self.cleaned_data["login"])


class NewPassphraseForm(forms.Form):
    """Twice, because nobody can look it up for them."""

    password1 = PassphraseField(
        label=_("New passphrase"),
        autocomplete="new-password",
        help_text=_("At least 12 characters; four or more words that nobody would guess from you."),
    )
    password2 = PassphraseField(label=_("The same passphrase again"), autocomplete="new-password")

    def person(self) -> User:
        """Whose passphrase it will be, so that it is not made of their own name."""
        return User(username=self.cleaned_data.get("username", ""))

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passphrases differ."))
        elif first:
            self._check_strength(first)
        return cleaned

    @sensitive_variables()
    def _check_strength(self, passphrase: str) -> None:
        try:
            validate_password(passphrase, self.person())
        except ValidationError as refused:
            self.add_error("password1", refused)


class ChangePassphraseForm(NewPassphraseForm):
    oldpassword = PassphraseField(label=_("Present passphrase"), autocomplete="current-password")
    field_order = ["oldpassword", "password1", "password2"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def person(self) -> User:
        return self.user

    @sensitive_variables()
    def clean_oldpassword(self) -> str:
        present: str = self.cleaned_data["oldpassword"]
        if not self.user.check_password(present):
            raise ValidationError(_("This is not your present passphrase."))
        return present


class NewPersonForm(NewPassphraseForm):
    username = forms.CharField(
        label=_("User name"),
        min_length=3,
        max_length=40,
        help_text=_("Not your own name and not an e-mail address: it is stored readable."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ["username", "language", "password1", "password2"]

    def clean_username(self) -> str:
        username = User.normalize_username(self.cleaned_data["username"])
        username_letters(username)
        if User.objects.filter(username=username).exists():
            raise ValidationError(_("This user name is taken. Choose another."))
        return username


class SetupForm(NewPersonForm):
    code = forms.CharField(
        label=_("Set-up code"),
        max_length=64,
        help_text=_("Whoever runs the server gets it with “manage.py setup --code”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    organisation = forms.CharField(label=_("Name of the organisation"), max_length=80)
    field_order = ["code", "organisation", "username", "language", "password1", "password2"]

    def clean_code(self) -> str:
        if not is_setup_code(self.cleaned_data["code"]):
            raise ValidationError(_("This is not the code the server printed."))
        return ""


class NewTeamForm(forms.Form):
    name = forms.CharField(label=_("Name of the team"), max_length=80)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Team.objects.filter(kind=TeamKind.ORGANIZERS, name__iexact=name).exists():
            raise ValidationError(_("There is a team of this name already."))
        return name
