"""What maps are of: the places of a zoo, a town, a park, an island, a campus, and the colours of their ground.

>>> THEMES["zoo"].places["zebra"]
'Zebras'
"""

from __future__ import annotations

from dataclasses import dataclass

from dataset_builder.drawing.colors import Rgb


@dataclass(frozen=True)
class Theme:
    """`places` maps sprite to name; `blobs` colours lawns and ponds; `trees` are scattered for looks."""

    ground: tuple[Rgb, Rgb]
    blobs: tuple[Rgb, ...]
    road: Rgb
    kerb: Rgb
    trees: tuple[str, ...]
    places: dict[str, str]


THEMES: dict[str, Theme] = {
    "zoo": Theme(
        ((206, 222, 150), (182, 204, 122)), ((168, 196, 106), (224, 212, 152), (140, 198, 222)),
        (250, 238, 206), (190, 160, 106), ("leafy_tree", "pine_tree", "seedling"),
        {"zebra": "Zebras", "camel": "Camels", "hippo": "Hippos", "rhino": "Rhinos", "tiger": "Tigers", "seal": "Seals",
         "parrot": "Parrots", "monkey": "Monkeys", "llama": "Llamas", "bison": "Bison", "gorilla": "Gorillas",
         "eagle": "Eagles", "kangaroo": "Roos", "giraffe": "Giraffes", "turtle": "Turtles", "owl": "Owls"},
    ),
    "town": Theme(
        ((232, 228, 218), (216, 214, 206)), ((196, 216, 168), (222, 206, 190), (184, 208, 222)),
        (122, 128, 140), (84, 88, 100), ("leafy_tree", "leafy_tree", "potted_plant"),
        {"bank": "Bank", "church": "Church", "hospital": "Hospital", "school": "School", "stadium": "Stadium",
         "croissant": "Bakery", "book": "Library", "castle": "Castle", "shop": "Shop", "fountain": "Fountain",
         "factory": "Factory", "mailbox": "Post", "circus_tent": "Circus", "clock": "Clock", "fire_engine": "Fire Hall",
         "tulip": "Florist"},
    ),
    "park": Theme(
        ((176, 220, 150), (150, 202, 128)), ((134, 192, 112), (132, 200, 230), (208, 226, 140)),
        (244, 226, 184), (176, 142, 96), ("leafy_tree", "pine_tree", "tulip"),
        {"slide": "Slide", "fountain": "Fountain", "ferris_wheel": "Wheel", "carousel_horse": "Carousel",
         "ice_cream_cone": "Gelato", "popcorn_box": "Popcorn", "duck": "Ducks", "rose": "Roses", "bicycle": "Bikes",
         "canoe": "Boats", "parasol": "Terrace", "soccer_ball": "Pitch", "kite": "Kites", "sunflower": "Garden",
         "roller_coaster": "Coaster", "tent": "Camp"},
    ),
    "island": Theme(
        ((244, 226, 170), (232, 208, 146)), ((164, 206, 120), (146, 192, 104), (222, 196, 130)),
        (188, 132, 84), (130, 84, 48), ("palm_tree", "palm_tree", "rock"),
        {"castle": "Fort", "tent": "Camp", "hut": "Hut", "anchor": "Harbour", "stone_head": "Statue",
         "mountain": "Peak",
         "coconut": "Grove", "amphora": "Ruins", "turtle": "Turtles", "crab": "Crabs", "gem": "Mine",
         "parasol": "Beach",
         "fire": "Hearth", "banana": "Bananas", "telescope": "Lookout", "seashell": "Shells"},
    ),
    "campus": Theme(
        ((210, 226, 206), (188, 208, 188)), ((172, 204, 156), (226, 216, 196), (160, 204, 226)),
        (206, 152, 128), (152, 98, 80), ("leafy_tree", "pine_tree", "leafy_tree"),
        {"book": "Library", "microscope": "Lab", "clock": "Clock", "violin": "Music", "soccer_ball": "Pitch",
         "basketball": "Gym", "hamburger": "Canteen", "paintbrush": "Arts", "telescope": "Dome", "globe": "Maps",
         "robot_head": "Robots", "fountain": "Fountain", "flag": "Gate", "bed": "Dorm", "potted_plant": "Garden",
         "bicycle": "Bikes"},
    ),
    "fair": Theme(
        ((246, 222, 200), (236, 204, 180)), ((250, 236, 206), (214, 222, 168), (242, 196, 188)),
        (168, 142, 190), (116, 92, 140), ("balloon", "leafy_tree", "star"),
        {"ferris_wheel": "Wheel", "carousel_horse": "Carousel", "roller_coaster": "Coaster", "circus_tent": "Circus",
         "popcorn_box": "Popcorn", "ice_cream_cone": "Gelato", "doughnut": "Donuts", "balloon": "Balloons",
         "teddy_bear": "Prizes", "drum": "Stage", "pretzel": "Pretzels", "juggler": "Juggler", "wizard": "Wizard",
         "bowling_set": "Bowling", "lollipop": "Sweets", "steam_engine": "Train"},
    ),
}  # fmt: skip
