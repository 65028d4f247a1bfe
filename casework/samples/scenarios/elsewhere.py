"""Outside Quebec, under other laws and in places that have closed since."""

from typing import Final

from casework.samples.scenarios.rows import Scenario

MAPLE: Final[Scenario] = {
    "reference": "MAPLE-2015",
    "asked_again": "330",
    "event_date": "2015-Q2",
    "city": "TORONTO",
    "police_service": "TPS",
    "pretext": "STREET_CHECK",
    "place_type": "STREET",
    "status_raised": "ASKED|CALL_STATUS",
    "suspicion_cue": "APPEARANCE",
    "cbsa_involvement": "PICKUP_STN",
    "held_hours": "7",
    "outcome": "HELD_POLICE|HANDED_OVER|DETAINED|REVIEW_CONTINUED|REVIEW_CONTINUED|REVIEW_CONTINUED|ATD",
    "detention_place": "POLICE_CELL|PROV_ON",
    "harm": "LIBERTY|FAMILY_SEP|INCOME|HOUSING",
    "age_band": "35_44",
    "gender": "MAN",
    "region": "EAST_AFRICA",
    "language": "so",
    "immigration_basis": "REFUSED_CLAIM",
    "person_alias": "Maple Walker",
    "narrative": """
        I was walking from the mosque to the grocery store, with a list in my hand. Two officers stopped
        me and filled in a card: height, clothing, where I was going, who I knew. I asked whether I had
        to answer. They said that people with nothing to hide usually do. Then they asked where I was
        born, and one stepped away to make a call.

        Seven hours in a cell at the division, and then a van to a jail, though nobody said I had
        committed a crime. I wore the same orange as the others. At forty-eight hours they said I might
        not appear. At seven days they said the same. At thirty days a different man read the same page.
        My wife brought our lease and my pay slips to each of them; she was five months along and had to
        stand.

        It was the lawyer from the clinic who, before the next date, got the agency to agree to
        reporting and a bondsperson. I had been inside sixty-one days. Our apartment was gone. I report
        every second Tuesday, and I have never once been late.
    """,
    "source": "SELF",
    "verification": "V3",
    "consent_purposes": "STORE|CONTACT|REFER_LEGAL|STATS|STORY|RESEARCH",
    "consent_mode": "WRITTEN",
    "consent_language": "en",
}

TIDE: Final[Scenario] = {
    "reference": "TIDE-2012",
    "asked_again": "500",
    "event_date": "2012-Q2",
    "city": "BURNABY",
    "police_service": "MVTP",
    "pretext": "BYLAW",
    "place_type": "BUS",
    "status_raised": "NO_ID|CALL_ID",
    "suspicion_cue": "ACCENT",
    "cbsa_involvement": "PICKUP_STN",
    "held_hours": "2",
    "outcome": "HELD_POLICE|HANDED_OVER|DETAINED|REVIEW_CONTINUED|LEFT_PRESSURE",
    "detention_place": "YVR_CELLS",
    "harm": "LIBERTY|FAMILY_SEP|NO_COUNSEL",
    "age_band": "25_34",
    "gender": "MAN",
    "region": "SOUTHEAST_ASIA",
    "language": "vi",
    "immigration_basis": "OVERSTAY",
    "person_alias": "Low Tide",
    "narrative": """
        A birthday, six friends, a guitar at the back of the bus. A passenger complained about the
        noise. When the transit officers got on, everybody stopped at once and apologised, and five of
        the six were told to keep it down. The sixth spoke with an accent and had only a library card.
        They asked for a photograph and fingerprints "to be sure who you are", and somebody at the other
        end of the phone said yes.

        He was held in a room at the station for two hours and then in the cells under the airport for
        four days. There was no window; the friends learned later that they had driven past above him
        every morning. He met a reviewer by video, without a lawyer, and was told that he could stay in
        there or fly. He flew. The guitar is still at his brother's.

        We record it so long afterwards because he asked us to: he had read that such things "began
        recently", and wanted to say that they did not.
    """,
    "source": "SELF",
    "verification": "V2",
    "consent_purposes": "STORE|STATS|STORY|RESEARCH",
    "consent_mode": "ORAL",
    "consent_language": "en",
}
