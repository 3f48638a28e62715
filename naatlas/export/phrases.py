"""The few words that only the pictures and the KML need; all others stand in the words of the layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.metadata.words import Text

PHRASES: Mapping[str, Text] = {
    "zero": {"en": "Reported as 0", "fr": "Déclaré nul (0)", "es": "Declarado en 0"},
    "yes": {"en": "yes", "fr": "oui", "es": "sí"},
    "no": {"en": "no", "fr": "non", "es": "no"},
    "not_stated": {"en": "Not stated", "fr": "Non précisé", "es": "No indicado"},
    "step": {"en": "{} to {}", "fr": "{} à {}", "es": "{} a {}"},
    "step_first": {"en": "{} or less", "fr": "{} ou moins", "es": "{} o menos"},
    "step_last": {"en": "More than {}", "fr": "Plus de {}", "es": "Más de {}"},
    "sources": {"en": "Sources", "fr": "Sources", "es": "Fuentes"},
    "sources_are": {"en": "Sources: {}", "fr": "Sources\u00a0: {}", "es": "Fuentes: {}"},
    "edition": {"en": "Edition {}", "fr": "Édition {}", "es": "Edición {}"},
    "starter": {
        "en": "A selection, not the whole registers",
        "fr": "Une sélection, et non les registres complets",
        "es": "Una selección, no los registros completos",
    },
    "legend": {"en": "Legend", "fr": "Légende", "es": "Leyenda"},
    "title": {"en": "Title", "fr": "Titre", "es": "Título"},
    "labels": {"en": "Names", "fr": "Noms", "es": "Nombres"},
    "west": {"en": "W", "fr": "O", "es": "O"},
    "by_year": {
        "en": "year by year: turn on and move the time slider",
        "fr": "année par année : activer et déplacer le curseur temporel",
        "es": "año por año: activar y mover el control de tiempo",
    },
    "everywhere": {"en": "At all times", "fr": "En tout temps", "es": "Siempre visible"},
    "pyramid": {
        "en": "{} features. From afar the most important are shown, the others as you come nearer.",
        "fr": "{} entités. De loin s'affichent les plus importantes, les autres à mesure que l'on s'approche.",
        "es": "{} elementos. De lejos se muestran los más importantes; los demás, al acercarse.",
    },
    "projection": {
        "en": "Lambert azimuthal equal-area projection, centre 45° N 100° W",
        "fr": "Projection azimutale équivalente de Lambert, centre 45° N 100° O",
        "es": "Proyección azimutal equivalente de Lambert, centro 45° N 100° O",
    },
    "map_data": {
        "en": "Base map: North American Atlas Framework",
        "fr": "Fond de carte : cadre de l'Atlas de l'Amérique du Nord",
        "es": "Mapa base: Marco del Atlas de América del Norte",
    },
}
