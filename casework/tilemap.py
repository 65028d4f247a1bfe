"""The island of Montreal as tiles, one for each borough and city, placed as they lie. No boundary file, and no more precision
than the figures have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from casework import vocabulary
from casework.documents import Document, Table, key_of

SIZE: Final = 70
SHADES: Final = 4
# Column and row, and what fits into a tile.
BOROUGHS: Final = {
    "L_ILE_BIZARD_SAINTE_GENEVIEVE": (2, 0, "Île-Bizard"),
    "AHUNTSIC_CARTIERVILLE": (6, 0, "Ahuntsic"),
    "MONTREAL_NORD": (7, 0, "Mtl-Nord"),
    "RIVIERE_DES_PRAIRIES_POINTE_AUX_TREMBLES": (8, 0, "RDP–PAT"),
    "PIERREFONDS_ROXBORO": (2, 1, "Pierrefonds"),
    "SAINT_LAURENT": (5, 1, "St-Laurent"),
    "VILLERAY_SAINT_MICHEL_PARC_EXTENSION": (6, 1, "Villeray–PEx"),
    "SAINT_LEONARD": (7, 1, "St-Léonard"),
    "ANJOU": (8, 1, "Anjou"),
    "OUTREMONT": (6, 2, "Outremont"),
    "ROSEMONT_LA_PETITE_PATRIE": (7, 2, "Rosemont"),
    "MERCIER_HOCHELAGA_MAISONNEUVE": (8, 2, "Hochelaga"),
    "COTE_DES_NEIGES_NOTRE_DAME_DE_GRACE": (6, 3, "CDN–NDG"),
    "LE_PLATEAU_MONT_ROYAL": (7, 3, "Plateau"),
    "LACHINE": (4, 4, "Lachine"),
    "VILLE_MARIE": (7, 4, "Ville-Marie"),
    "LASALLE": (5, 5, "LaSalle"),
    "LE_SUD_OUEST": (6, 5, "Sud-Ouest"),
    "VERDUN": (6, 6, "Verdun"),
}
CITIES: Final = {
    "SENNEVILLE": (0, 1, "Senneville"),
    "DOLLARD_DES_ORMEAUX": (3, 1, "DDO"),
    "MONTREAL_EST": (9, 1, "Mtl-Est"),
    "SAINTE_ANNE_DE_BELLEVUE": (0, 2, "Ste-Anne"),
    "KIRKLAND": (1, 2, "Kirkland"),
    "POINTE_CLAIRE": (2, 2, "Pte-Claire"),
    "DORVAL": (3, 2, "Dorval"),
    "MONT_ROYAL": (5, 2, "Mont-Royal"),
    "BAIE_D_URFE": (0, 3, "Baie-D'Urfé"),
    "BEACONSFIELD": (1, 3, "Beaconsfield"),
    "L_ILE_DORVAL": (3, 3, "Île-Dorval"),
    "COTE_SAINT_LUC": (4, 3, "C.-St-Luc"),
    "HAMPSTEAD": (5, 3, "Hampstead"),
    "MONTREAL_OUEST": (5, 4, "Mtl-Ouest"),
    "WESTMOUNT": (6, 4, "Westmount"),
}


@dataclass(frozen=True)
class Tile:
    """`shade` 0 to SHADES: how much; -1 where the table does not count. `value` None with a shade of 0: suppressed."""

    name: str
    short: str
    x: int
    y: int
    middle: float
    value: int | None
    shade: int

    @property
    def counted(self) -> bool:
        return self.shade >= 0


@dataclass(frozen=True)
class TileMap:
    tiles: list[Tile]
    width: int = 10 * SIZE
    height: int = 7 * SIZE
    size: int = SIZE - 4


def tile_map(document: Document, table: Table, language: str) -> TileMap | None:
    """None for a table that does not count boroughs or cities."""
    places = {"borough": BOROUGHS, "city": CITIES}
    code = next((c for c in table.dimensions if c in places), None)
    if code is None:
        return None
    values = {key_of(cell.at): cell.value for cell in table.cells}
    counted = {category: values.get(key_of({code: category})) for category in places[code]}
    top = max((value for value in counted.values() if value), default=0)
    return TileMap(
        [
            *_tiles(BOROUGHS, "borough", code, counted, top, language),
            *_tiles(CITIES, "city", code, counted, top, language),
        ]
    )


def _tiles(
    places: dict[str, tuple[int, int, str]],
    kind: str,
    code: str,
    counted: dict[str, int | None],
    top: int,
    language: str,
) -> Iterator[Tile]:
    for place, (column, row, short) in places.items():
        name = vocabulary.label(kind, place, language)
        value = counted.get(place) if kind == code else None
        x, y = column * SIZE + 2, row * SIZE + 2
        yield Tile(name, short, x, y, x + (SIZE - 4) / 2, value, _shade(value, top) if kind == code else -1)


def _shade(value: int | None, top: int) -> int:
    """Equal steps up to the largest; a suppressed tile has none, so that its colour says nothing."""
    return 0 if not value else min(SHADES, 1 + (value - 1) * SHADES // max(1, top))
