"""The words that carry no name, by language, and the words that stand for others."""

from __future__ import annotations

#: Company forms, matched after punctuation became blanks ("S. A. P. I. de C. V." is "s a p i de c v" by then).
LEGAL_FORMS = (
    r"(?<= )(?:"
    r"s ?a ?(?:p ?i ?|b ?)?(?:de )?c ?v|s ?(?:de )?r ?l ?(?:de )?c ?v|s ?de ?r ?l|s ?en ?c|s ?c ?l|s ?a ?p ?i|s ?a ?b"
    r"|l ?l ?c|l ?l ?p|l ?p|u ?l ?c|n ?p ?l|ltd|limited|ltee|limitee|inc|incorporated|corp|corporation|co|company"
    r"|compagnie|cie|cia|gp|partnership|s ?a(?= $)|s ?e ?c(?= $)"
    r")(?= )"
)

#: Several words that mean one; longest first.
PHRASES = (
    (r"landfill gas(?: to energy)?|lfg(?:te)?|relleno sanitario", "landfill"),
    (
        r"wind (?:energy|power) (?:project|centre|center|facility|farm|park)|wind (?:farm|park|power|energy|project)",
        "wind",
    ),
    (
        r"parque eolico|central eolica|centrale eolica|parc eolien|c e(?= \w{2,})|ce(?= oaxaca| la venta)",
        "wind",
    ),
    (r"windfarm|windpark|windpower|windplant", "wind"),
    (
        r"solar (?:farm|park|power|energy|project|garden|center|centre|plant|facility)|parque solar|parc solaire",
        "solar",
    ),
    (
        r"planta solar|central solar|(?:solar )?photo ?voltaic(?: plant)?|(?:solar )?foto ?voltaic[ao]",
        "solar",
    ),
    (r"pumped storage|pumped stor|pumped hydro|ps", "pumped"),
    (r"hydro electric|hydro electrique|hidro electrica|c h(?= \w{2,})", "hydro"),
    (r"(?:thermal|termoelectrica) ?(?:de )?(?:ciclo combinado|combined cycle)", "combinedcycle"),
    (r"ciclo combinado|combined cycle|c c c|ccc|c c(?= \w{2,}|$)|cc|ccgt", "combinedcycle"),
    (r"turbo gas|turbo jet|c ?tg|combustion turbines?|gas turbines?|simple cycle", "gasturbine"),
    (r"internal combustion|combustion interna|c c i|diesel", "engine"),
    (r"steam electric|steam|vapor mayor|vapor menor|(?<=^ )c ?t(?= \w{2,})", "steam"),
    (r"generation station|generating station|generating facility|power house", "powerhouse"),
    (r"de generacion|de generation", ""),
    (r"new mexico|nuevo mexico", "newmexico"),
    (r"comision federal (?:de )?electricidad", "cfe"),
    (r"productor independiente (?:de )?energia|\bpie\b", ""),
)

#: One word each for how heat becomes power: the steam plant and the combined cycle of one site are listed apart.
PROCESSES = frozenset({"combinedcycle", "gasturbine", "engine", "steam"})

#: One word each for what a plant runs on.
TECHNOLOGIES = frozenset({"wind", "solar", "hydro", "pumped", "nuclear", "geothermal", "thermal", *PROCESSES})

SYNONYMS = {
    **dict.fromkeys(("eolien", "eolienne", "eoliennes", "eolica", "eolicas", "eolico", "eolicos"), "wind"),
    **dict.fromkeys(("eoloelectrica", "eoloelectrico", "winds"), "wind"),
    **dict.fromkeys(("solaire", "pv", "photovoltaic", "photovoltaique", "fotovoltaica", "fotovoltaico"), "solar"),
    **dict.fromkeys(("hydroelectric", "hydroelectrique", "hidroelectrica", "hidroelectrico", "hidro"), "hydro"),
    **dict.fromkeys(("hydropower", "hydroelectricity"), "hydro"),
    **dict.fromkeys(("nucleoelectrica", "nucleaire", "nucleoelectric"), "nuclear"),
    **dict.fromkeys(("geotermica", "geotermoelectrica", "geotermia", "geotermoelectrico"), "geothermal"),
    "geothermique": "geothermal",
    **dict.fromkeys(("termoelectrica", "termo", "termoelectrico", "vapor"), "steam"),
    **dict.fromkeys(("thermique", "carboelectrica"), "thermal"),
    **dict.fromkeys(("turbogas", "turbojet", "gt"), "gasturbine"),
    **dict.fromkeys(("cogeneracion", "cogen", "cogenertion", "chp"), "cogeneration"),
    "ste": "sainte", "sta": "santa", "sto": "santo", "mt": "mount", "mtn": "mountain", "ft": "fort",
    "hwy": "highway", "rd": "road", "ave": "avenue", "intl": "international", "univ": "university",
    "cnty": "county", "cty": "county", "crk": "creek", "ck": "creek", "lk": "lake", "riv": "river",
    "pdte": "presidente", "pte": "presidente", "pres": "presidente", "gral": "general", "lic": "licenciado",
    "ing": "ingeniero", "dr": "doctor", "prof": "profesor", "fco": "francisco", "ma": "maria",
    "ntl": "national", "natl": "national", "mun": "municipal", "gob": "gobierno", "gdor": "gobernador",
    "norte": "north", "nord": "north", "sur": "south", "sud": "south", "este": "east", "est": "east",
    "oriente": "east", "oeste": "west", "ouest": "west", "poniente": "west", "superior": "superior",
}  # fmt: skip

#: Marks that are words: two plants of one name often differ by them alone.
DIRECTIONS = frozenset({"north", "south", "east", "west", "upper", "lower", "expansion", "extension"})

#: Of these a name has one or the other; having both says nothing.
OPPOSITES = (frozenset({"north", "south"}), frozenset({"east", "west"}), frozenset({"upper", "lower"}))

#: Number words that close a name.
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4,
    "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
}  # fmt: skip

#: What is counted: a single letter beside one of these is a numeral, not an initial.
COUNTED = frozenset(
    {
        "unit",
        "units",
        "unidad",
        "unidades",
        "unite",
        "phase",
        "fase",
        "etapa",
        "modulo",
        "no",
        "y",
        "and",
        "et",
    }
)

_ARTICLES = "the of and at on for in a an le les l du des d au aux et en el los las la lo de del y e al con"
_GENERIC_EN = (
    "power plant plants powerplant station stations generating generation generator generators gen facility facilities"
    " project projects farm farms park parks energy energies center centre centers centres unit units phase complex"
    " works powerhouse electric electricity electrical gs hs system systems no number renewable renewables power block"
    " hybrid csg"
)
_GENERIC_FR = "centrale centrales parc parcs projet energie electrique amenagement phase complexe usine poste"
_GENERIC_ES = (
    "central centrales parque parques planta plantas proyecto energia energias electrica electrico electricas complejo"
    " fase etapa unidad unidades generacion generadora electricidad presidente general ingeniero licenciado doctor"
    " profesor don modulo"
)

#: Dropped from every name.
NOISE = frozenset(f"{_ARTICLES} {_GENERIC_EN} {_GENERIC_FR} {_GENERIC_ES}".split())
