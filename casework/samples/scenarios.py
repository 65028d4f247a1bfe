"""Twelve invented stories, one for each thing the system must be able to hold.

Wholly fictional: no person, badge or address here exists, and none of them retells a case that is publicly known. The rows carry
the columns of the import; what took several people (an operation at a workplace, a parent and a child) is several rows of one
event. `asked_again` is how many days before the import the person confirmed their consent.
"""

from typing import Final

Scenario = dict[str, str]

ORCHARD: Final = {
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

MONTREAL: Final[tuple[Scenario, ...]] = (
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    ORCHARD
    | {
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
    },
    ORCHARD
    | {
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
    },
    ORCHARD
    | {
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
    },
    ORCHARD
    | {
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
    },
    ORCHARD
    | {
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
    },
    ORCHARD
    | {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
)

ELSEWHERE: Final[tuple[Scenario, ...]] = (
    {
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
    },
    {
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
    },
)
