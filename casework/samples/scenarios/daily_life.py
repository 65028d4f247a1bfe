"""Met in daily life: a fare check, a call for help, a family call, a shelter that asks."""

from typing import Final

from casework.samples.scenarios.rows import Scenario

FERRY: Final[Scenario] = {
    "reference": "FERRY-2018",
    "asked_again": "300",
    "event_date": "2018-Q2",
    "borough": "VILLE_MARIE",
    "police_service": "STM|SPVM",
    "pretext": "FARE_CHECK",
    "place_type": "METRO",
    "status_raised": "NO_ID|CALL_STATUS",
    "suspicion_cue": "FOREIGN_ID",
    "cbsa_involvement": "PHONE_ONLY",
    "held_hours": "1,5",
    "outcome": "TICKET|RELEASED_SCENE",
    "harm": "LIBERTY|DEBT|PSYCH",
    "age_band": "18_24",
    "gender": "WOMAN",
    "region": "SOUTH_AMERICA",
    "language": "es",
    "immigration_basis": "PENDING_APP",
    "person_alias": "Traversière",
    "narrative": """
        Ma carte mensuelle n'avait pas bipé, je pensais que la machine était brisée et j'ai suivi la
        foule. Deux inspecteurs m'ont arrêtée au bas de l'escalier. Je voulais payer tout de suite. Ils
        m'ont dit que le constat exigeait une pièce d'identité, et ma carte consulaire ne leur suffisait
        pas : « Ça, ça ne prouve rien. »

        Ils ont appelé la police. Les deux policiers sont arrivés après une demi-heure et ont recommencé
        les mêmes questions dans un petit local sans fenêtre. L'un d'eux a téléphoné pour vérifier si
        j'avais « le droit d'être ici ». J'entendais qu'on épelait mon nom. Ma demande de parrainage
        était en cours et j'avais la lettre à la maison, pas sur moi.

        Au bout d'une heure et demie, la personne au téléphone a répondu qu'elle ne viendrait pas. On
        m'a remis un constat et on m'a laissée partir. Je n'ai plus repris le métro pendant des mois; je
        marchais, même l'hiver.
    """,
    "source": "SELF",
    "verification": "V3",
    "consent_purposes": "STORE|STATS|STORY|QUOTE|COMPLAINT",
    "consent_mode": "WRITTEN",
    "consent_language": "es",
}

LANTERN: Final[Scenario] = {
    "reference": "LANTERN-2019",
    "asked_again": "44",
    "event_date": "2019-Q1",
    "borough": "Parc-Extension",
    "police_service": "SPVM",
    "pretext": "VICTIM_CALL",
    "place_type": "HOME",
    "status_raised": "ASKED|CALL_STATUS",
    "suspicion_cue": "ACCENT|NAME",
    "cbsa_involvement": "CALL_IN",
    "held_hours": "4",
    "outcome": "HELD_POLICE|RELEASED_SCENE|ONGOING",
    "harm": "LIBERTY|CHILL|PSYCH|NO_COUNSEL",
    "service_type": "POLICE_PROT",
    "denial_mechanism": "DETERRED",
    "age_band": "25_34",
    "gender": "WOMAN",
    "region": "SOUTH_ASIA",
    "language": "pa",
    "immigration_basis": "OVERSTAY",
    "person_alias": "Lantern Keeper",
    "narrative": """
        She called 911 because the man who rented her the room had hit her and was trying to break the
        door. When the officers came, he spoke first, in French, and she could not follow. They asked
        her for identification before they asked whether she was hurt. She gave the passport she had.
        One officer asked how she had come to Canada and when she planned to leave.

        She was taken to the station "to make her statement". Nobody interpreted. For four hours she sat
        in a room while phone calls were made about her, and the statement was never taken. She was let
        go at two in the morning, without a bus fare, to the same address.

        Five weeks later a letter came, asking her to report to the border agency. We went with her. We
        also put her in touch with the victims' assistance centre, which found her another room and has
        been kind. The landlord was never charged. Last autumn her purse was stolen on the street; she
        did not report it. "I know what the number is for now," she says.
    """,
    "source": "SELF",
    "verification": "V2",
    "consent_purposes": "STORE|CONTACT|REFER_LEGAL|REFER_SERVICE|STATS|STORY",
    "consent_mode": "ORAL_INTERP",
    "consent_language": "pa",
}

KITE_PARENT: Final[Scenario] = {
    "reference": "KITE-2021-PARENT",
    "asked_again": "250",
    "event_date": "2021-Q1",
    "borough": "LASALLE",
    "police_service": "SPVM",
    "pretext": "DOMESTIC_CALL",
    "place_type": "HOME",
    "status_raised": "DB_WARRANT|CALL_WARRANT",
    "suspicion_cue": "NONE_STATED",
    "cbsa_involvement": "PICKUP_STN",
    "held_hours": "6",
    "outcome": "HELD_POLICE|HANDED_OVER|DETAINED|REVIEW_RELEASED|ATD",
    "detention_place": "POLICE_CELL|IHC_LAVAL",
    "harm": "LIBERTY|FAMILY_SEP|CHILD_ALONE",
    "age_band": "35_44",
    "gender": "WOMAN",
    "region": "EASTERN_EUROPE",
    "language": "ro",
    "immigration_basis": "WARRANT_EXAM",
    "person_alias": "Main du cerf-volant",
    "narrative": """
        Ma sœur et moi, on s'est disputées fort, un soir de couvre-feu, et une voisine a appelé. Quand
        les policiers sont montés, on pleurait déjà toutes les deux en riant. Ils ont vu que personne
        n'était blessé. Ils ont pris nos noms « pour le rapport ». Le mien avait un mandat : j'avais
        manqué une entrevue à l'immigration pendant que j'étais à l'hôpital avec mon garçon.

        J'ai dit qu'il avait quinze ans, qu'il dormait dans la chambre et que ma sœur repartait à son
        travail à six heures. On m'a répondu que quelqu'un s'en occuperait. Personne n'est venu. Au
        poste, on m'a refusé l'appel que je demandais pour lui, en disant que l'appel était pour un
        avocat.

        Je suis sortie de Laval après le contrôle de quarante-huit heures. Il avait mangé des céréales,
        il avait lavé la vaisselle, et il avait poussé la commode devant la porte.
    """,
    "source": "SELF",
    "verification": "V2",
    "consent_purposes": "STORE|CONTACT|STATS|STORY|COMPLAINT",
    "consent_mode": "ORAL_INTERP",
    "consent_language": "ro",
}

KITE_CHILD: Final[Scenario] = {
    "reference": "KITE-2021-CHILD",
    "asked_again": "250",
    "event_date": "2021-Q1",
    "borough": "LASALLE",
    "police_service": "SPVM",
    "pretext": "DOMESTIC_CALL",
    "place_type": "HOME",
    "status_raised": "NOT_RAISED",
    "cbsa_involvement": "NONE",
    "harm": "CHILD_ALONE|FAMILY_SEP|PSYCH",
    "age_band": "14_17",
    "gender": "MAN",
    "region": "EASTERN_EUROPE",
    "language": "ro",
    "person_alias": "Petit cerf-volant",
    "narrative": """
        Il s'est réveillé parce que l'appartement était trop silencieux. Sa mère n'était plus là, son
        manteau non plus, et ses clés étaient restées sur la table. Il a téléphoné à son cellulaire
        vingt-trois fois; c'est un agent qui avait l'appareil dans un sac. Sa tante travaillait et n'a
        lu ses messages qu'à la pause de midi.

        Il a passé deux nuits seul. Il n'a pas ouvert quand on a sonné, parce qu'il pensait qu'on venait
        aussi pour lui. Il n'en a pas parlé à l'école. Sa mère a consenti en son nom à ce que l'on garde
        ces lignes, et il a demandé d'y ajouter une phrase : il a maintenant le numéro de trois adultes
        écrit à l'intérieur de son soulier, et il voudrait ne plus en avoir besoin.
    """,
    "source": "FAMILY",
    "verification": "V2",
    "consent_purposes": "STORE|STATS",
    "consent_mode": "DELEGATE",
    "consent_language": "ro",
}

EMBER: Final[Scenario] = {
    "reference": "EMBER-2024",
    "asked_again": "150",
    "event_date": "2024-Q2",
    "borough": "VILLE_MARIE",
    "place_type": "SHELTER",
    "status_raised": "INSTITUTION",
    "cbsa_involvement": "NONE",
    "harm": "HOUSING|CHILL",
    "service_type": "SHELTER|SHELTER",
    "denial_mechanism": "ASKED_STATUS|DETERRED",
    "age_band": "35_44",
    "gender": "WOMAN",
    "region": "CENTRAL_AFRICA",
    "language": "sw",
    "immigration_basis": "DECLINED",
    "person_alias": "Braise douce",
    "narrative": """
        Il pleuvait et la file était déjà longue. À l'intérieur, la personne à l'accueil a été polie.
        Elle a demandé un nom, une date de naissance, puis, en cochant une case, « votre statut au
        Canada ». J'ai demandé à quoi cela servait. Elle a dit que le logiciel ne la laissait pas
        continuer sans réponse, et qu'il y avait parfois des vérifications.

        J'ai dit que j'avais oublié mes papiers dans un casier et que je revenais. Je ne suis pas
        revenue. J'ai dormi cette nuit-là dans une buanderie ouverte, et les suivantes chez une
        connaissance qui me faisait payer en heures de garde. Personne ne m'a dénoncée, aucune police
        n'est venue; il a suffi d'une case.

        Je ne sais pas si ce lit était libre. Je sais que je ne l'ai plus jamais demandé, là ni
        ailleurs, même en janvier.
    """,
    "source": "SELF",
    "verification": "V1",
    "consent_purposes": "STORE|STATS|STORY",
    "consent_mode": "ORAL",
    "consent_language": "fr",
}
