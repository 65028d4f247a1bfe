"""Shape and validate what people type to come in. Nothing is saved here."""

import unicodedata
from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import passphrases
from accounts.crypto import recovery_code
from accounts.crypto.passphrase import LONGEST
from accounts.crypto.recovery_code import Mistyped
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
        help_text=_(
            "The one offered, or at least 12 characters of your own that nobody would guess from you."
        ),
    )
    password2 = PassphraseField(label=_("The same passphrase again"), autocomplete="new-password")

    def offered(self) -> str:
        """Another one each time the page is shown; it is kept nowhere."""
        return passphrases.offered(get_language() or settings.LANGUAGE_CODE)

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


class RecoveryCodeField(forms.CharField):
    """Spelled in any way that can be read; a slip is said before anything is hashed."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"})
        super().__init__(label=_("Recovery code"), max_length=80, widget=widget, **options)

    @sensitive_variables()
    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return recovery_code.read(typed)
        except Mistyped:
            raise ValidationError(
                _("This is not how a recovery code reads. Check each of the seven groups.")
            ) from None


class RecoverForm(NewPassphraseForm):
    username = forms.CharField(
        label=_("User name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    code = RecoveryCodeField()
    field_order = ["username", "code", "password1", "password2"]


class LostFactorForm(forms.Form):
    code = RecoveryCodeField()


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


class ShareField(forms.CharField):
    """Long enough for 33 words; what is wrong with them is said by `accounts.crypto.trustee_shares`."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "autocapitalize": "none"})
        super().__init__(max_length=1000, widget=widget, **options)


class ShareForm(forms.Form):
    share = ShareField(label=_("Words of one share"))


class RehearseForm(forms.Form):
    shares = forms.CharField(
        label=_("Shares, one per line"),
        max_length=16000,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "autocapitalize": "none"}),
    )


class AppointForm(forms.Form):
    count = forms.IntegerField(label=_("Number of trustees"), min_value=2, max_value=16, initial=5)
    threshold = forms.IntegerField(label=_("How many of them it takes"), min_value=2, max_value=16, initial=3)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("threshold", 0) > cleaned.get("count", 16):
            self.add_error("threshold", _("It cannot take more trustees than there are."))
        return cleaned


class TeamRescueForm(forms.Form):
    """Names of teams and of accounts are what coordinators see already; who sits where is not shown."""

    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.exclude(kind=TeamKind.ORGANISATION).order_by("name")
    )
    username = forms.CharField(
        label=_("Who is to have the seat"),
        max_length=40,
        help_text=_("The user name of somebody of the organisation who can sign in, and not your own."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_username(self) -> User:
        name = User.normalize_username(self.cleaned_data["username"])
        whole = Team.objects.filter(kind=TeamKind.ORGANISATION)
        found = User.objects.filter(username=name, is_active=True, seats__team__in=whole).first()
        if found is None:
            raise ValidationError(_("Nobody here has this user name. Nothing was changed."))
        return found


class NewTeamForm(forms.Form):
    name = forms.CharField(label=_("Name of the team"), max_length=80)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Team.objects.filter(kind=TeamKind.ORGANIZERS, name__iexact=name).exists():
            raise ValidationError(_("There is a team of this name already."))
        return name
