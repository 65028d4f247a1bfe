"""The form of a contact. It saves nothing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.agenda import Contact
from casework.forms.fields import LongWords, ManyCodes, OneCode, Words


class ContactForm(forms.Form):
    name = Words(label=_("Name"), required=True, max_length=120)
    kind = OneCode("contact_kind", blank=False, label=_("Kind"))
    organisation = Words(label=_("Organization"), max_length=120)
    phone = Words(label=_("Phone"), max_length=60)
    email = Words(label=_("E-mail"), max_length=120)
    address = Words(label=_("Address"), max_length=200)
    languages = ManyCodes("language", label=_("Languages"))
    note = LongWords(
        label=_("Notes"),
        rows=3,
        max_length=2_000,
        help_text=_("Hours, waiting list, whom to ask for. Nothing about a case."),
    )

    def contact(self) -> Contact:
        data = {name: self.cleaned_data[name] for name in Contact.__struct_fields__}
        return Contact(**data)
