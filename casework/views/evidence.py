"""One piece of evidence: looked at, played, blacked out in part, handed out."""

import base64
import itertools
import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_safe

from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_required
from casework import evidencefiles, permissions, vault
from casework.custody import Piece
from casework.evidence import decoding, keeping, kinds, leaving, opening
from casework.forms.evidence import CLEAN, AreaFormSet, LeavingForm
from casework.views import receiving
from casework.views.exhibits import custody_shown, left_shown, piece_facts, piece_shown, warnings, why_not

SIDE, LARGE_SIDE = 1600, 3600
SEEN_SECONDS: Final = 4 * 3600
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
# A paused film keeps its connection; answers of a few seconds each give the thread back to everybody else.
PLAYED_AT_ONCE: Final = 4 * 1024 * 1024
# For bytes that somebody else made: whatever a browser takes them for, they may load, run, open and frame nothing.
SANDBOX: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"


def evidence_context(request: SignedInRequest, opened: vault.OpenCase) -> dict[str, Any]:
    """For the section on the page of a case that was just opened."""
    return {"evidence": [piece_shown(piece) for piece in opening.pieces(request.keyring, opened.case)]}


# Looking


@require_safe
@sensitive_variables()
def evidence_page(request: SignedInRequest, case_id: UUID, evidence_id: UUID) -> HttpResponse:
    """Opening the page is a viewing and is noted. Turning a page of the same viewing is not another one."""
    viewed = _viewed(request, case_id, evidence_id)
    piece, page = viewed.piece, _number(request.GET.get("page", "1"))
    may = permissions.allowed(request.user, case_id)
    context = {
        "case_id": case_id,
        "piece": piece_shown(piece),
        "facts": piece_facts(piece),
        "warnings": warnings(piece),
        "log": custody_shown(viewed.log),
        "seen": seen(request, evidence_id),
        "large": "large" in request.GET,
        "may_change": permissions.CHANGE in may,
        "may_export": permissions.EXPORT in may,
        **_picture(piece, page, LARGE_SIDE if "large" in request.GET else SIDE),
    }
    return render(request, "casework/evidence/page.html", context)


def _viewed(request: SignedInRequest, case_id: UUID, evidence_id: UUID) -> opening.Viewed:
    if was_seen(request, evidence_id):
        return opening.look_again(request.keyring, case_id, evidence_id)
    return opening.view(request.keyring, case_id, evidence_id)


def _number(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def _picture(piece: Piece, page: int, side: int) -> dict[str, Any]:
    """Drawn anew in the darkroom and put into the page itself: there is no address under which a browser could keep it."""
    details = piece.details
    if details.kind not in kinds.SHOWN or not evidencefiles.is_there(piece.id):
        return {}
    try:
        content = opening.plaintext(piece)
        told, made = decoding.develop("show", details.kind, details.size, content, page=page, side=side)
    except decoding.CannotDecode as error:
        return {"not_shown": why_not(error.reason)}
    return {
        "picture": f"data:image/jpeg;base64,{base64.b64encode(made).decode()}",
        "told": told,
        "page": page,
        "before": page - 1 if page > 1 else None,
        "after": page + 1 if page < told.pages else None,
    }


def seen(request: SignedInRequest, evidence_id: UUID) -> str:
    """A ticket that this person's session has been shown this evidence, and that it is noted. It opens nothing by itself."""
    signed = TimestampSigner(salt="evidence-seen").sign(_whose(request, evidence_id))
    return signed.removeprefix(f"{_whose(request, evidence_id)}:")


def was_seen(request: SignedInRequest, evidence_id: UUID) -> bool:
    given = f"{_whose(request, evidence_id)}:{request.GET.get('seen', '')}"
    try:
        TimestampSigner(salt="evidence-seen").unsign(given, max_age=SEEN_SECONDS)
    except BadSignature:
        return False
    return True


def _whose(request: SignedInRequest, evidence_id: UUID) -> str:
    return f"{evidence_id}/{request.user.pk}/{request.session.session_key}"


# Playing


@require_safe
@sensitive_variables()
def evidence_media(request: SignedInRequest, case_id: UUID, evidence_id: UUID) -> HttpResponseBase:
    """Sound and film for the player on the page, in ranges, each decrypted as it is sent. Of no other type."""
    piece = opening.read(request.keyring, case_id, evidence_id)
    if piece.details.kind not in kinds.PLAYED:
        raise Http404
    if not was_seen(request, evidence_id):
        return redirect("evidence", case_id, evidence_id)
    wanted = RANGE.fullmatch(request.headers.get("Range", ""))
    return _part(piece, *wanted.groups()) if wanted else _streamed(piece, 0, piece.details.size)


def _part(piece: Piece, first: str, last: str) -> HttpResponseBase:
    size = piece.details.size
    start, end = _ends(first, last, size)
    if not 0 <= start <= end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    end = min(end, start + PLAYED_AT_ONCE - 1)
    response = _streamed(piece, start, end + 1 - start)
    response.status_code = 206
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


def _ends(first: str, last: str, size: int) -> tuple[int, int]:
    """RFC 9110: `a-b`, `a-` to the end, `-n` the last n."""
    if not first:
        return (max(size - int(last), 0), size - 1) if last and int(last) else (-1, -1)
    return int(first), min(int(last) if last else size - 1, size - 1)


def _streamed(piece: Piece, start: int, length: int) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_begun(opening.plaintext(piece, start, length)))
    response["Content-Type"], response["Content-Length"] = piece.details.kind, str(length)
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = "inline"
    return _sandboxed(response)


def _begun(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A broken seal is met here, while there is still a page to say so."""
    return itertools.chain([next(chunks, b"")], chunks)


def _sandboxed(response: StreamingHttpResponse) -> StreamingHttpResponse:
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Accel-Buffering"] = "no"
    return response


# Handing out


@fresh_factor_required
@sensitive_variables()
@sensitive_post_parameters()
def evidence_export(request: SignedInRequest, case_id: UUID, evidence_id: UUID) -> HttpResponseBase:
    piece = opening.read(request.keyring, case_id, evidence_id, permissions.SHARE)
    can_be_cleaned = piece.details.kind in kinds.CLEANED
    agreed = leaving.agreed(request.keyring, case_id)
    form = LeavingForm(request.POST or None, can_be_cleaned=can_be_cleaned, agreed=agreed)
    if request.method == "POST" and form.is_valid():
        return _handed_out(request, piece, form)
    return _leaving_page(request, piece, form)


def _leaving_page(request: SignedInRequest, piece: Piece, form: LeavingForm, **more: Any) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    can_be_cleaned = piece.details.kind in kinds.CLEANED
    context = {
        "case_id": piece.case_id,
        "piece": piece_shown(piece),
        "form": form,
        "can_be_cleaned": can_be_cleaned,
        "agreed": leaving.agreed(request.keyring, piece.case_id),
    }
    return render(request, "casework/evidence/export.html", {**context, **more}, status=status)


def _handed_out(request: SignedInRequest, piece: Piece, form: LeavingForm) -> HttpResponseBase:
    wanted = form.cleaned_data
    whose = (request.keyring, piece.case_id, piece.id, wanted["purpose"], wanted["reason"])
    leaving.may_leave(request.keyring, piece.case_id, wanted["purpose"])
    if wanted["what"] != CLEAN:
        return _attachment(leaving.export_original(*whose))
    try:
        made = leaving.export_clean(*whose, accepted=wanted["accepted"])
    except decoding.CannotDecode as error:
        form.add_error("what", str(why_not(error.reason)))
        return _leaving_page(request, piece, form)
    except leaving.StillTells as error:
        form.add_error("accepted", _("Read what is still in it first. Nothing was handed out yet."))
        return _leaving_page(request, piece, form, left=left_shown(error.left))
    return _attachment(leaving.Leaving(made.name, made.kind, len(made.content), iter([made.content])))


def _attachment(out: leaving.Leaving) -> StreamingHttpResponse:
    """Always a file to keep, never a page to show: HTML and SVG among evidence would act in our name."""
    response = StreamingHttpResponse(_begun(out.content))
    response["Content-Type"], response["Content-Length"] = out.kind, str(out.size)
    response["Content-Disposition"] = content_disposition_header(True, out.name or "temoin")
    return _sandboxed(response)


# Blacking out


@sensitive_variables()
@sensitive_post_parameters()
def evidence_redact(request: SignedInRequest, case_id: UUID, evidence_id: UUID) -> HttpResponse:
    piece = _viewed_to_redact(request, case_id, evidence_id)
    areas = AreaFormSet(request.POST or None, prefix="areas")
    page, more = _number(request.POST.get("page", "1")), {}
    if request.method == "POST" and areas.is_valid():
        chosen = [form.area() for form in areas if form.has_changed()]
        if "make" in request.POST and chosen:
            made = _redacted(request, piece, chosen)
            if isinstance(made, HttpResponse):
                return made
            more = {"problem": made}
        elif "make" in request.POST:
            more = {"problem": _("No area is marked. Nothing was made.")}
        else:
            areas = AreaFormSet(prefix="areas", initial=[f.cleaned_data for f in areas if f.has_changed()])
    return _redaction_page(request, piece, areas, page, more)


def _viewed_to_redact(request: SignedInRequest, case_id: UUID, evidence_id: UUID) -> Piece:
    permissions.case_for(request.user, case_id, permissions.CHANGE)
    piece = _viewed(request, case_id, evidence_id).piece
    if piece.details.kind not in kinds.REDACTED:
        raise Http404
    return piece


def _redacted(request: SignedInRequest, piece: Piece, areas: list[keeping.Area]) -> HttpResponse | str:
    try:
        copy_id = keeping.redact(request.keyring, piece.case_id, piece.id, areas)
    except decoding.CannotDecode as error:
        return str(why_not(error.reason))
    messages.success(request, _("The redacted copy is kept. Look at every page of it before it leaves."))
    return redirect("evidence", piece.case_id, copy_id)


def _redaction_page(
    request: SignedInRequest, piece: Piece, areas: Any, page: int, more: dict[str, Any]
) -> HttpResponse:
    failed = areas.is_bound and (not areas.is_valid() or "problem" in more)
    query = urlencode({"seen": seen(request, piece.id)})
    context = {
        "case_id": piece.case_id,
        "piece": piece_shown(piece),
        "areas": areas,
        "marked": _marked(areas, page),
        "address": f"{reverse('evidence-redact', args=[piece.case_id, piece.id])}?{query}",
        **_picture(piece, page, SIDE),
        **more,
    }
    return render(request, "casework/evidence/redact.html", context, status=422 if failed else 200)


def _marked(areas: Any, page: int) -> list[dict[str, Any]]:
    """The areas on the page that is shown, as they were typed, to be drawn over it."""
    rows = [form.cleaned_data if areas.is_bound else form.initial for form in areas if _has_area(areas, form)]
    return [row for row in rows if row.get("page") == page and None not in row.values()]


def _has_area(areas: Any, form: Any) -> bool:
    return form.is_valid() and form.has_changed() if areas.is_bound else bool(form.initial)


urlpatterns = [
    path("cases/<uuid:case_id>/evidence/add/", receiving.evidence_add, name="evidence-add"),
    path("cases/<uuid:case_id>/evidence/<uuid:evidence_id>/", evidence_page, name="evidence"),
    path("cases/<uuid:case_id>/evidence/<uuid:evidence_id>/media/", evidence_media, name="evidence-media"),
    path("cases/<uuid:case_id>/evidence/<uuid:evidence_id>/export/", evidence_export, name="evidence-export"),
    path("cases/<uuid:case_id>/evidence/<uuid:evidence_id>/redact/", evidence_redact, name="evidence-redact"),
]
