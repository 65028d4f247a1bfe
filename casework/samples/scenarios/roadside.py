"""Stopped on the road: in a car, as a passenger, on a bicycle."""

from typing import Final

from casework.samples.scenarios.rows import Scenario

HERON: Final[Scenario] = {
    "reference": "HERON-2016",
    "asked_again": "210",
    "event_date": "2016-Q3",
    "borough": "Saint-Michel",
    "police_service": "SPVM",
    "pretext": "TRAFFIC_MOVING",
    "place_type": "ROAD",
    "status_raised": "CALL_STATUS",
    "suspicion_cue": "ACCENT",
    "cbsa_involvement": "PICKUP_STN",
    "held_hours": "3",
    "outcome": "HELD_POLICE|HANDED_OVER|DETAINED|REVIEW_CONTINUED|REVIEW_RELEASED|ATD",
    "detention_place": "POLICE_CELL|IHC_LAVAL",
    "harm": "LIBERTY|INCOME|DEBT|FAMILY_SEP",
    "age_band": "35_44",
    "gender": "MAN",
    "region": "WEST_AFRICA",
    "language": "fr",
    "immigration_basis": "OVERSTAY",
    "person_alias": "Héron cendré",
    "officer_badge": "FIC-90417",
    "narrative": """
        J'avais raté ma sortie et j'ai tourné à gauche là où c'est interdit le soir. Une auto-patrouille
        m'a suivi sur deux coins de rue. J'avais mon permis et les papiers de l'auto, tout était à mon
        nom. La policière a pris le permis, puis son collègue s'est penché à ma fenêtre et m'a demandé
        d'où venait mon accent. J'ai répondu que j'habitais ici depuis six ans. Il est retourné dans la
        voiture et je l'ai vu téléphoner longtemps.

        Ils ne m'ont jamais dit que j'étais en état d'arrestation. On m'a seulement dit d'attendre,
        d'abord dans mon auto, ensuite au poste, sur un banc, sans lacets ni téléphone. Trois heures
        plus tard, deux agents en uniforme sombre sont venus me chercher. Ma femme a appris le lendemain
        où j'étais, parce qu'un autre détenu lui a prêté ses minutes.

        J'ai passé neuf jours à Laval. À la première audience, on m'a gardé. À la seconde, mon
        beau-frère avait réuni la caution et je suis sorti. J'avais perdu ma place à l'entrepôt, et la
        remorque a coûté plus que l'amende.
    """,
    "source": "SELF",
    "verification": "V3",
    "consent_purposes": "STORE|CONTACT|STATS|STORY",
    "consent_mode": "WRITTEN",
    "consent_language": "fr",
}

CEDAR: Final[Scenario] = {
    "reference": "CEDAR-2017",
    "asked_again": "95",
    "event_date": "2017-Q4",
    "borough": "Côte-des-Neiges",
    "police_service": "SPVM",
    "pretext": "TRAFFIC_COLLISION",
    "place_type": "ROAD",
    "status_raised": "DB_WARRANT",
    "suspicion_cue": "NONE_STATED",
    "cbsa_involvement": "ATTENDED",
    "held_hours": "2,5",
    "outcome": "HELD_POLICE|HANDED_OVER|DETAINED|REVIEW_CONTINUED|REVIEW_CONTINUED|REMOVED",
    "detention_place": "IHC_LAVAL",
    "harm": "LIBERTY|FAMILY_SEP|INJURY|MEDICAL",
    "age_band": "45_54",
    "gender": "WOMAN",
    "region": "CARIBBEAN",
    "language": "ht",
    "immigration_basis": "WARRANT_REMOVAL",
    "person_alias": "Cèdre du chemin",
    "narrative": """
        Elle était arrêtée au feu rouge quand une camionnette a embouti l'arrière de sa voiture. Elle
        avait mal au cou. C'est elle qui a appelé le 911, parce que l'autre conducteur voulait repartir
        sans laisser son nom. Les policiers ont demandé les papiers des deux. Celui qui l'avait frappée
        a reçu son constat et il est parti.

        À elle, on a dit que son nom sortait dans l'ordinateur. Elle ne savait pas qu'un mandat existait
        : l'avis de renvoi avait été envoyé à une adresse qu'elle avait quittée après une séparation.
        L'ambulancière a voulu l'amener à l'hôpital pour son cou; on lui a répondu que l'agence des
        frontières arrivait. Elle est restée deux heures et demie à l'arrière de l'auto-patrouille, une
        couverture sur les genoux.

        Elle a été renvoyée trois semaines plus tard. Sa fille de onze ans vit maintenant chez sa
        marraine. Jointe de nouveau par téléphone, elle accepte qu'on raconte son histoire, mais elle ne
        veut pas que l'on cite ses mots : « Mes mots, je les garde pour ma fille. »
    """,
    "source": "FAMILY",
    "verification": "V2",
    "consent_purposes": "STORE|CONTACT|STATS|STORY",
    "consent_mode": "ORAL_INTERP",
    "consent_language": "ht",
}

QUARTZ: Final[Scenario] = {
    "reference": "QUARTZ-2020",
    "asked_again": "400",
    "event_date": "2020-Q4",
    "borough": "MONTREAL_NORD",
    "police_service": "SPVM",
    "pretext": "PASSENGER_ID",
    "place_type": "ROAD",
    "status_raised": "ASKED",
    "suspicion_cue": "APPEARANCE",
    "cbsa_involvement": "NONE",
    "held_hours": "0,5",
    "outcome": "RELEASED_SCENE",
    "harm": "PSYCH|CHILL",
    "age_band": "18_24",
    "gender": "MAN",
    "region": "CENTRAL_AFRICA",
    "language": "ln",
    "immigration_basis": "CLAIMANT",
    "person_alias": "Quartz fumé",
    "narrative": """
        On revenait d'un quart de nuit à l'usine, quatre dans la même auto. La police a intercepté le
        conducteur, sans dire pourquoi. Il avait tout ce qu'il fallait. L'agent a quand même fait le
        tour et il a demandé à chacun de nous, un par un, une pièce d'identité, puis « votre statut,
        c'est quoi? ».

        Mon ami assis devant a répondu calmement qu'un passager n'est pas tenu de s'identifier s'il n'a
        rien fait, qu'on nous l'avait expliqué au centre. L'agent a ri, mais il a cessé de demander. Il
        est resté une quinzaine de minutes dans son véhicule, peut-être pour consulter quelque chose,
        puis il a rendu les papiers du conducteur et nous a dit de rentrer.

        Personne n'a appelé l'agence des frontières, et personne n'a été retenu. Je le raconte quand
        même, parce que ma demande d'asile était en règle et que j'ai tremblé jusqu'au matin. Depuis, je
        fais le trajet en autobus, ce qui prend une heure et demie au lieu de vingt minutes.
    """,
    "source": "SELF",
    "verification": "V1",
    "consent_purposes": "STORE|STATS",
    "consent_mode": "ORAL",
    "consent_language": "fr",
}

SLATE: Final[Scenario] = {
    "reference": "SLATE-2022",
    "asked_again": "180",
    "event_date": "2022-Q2",
    "borough": "Rosemont",
    "police_service": "SPVM",
    "pretext": "TRAFFIC_RANDOM",
    "place_type": "ROAD",
    "status_raised": "ID_DOC|CALL_STATUS",
    "suspicion_cue": "APPEARANCE|NAME",
    "cbsa_involvement": "PHONE_HOLD",
    "held_hours": "5",
    "outcome": "HELD_POLICE|RELEASED_SCENE",
    "detention_place": "POLICE_CELL",
    "harm": "LIBERTY|FORCE|INCOME",
    "age_band": "45_54",
    "gender": "MAN",
    "region": "NORTH_AFRICA",
    "language": "ar",
    "immigration_basis": "HAS_STATUS",
    "person_alias": "Ardoise claire",
    "person_name": "Idrisse Belkharoub-Tanzil",
    "officer_badge": "FIC-90633|FIC-90634",
    "narrative": """
        Premier témoignage, de la personne : Je suis résident permanent depuis 2014. On m'a intercepté
        en rentrant du travail, sans raison. Ma carte était expirée depuis un mois, la nouvelle était en
        route. J'ai expliqué que le statut n'expire pas avec la carte. On m'a passé les menottes « pour
        ma sécurité » et on m'a gardé cinq heures en cellule, le temps que quelqu'un, au téléphone,
        retrouve mon dossier. On m'a relâché sans un mot d'excuse.

        Second statement, from the incident report obtained later by his lawyer: the stop lasted
        forty-five minutes, was motivated by a burnt-out tail light, no restraints were used, and the
        driver "remained voluntarily" while his status was confirmed. The tail light was working at the
        garage the next morning; the receipt is in the file. The parking record of the station shows his
        car towed in at 18:10 and released at 23:20.

        Les deux récits se contredisent sur la durée, sur le motif et sur les menottes. Les pièces
        appuient le premier.
    """,
    "source": "SELF",
    "verification": "V3",
    "consent_purposes": "STORE|CONTACT|REFER_LEGAL|STATS|STORY|COMPLAINT",
    "consent_mode": "WRITTEN",
    "consent_language": "fr",
}

WILLOW: Final[Scenario] = {
    "reference": "WILLOW-2025",
    "asked_again": "20",
    "event_date": "2025-Q4",
    "borough": "VERDUN",
    "police_service": "SPVM",
    "pretext": "CYCLE_PED",
    "place_type": "STREET",
    "status_raised": "DB_WARRANT",
    "suspicion_cue": "NONE_STATED",
    "cbsa_involvement": "POLICE_DROVE",
    "held_hours": "2",
    "outcome": "HELD_POLICE|HANDED_OVER|DETAINED|REVIEW_CONTINUED|REVIEW_RELEASED|ATD",
    "detention_place": "IHC_LAVAL",
    "harm": "LIBERTY|INCOME|PSYCH",
    "age_band": "25_34",
    "gender": "OTHER",
    "region": "EAST_AFRICA",
    "language": "am",
    "immigration_basis": "WARRANT_REMOVAL",
    "person_alias": "Willow Crossing",
    "narrative": """
        They were cycling home along the canal without a front light. Two officers waved them down and
        wrote a ticket. One of them ran the name while the other was explaining how to pay it, and then
        the tone changed: there was a removal warrant, from an appointment in the spring that had been
        moved twice and then held without them. The officers put the bicycle in the trunk and drove them
        to the border agency's office themselves, "to save everybody time".

        Where they were taken next was first reported to us by a friend as the new station at
        Sainte-Anne-des-Plaines. That was wrong: the detention order, which we have since seen, says
        Laval. The file was corrected and both versions are kept, because the first one had already been
        repeated to a journalist.

        They were held through two reviews and let out under supervision. They are a courier; the
        bicycle was returned after five weeks with a bent wheel. They would like it known that the
        ticket for the light was withdrawn.
    """,
    "source": "SELF",
    "verification": "V3",
    "consent_purposes": "STORE|CONTACT|REFER_LEGAL|STATS",
    "consent_mode": "ORAL",
    "consent_language": "en",
}
