"""An operation at a workplace: six people of one event, each with an outcome of their own."""

from typing import Final

from casework.samples.scenarios.rows import Scenario

ORCHARD: Final[Scenario] = {
    "event_date": "2023-Q3",
    "borough": "SAINT_LAURENT",
    "police_service": "SPVM",
    "pretext": "JOINT_OP",
    "place_type": "WORK",
    "status_raised": "CBSA_PRESENT",
    "cbsa_involvement": "JOINT",
    "verification": "V2",
    "consent_purposes": "STORE|STATS",
    "consent_mode": "ORAL_INTERP",
    "consent_language": "es",
}

ORCHARD_A: Final[Scenario] = ORCHARD | {
    "reference": "ORCHARD-2023-A",
    "asked_again": "130",
    "held_hours": "2",
    "outcome": "HANDED_OVER|DETAINED|REVIEW_CONTINUED|REVIEW_CONTINUED|REMOVED",
    "detention_place": "IHC_LAVAL",
    "harm": "LIBERTY|INCOME|FAMILY_SEP",
    "age_band": "35_44",
    "gender": "MAN",
    "region": "MEXICO_CENTRAL_AMERICA",
    "language": "es",
    "immigration_basis": "REMOVAL_ORDER",
    "person_alias": "Pommier du rang",
    "narrative": """
        Nous étions onze sur la chaîne d'emballage quand les portes du quai se sont ouvertes des deux
        côtés. Il y avait des policiers de la ville et des gens de l'agence des frontières, une dizaine
        en tout. On nous a fait asseoir par terre, le dos au mur, et on a appelé les noms d'une liste.
        Le mien était en première page. Six d'entre nous sont partis dans les fourgonnettes, les autres
        ont dû reprendre le travail devant nous.

        J'avais une mesure de renvoi dont je contestais le report. On m'a gardé à Laval deux contrôles
        de suite, puis on m'a conduit à l'avion. L'employeur n'a jamais versé les deux dernières
        semaines de salaire, ni à moi ni aux autres.
    """,
    "source": "SELF",
}

ORCHARD_B: Final[Scenario] = ORCHARD | {
    "reference": "ORCHARD-2023-B",
    "asked_again": "128",
    "held_hours": "2",
    "outcome": "HANDED_OVER|DETAINED|REVIEW_RELEASED|ATD",
    "detention_place": "IHC_LAVAL",
    "harm": "LIBERTY|INCOME|DEBT",
    "age_band": "25_34",
    "gender": "WOMAN",
    "region": "MEXICO_CENTRAL_AMERICA",
    "language": "es",
    "immigration_basis": "LOST_TFW",
    "person_alias": "Fleur de verger",
    "narrative": """
        J'étais venue avec un permis de travail fermé pour une ferme qui a fait faillite. L'agence de
        placement m'a envoyée à l'entrepôt et m'a dit que « les papiers suivraient ». Ce matin-là, un
        policier m'a tenu le bras pendant qu'une agente lisait mon nom. Je suis restée trois jours à
        Laval. À l'audience, une dame d'un organisme a offert de me suivre, et on m'a laissée sortir
        avec l'obligation de me présenter tous les lundis. Le trajet me coûte chaque semaine une
        demi-journée de ménage.
    """,
    "source": "SELF",
}

ORCHARD_C: Final[Scenario] = ORCHARD | {
    "reference": "ORCHARD-2023-C",
    "asked_again": "128",
    "held_hours": "1",
    "outcome": "HANDED_OVER|REL_CONDITIONS|STATUS_OBTAINED",
    "harm": "LIBERTY|INCOME",
    "age_band": "45_54",
    "gender": "WOMAN",
    "region": "SOUTH_AMERICA",
    "language": "es",
    "immigration_basis": "PENDING_APP",
    "person_alias": "Vieille Greffe",
    "narrative": """
        My file was still being decided and I had the letter in my locker, folded in my prayer book. I
        asked four times to fetch it. The fourth time a city officer walked me there, and an agent read
        it and said I could go home after signing some conditions. I was lucky, they said. My friends
        watched me leave and I was ashamed, as if I had done something to them. A year later my
        residence was granted. I went back to the warehouse to show the women who are still there that a
        letter can be worth carrying.
    """,
    "source": "SELF",
    "consent_purposes": "STORE|CONTACT|STATS|STORY|QUOTE",
}

ORCHARD_D: Final[Scenario] = ORCHARD | {
    "reference": "ORCHARD-2023-D",
    "asked_again": "90",
    "held_hours": "2",
    "outcome": "HANDED_OVER|DETAINED|REVIEW_CONTINUED|LEFT_PRESSURE",
    "detention_place": "IHC_LAVAL",
    "harm": "LIBERTY|FAMILY_SEP|PSYCH",
    "age_band": "25_34",
    "gender": "MAN",
    "region": "MEXICO_CENTRAL_AMERICA",
    "language": "es",
    "immigration_basis": "OVERSTAY",
    "person_alias": "Jeune Rameau",
    "narrative": """
        He is twenty-nine and had never been locked in anywhere. After the first review he stopped
        eating. He was told that if he signed, he could leave within days, and that if he did not,
        nobody could say how long it would be. His cousin begged him to wait for the lawyer who was
        coming on Thursday. He signed on Wednesday. From home he sends voice messages: he sleeps again,
        he is working in his uncle's shop, and he wants to be counted because, he says, "leaving was
        written down as my choice".
    """,
    "source": "FAMILY",
}

ORCHARD_E: Final[Scenario] = ORCHARD | {
    "reference": "ORCHARD-2023-E",
    "asked_again": "130",
    "held_hours": "2",
    "outcome": "HANDED_OVER|DETAINED|REVIEW_CONTINUED|REVIEW_CONTINUED|STAY|ATD",
    "detention_place": "IHC_LAVAL",
    "harm": "LIBERTY|MEDICAL|INCOME",
    "age_band": "55_64",
    "gender": "MAN",
    "region": "CARIBBEAN",
    "language": "es",
    "immigration_basis": "REFUSED_CLAIM",
    "person_alias": "Pépin sauvage",
    "narrative": """
        Je prends de l'insuline depuis quinze ans. Ma trousse était dans mon manteau et mon manteau est
        resté à l'entrepôt. Au centre, on m'a fait voir l'infirmier seulement le lendemain, et les doses
        n'étaient pas les mêmes. J'ai été malade presque tout le mois. La clinique communautaire a écrit
        une lettre; mon avocate l'a jointe à la demande de sursis, et le renvoi a été reporté. Je suis
        dehors avec un téléphone qui reconnaît ma voix deux fois par semaine. Mon fils, lui, ne dort
        plus quand le camion de livraison recule dans la ruelle.
    """,
    "source": "SELF",
    "verification": "V3",
}

ORCHARD_F: Final[Scenario] = ORCHARD | {
    "reference": "ORCHARD-2023-F",
    "asked_again": "61",
    "held_hours": "1",
    "outcome": "HANDED_OVER|REL_CONDITIONS|ONGOING",
    "harm": "LIBERTY|INCOME|HOUSING",
    "age_band": "18_24",
    "gender": "WOMAN",
    "region": "SOUTHEAST_ASIA",
    "language": "tl",
    "immigration_basis": "WORK_NO_PERMIT",
    "person_alias": "Cerise de mai",
    "narrative": """
        She was on her second day. The agency had kept her passport "for the payroll", so she had
        nothing to show, and an officer wrote down three different spellings of her name. She was
        released that afternoon with an appointment and an order not to work. The room came with the
        job; by evening her bag was on the landing. Two women from the parish took her in. She has
        answered every appointment since then, eleven so far, and still does not know what will be
        decided.
    """,
    "source": "ORG",
    "consent_language": "tl",
}
