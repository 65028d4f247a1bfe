"""How often what happens among the generated cases.

ASSUMPTIONS, made so that the demo looks like a group's year and exercises every part: they are not findings and nothing may be
concluded from them. One exception: the lengths of detention follow the published quarterly figures of the border agency for
2023–24 (share of persons detained up to 24 h, 25–48 h, 3–9, 10–39, 40–99 and more than 99 days).
"""

from typing import Final

Weights = dict[str, float]

YEARS: Final[Weights] = {
    "2015": 7, "2016": 8, "2017": 13, "2018": 11, "2019": 12, "2020": 7,
    "2021": 6, "2022": 8, "2023": 10, "2024": 10, "2025": 8,
}  # fmt: skip
PRECISION: Final[Weights] = {"year": 12, "quarter": 18, "month": 38, "day": 32}
TEAM_CITIES: Final[dict[str, Weights]] = {
    "montreal": {
        "MONTREAL": 88, "LAVAL": 4, "LONGUEUIL": 3, "DORVAL": 1, "COTE_SAINT_LUC": 1, "MONT_ROYAL": 1,
        "QUEBEC": 1, "GATINEAU": 1,
    },
    "elsewhere": {
        "TORONTO": 48, "PEEL_REGION": 11, "YORK_REGION": 3, "DURHAM_REGION": 3, "HAMILTON": 6, "LONDON":
        4, "OTTAWA": 6,
        "VANCOUVER": 9, "SURREY": 4, "METRO_VANCOUVER": 2, "EDMONTON": 2, "CALGARY": 2,
    },
}  # fmt: skip
BOROUGHS: Final[Weights] = {
    "VILLERAY_SAINT_MICHEL_PARC_EXTENSION": 19, "MONTREAL_NORD": 14,
    "COTE_DES_NEIGES_NOTRE_DAME_DE_GRACE": 14, "VILLE_MARIE": 11,
    "SAINT_LAURENT": 9, "AHUNTSIC_CARTIERVILLE": 6, "SAINT_LEONARD": 5, "MERCIER_HOCHELAGA_MAISONNEUVE": 5,
    "ROSEMONT_LA_PETITE_PATRIE": 4, "RIVIERE_DES_PRAIRIES_POINTE_AUX_TREMBLES": 3, "LE_SUD_OUEST": 3,
    "LASALLE": 3, "VERDUN": 2,
    "LACHINE": 1, "LE_PLATEAU_MONT_ROYAL": 1, "PIERREFONDS_ROXBORO": 1, "ANJOU": 1,
}  # fmt: skip
SERVICES: Final[dict[str, Weights]] = {
    "MONTREAL": {"SPVM": 90, "SQ": 4, "SPVM_METRO": 4, "RCMP": 2},
    "LAVAL": {"SPL": 90, "SQ": 10}, "LONGUEUIL": {"SPAL": 1}, "DORVAL": {"SPVM": 1}, "COTE_SAINT_LUC":
    {"SPVM": 1},
    "MONT_ROYAL": {"SPVM": 1}, "QUEBEC": {"SPVQ": 1}, "GATINEAU": {"SPVG": 1}, "TORONTO": {"TPS": 95,
    "OPP": 5},
    "PEEL_REGION": {"PRP": 1}, "YORK_REGION": {"YRP": 1}, "DURHAM_REGION": {"DRPS": 1}, "HAMILTON":
    {"HPS": 1},
    "LONDON": {"LPS": 1}, "OTTAWA": {"OPS": 1}, "VANCOUVER": {"VPD": 85, "MVTP": 15}, "SURREY":
    {"SURREY": 1},
    "METRO_VANCOUVER": {"RCMP": 60, "MVTP": 40}, "EDMONTON": {"EPS": 1}, "CALGARY": {"CPS": 1},
}  # fmt: skip
PRETEXTS: Final[Weights] = {
    "TRAFFIC_MOVING": 16, "TRAFFIC_RANDOM": 12, "TRAFFIC_COLLISION": 9, "VEHICLE_PAPERS": 9,
    "PASSENGER_ID": 7, "STREET_CHECK": 7,
    "FARE_CHECK": 6, "CYCLE_PED": 5, "VICTIM_CALL": 5, "BYLAW": 4, "PUBLIC_SPACE": 4, "DOMESTIC_CALL":
    4, "WORKPLACE": 4, "WITNESS": 3,
    "CRIM_SUSPECT": 3, "TRAFFIC_CHECKPOINT": 2, "WELLNESS": 2, "WARRANT": 2, "JOINT_OP": 2, "PROTEST":
    1, "SEX_WORK_PLACE": 1,
}  # fmt: skip
PLACES: Final[dict[str, Weights]] = {
    "CYCLE_PED": {"STREET": 1}, "STREET_CHECK": {"STREET": 80, "PARK": 20}, "BYLAW": {"HOME": 70,
    "STREET": 30},
    "PUBLIC_SPACE": {"PARK": 70, "SHOP": 30}, "VICTIM_CALL": {"HOME": 50, "WORK": 20, "STREET": 30},
    "WITNESS": {"STREET": 60, "HOME": 40}, "DOMESTIC_CALL": {"HOME": 1}, "WELLNESS": {"HOME": 60,
    "SHOP": 20, "HEALTH": 20},
    "WORKPLACE": {"WORK": 1}, "SEX_WORK_PLACE": {"WORK": 1}, "JOINT_OP": {"WORK": 1}, "WARRANT":
    {"HOME": 1},
    "CRIM_SUSPECT": {"STREET": 50, "SHOP": 50}, "PROTEST": {"STREET": 1}, "FARE_CHECK": {"METRO": 70,
    "BUS": 30},
}  # fmt: skip
PATHS: Final[Weights] = {
    "NO_CONTACT": 20, "PHONE_ONLY": 20, "CALL_IN": 7, "PHONE_HOLD": 9, "CONDITIONS": 8, "SHORT": 15,
    "WEEK": 7, "LONG": 14,
}  # fmt: skip
STATUS: Final[Weights] = {
    "CALL_STATUS": 42, "DB_WARRANT": 13, "NO_ID": 11, "ASKED": 12, "CALL_WARRANT": 5, "ID_DOC": 6,
    "CALL_ID": 2, "DB_PREV_REMOVED": 2,
    "SELF_DISCLOSED": 4, "TIP": 2, "INSTITUTION": 1,
}  # fmt: skip
CUES: Final[Weights] = {
    "ACCENT": 30, "APPEARANCE": 26, "NONE_STATED": 22, "FOREIGN_ID": 9, "NAME": 7, "ADDRESS": 6,
}  # fmt: skip
HANDED: Final[Weights] = {"PICKUP_STN": 48, "ATTENDED": 34, "POLICE_DROVE": 18}
# Days, by E7: more than 48 hours, as three to nine and from ten on.
WEEK: Final[tuple[int, int]] = (3, 9)
LONG: Final[dict[tuple[int, int], float]] = {(10, 39): 22.0, (40, 99): 12.1, (100, 160): 7.1}
ENDS: Final[Weights] = {
    "ATD": 34,
    "REMOVED": 30,
    "LEFT_PRESSURE": 9,
    "STAY": 8,
    "STATUS_OBTAINED": 7,
    "ONGOING": 7,
    "LOST_CONTACT": 5,
}
HARMS: Final[Weights] = {
    "PSYCH": 36, "CHILL": 20, "DEBT": 15, "THREAT": 9, "FORCE": 8, "NO_COUNSEL": 6, "PROPERTY": 3,
    "INJURY": 3,
}  # fmt: skip
HARMS_OF_DETENTION: Final[Weights] = {
    "INCOME": 27, "FAMILY_SEP": 22, "PSYCH": 20, "HOUSING": 8, "NO_COUNSEL": 7, "FORCE": 6, "MEDICAL":
    5, "DEBT": 3, "CHILD_ALONE": 2,
}  # fmt: skip
AGES: Final[Weights] = {
    "14_17": 2,
    "18_24": 18,
    "25_34": 37,
    "35_44": 25,
    "45_54": 12,
    "55_64": 4,
    "65_PLUS": 1,
    "UNK": 1,
}
GENDERS: Final[Weights] = {"MAN": 63, "WOMAN": 34, "OTHER": 2, "REFUSED": 1}
ORIGINS: Final[dict[str, Weights]] = {
    "CARIBBEAN": {"ht": 70, "en": 15, "es": 15}, "MEXICO_CENTRAL_AMERICA": {"es": 1}, "SOUTH_AMERICA":
    {"es": 75, "pt": 25},
    "NORTH_AFRICA": {"ar": 65, "fr": 35}, "WEST_AFRICA": {"fr": 60, "wo": 20, "ff": 20},
    "CENTRAL_AFRICA": {"fr": 50, "ln": 50},
    "EAST_AFRICA": {"so": 40, "ti": 25, "am": 20, "sw": 15}, "MIDDLE_EAST": {"ar": 60, "fa": 25, "tr": 15},
    "SOUTH_ASIA": {"pa": 35, "hi": 20, "ur": 20, "bn": 15, "ta": 10}, "EAST_ASIA": {"cmn": 70, "yue": 30},
    "SOUTHEAST_ASIA": {"tl": 55, "vi": 45}, "EASTERN_EUROPE": {"ro": 50, "ru": 25, "uk": 25},
}  # fmt: skip
REGIONS: Final[Weights] = {
    "CARIBBEAN": 19, "MEXICO_CENTRAL_AMERICA": 18, "SOUTH_AMERICA": 9, "NORTH_AFRICA": 11,
    "WEST_AFRICA": 11, "CENTRAL_AFRICA": 6,
    "EAST_AFRICA": 5, "MIDDLE_EAST": 4, "SOUTH_ASIA": 9, "EAST_ASIA": 2, "SOUTHEAST_ASIA": 4,
    "EASTERN_EUROPE": 2,
}  # fmt: skip
BASES: Final[Weights] = {
    "OVERSTAY": 28, "REFUSED_CLAIM": 17, "PENDING_APP": 11, "REMOVAL_ORDER": 8, "CLAIMANT": 8,
    "WORK_NO_PERMIT": 7, "LOST_TFW": 6,
    "NEVER_STATUS": 4, "HAS_STATUS": 4, "DECLINED": 4, "UNK": 3,
}  # fmt: skip
DENIED: Final[Weights] = {
    "HEALTH": 24, "POLICE_PROT": 14, "CITY_COUNTER": 12, "EDUCATION": 11, "HOUSING": 11, "FOOD": 9,
    "SHELTER": 8, "LIBRARY": 6, "CHILDCARE": 5,
}  # fmt: skip
MECHANISMS: Final[Weights] = {
    "ASKED_STATUS": 28, "ASKED_ID": 24, "DETERRED": 14, "REFUSED": 11, "FEE": 10, "LANGUAGE": 8,
    "THREATENED": 5,
}  # fmt: skip
SOURCES: Final[Weights] = {"SELF": 62, "FAMILY": 15, "ORG": 12, "LAWYER": 7, "WITNESS": 4}
VERIFICATION: Final[Weights] = {"V0": 7, "V1": 43, "V2": 27, "V3": 18, "V4": 4, "VX": 1}
MODES: Final[Weights] = {"ORAL": 46, "ORAL_INTERP": 28, "WRITTEN": 24, "RECORDED": 2}
# Each purpose is asked apart, so each is given apart.
GIVEN: Final[Weights] = {
    "CONTACT": 0.62, "REFER_LEGAL": 0.35, "REFER_SERVICE": 0.22, "SHARE_PARTNER": 0.12, "STATS": 0.90,
    "STORY": 0.42, "QUOTE": 0.2,
    "MEDIA": 0.06, "COMPLAINT": 0.14, "RESEARCH": 0.18,
}  # fmt: skip
ONLY_A_DENIAL: Final = 0.09
ALSO_A_DENIAL: Final = 0.05
IN_FRENCH: Final = {"montreal": 0.68, "elsewhere": 0.12}
