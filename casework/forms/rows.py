"""Several of a kind on one form: steps, statements, refusals, officers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class Row(forms.Form):
    """What is always asked stands first, the rest is folded."""

    FIRST: tuple[str, ...] = ()

    def first(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.FIRST or field.errors]

    def more(self) -> list[forms.BoundField]:
        shown = {field.name for field in self.first()}
        return [
            field for field in self.visible_fields() if field.name not in shown and field.name != "DELETE"
        ]


def rows_of(formset: Any, kind: type[Any], key: str) -> list[Any]:
    """The filled and not deleted rows of a formset as structures; a row without its `key` field is an empty row."""
    rows = [dict(form.cleaned_data) for form in formset.forms if form.cleaned_data.get(key)]
    return [kind(**{k: v for k, v in row.items() if k != "DELETE"}) for row in rows if not row.get("DELETE")]


class Rows(forms.BaseFormSet):  # type: ignore[type-arg]  # Django does not let it be subscripted at run time
    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": _(
            "Part of the form did not arrive. Nothing was saved. Go back one page and send it again."
        ),
    }


def formset(form: type[Row], blank: int) -> Any:
    return forms.formset_factory(
        form, formset=Rows, extra=blank, can_delete=True, max_num=60, absolute_max=80
    )
