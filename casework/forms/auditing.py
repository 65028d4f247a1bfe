"""What the auditors may narrow their list by, and how each act is called."""

from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from casework.audit import Entry
from casework.forms.fields import DayInput

ACTS: Final[dict[str, Any]] = {
    "case.create": _("case opened"),
    "case.open": _("case read"),
    "case.save": _("case changed"),
    "case.history": _("history of a case read"),
    "case.restore": _("earlier revision restored"),
    "case.list": _("cases listed"),
    "case.search": _("cases searched"),
    "case.compare": _("case compared with others"),
    "case.link": _("cases told to be one event"),
    "bulk.preview": _("act on many cases looked at"),
    "bulk.act": _("act on many cases"),
    "bulk.undo": _("act on many cases taken back"),
    "case.denied": _("case refused"),
    "case.grant": _("access granted"),
    "case.revoke": _("access revoked"),
    "case.import": _("cases imported"),
    "import.undo": _("import undone"),
    "case.export": _("copy made"),
    "export.fetch": _("copy fetched"),
    "consent.open": _("consent read"),
    "consent.save": _("consent changed"),
    "case.refer": _("somebody referred"),
    "contact.add": _("contact added"),
    "contact.save": _("contact changed"),
    "contact.remove": _("contact removed"),
    "case.rekey": _("case sealed anew"),
    "case.expire": _("access ended"),
    "evidence.received": _("evidence received"),
    "evidence.viewed": _("evidence viewed"),
    "evidence.cleaned": _("clean copy of evidence made"),
    "evidence.exported": _("evidence handed out"),
    "evidence.redacted": _("evidence redacted"),
    "part.look": _("what stays without one person looked through"),
    "part.take_out": _("one person's part taken out of a case"),
    "case.erase": _("case erased"),
    "erasure.schedule": _("erasure scheduled"),
    "erasure.cancel": _("erasure taken back"),
    "hold.ask": _("legal hold asked for"),
    "hold.agree": _("legal hold agreed"),
    "register.add": _("line of a register written"),
    "register.change": _("line of a register changed"),
    "hold.lift": _("legal hold lifted"),
    "factor.add": _("second factor added"),
    "factor.remove": _("second factor removed"),
    "factor.codes": _("codes of the second factor renewed"),
    "lockdown.account": _("account locked down"),
    "lockdown.organisation": _("organisation locked down"),
    "passphrase.change": _("passphrase changed"),
    "recovery.code": _("recovery code renewed"),
    "recovery.factor": _("second factor recovered"),
    "recovery.passphrase": _("passphrase recovered"),
    "rescue.begin": _("rescue begun"),
    "rescue.approve": _("rescue approved"),
    "rescue.share": _("trustee's share entered"),
    "rescue.open": _("rescue opened"),
    "rescue.team": _("rescue of a team begun"),
    "rescue.seat": _("seat given by the trustees"),
    "rescue.accept": _("rescue accepted"),
    "root.renew": _("own key renewed"),
    "sessions.end": _("sessions ended"),
    "trustees.appoint": _("trustees appointed"),
    "statistics.rotate": _("new key of the statistics"),
    "team.remove": _("member removed"),
    "team.steward": _("steward appointed or dismissed"),
    "team.rotate": _("new key of a team"),
    "release.draft": _("release asked for"),
    "release.draft_again": _("release drafted again"),
    "consent.record": _("answers moved to a record of the person's own"),
    "consent.withdraw": _("consent withdrawn"),
    "consent.lessen": _("consent shortened in another case of the person"),
    "consent.told": _("somebody told of a withdrawal"),
    "consent.join": _("answers of one person in two cases joined"),
    "receipt.give": _("receipt given"),
    "receipt.ask": _("asked for something by receipt"),
    "notice.read": _("took note of what was said by receipt"),
    "wording.keep": _("new wording of consent kept"),
    "release.schedule": _("next edition scheduled each quarter"),
    "release.unschedule": _("schedule of editions stopped"),
    "release.draft_scheduled": _("next edition drafted on its day"),
    "release.cancel": _("drafting stopped"),
    "release.discard": _("draft discarded"),
    "release.words": _("words of a release written"),
    "release.approve": _("release approved"),
    "release.publish": _("release published"),
    "release.withdraw": _("release withdrawn"),
    "release.stories": _("stories of a release chosen"),
    "release.story_gone": _("story gone from a release"),
    "story.offer": _("passage offered to be told"),
    "story.take_back": _("passage taken back"),
    "story.accept": _("passage accepted"),
    "story.send_back": _("passage sent back"),
}


def act(action: str) -> str:
    """The code itself for one that is not known here: it is never hidden."""
    return str(ACTS.get(action, action))


class AuditFilterForm(forms.Form):
    action = forms.ChoiceField(
        label=_("What"), required=False, choices=lambda: [("", _("everything")), *ACTS.items()]
    )
    actor = forms.ChoiceField(label=_("Who"), required=False)
    day = forms.DateField(label=_("Day"), required=False, widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.order_by("username").values_list("pk", "username")
        self.fields["actor"].choices = [("", _("everybody")), *((str(pk), name) for pk, name in people)]  # type: ignore[attr-defined]

    def matches(self, entry: Entry) -> bool:
        wanted = self.cleaned_data
        return (
            (not wanted["action"] or entry.action == wanted["action"])
            and (not wanted["actor"] or str(entry.actor) == wanted["actor"])
            and (not wanted["day"] or timezone.localdate(entry.at) == wanted["day"])
        )

    def active(self) -> int:
        return sum(bool(value) for value in self.cleaned_data.values())
