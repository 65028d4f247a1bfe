"""What a seizure would yield today, for coordinators and the lawyer they show it to."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.sessions import SignedInRequest
from casework import exposure
from casework.views.audience import coordinators_only


@coordinators_only
def exposure_page(request: SignedInRequest) -> HttpResponse:
    found = exposure.tables()
    context = {
        "stores": exposure.stores(found),
        "not_yielded": exposure.not_yielded(),
        "tables": [_shown(table) for table in found if table.rows != 0],
        "empty": [table.name for table in found if table.rows == 0],
        "classes": list(exposure.CLASSES.items()),
    }
    return render(request, "casework/exposure.html", context)


def _shown(table: exposure.Table) -> dict[str, Any]:
    sealed = [name for name, kind in table.fields.items() if kind == exposure.SEALED]
    rest = [name for name in table.fields if name not in sealed and name not in table.speaking]
    return {"table": table, "speaking": table.speaking, "sealed": sealed, "rest": rest}
