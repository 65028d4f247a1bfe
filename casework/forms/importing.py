from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.forms.cases import TeamForm


class ImportForm(TeamForm):
    file = forms.FileField(
        label=_("Spreadsheet"), allow_empty_file=True, help_text=_("CSV in UTF-8, or XLSX. 20 MB at most.")
    )
    dry_run = forms.BooleanField(label=_("Only check it, keep nothing"), required=False)
    keep_good = forms.BooleanField(label=_("If some rows are bad, keep the good ones"), required=False)

    field_order = ("team", "file", "dry_run", "keep_good")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".csv,.xlsx,text/csv"
