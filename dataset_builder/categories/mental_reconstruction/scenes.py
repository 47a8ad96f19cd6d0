"""The scenes of mental_reconstruction: who stands where, in which size, who hides whom.

A `Member` is somebody the question's author wants in the picture; `compose` finds places for all of them
and returns the picture and the `Thing`s in painting order. Things that a question asks about are whole
inside the picture and at least three quarters visible.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any

from PIL import Image

from dataset_builder.drawing import sprites
from dataset_builder.drawing.backgrounds import background
from dataset_builder.drawing.canvas import Box, afloat, put, ripple

SIDE = 720
VISIBLE = 77  # per cent of an asked thing's pixels that nothing may hide


@dataclass(frozen=True)
class Theme:
    """What may stand before one background. `groups` are kinds that a question can range over."""

    groups: dict[str, str]
    colored: str
    others: str
    landmarks: str
    avoid: str  # colours that drown in this background
    unit: int = 132  # pixels of a thing of scale 1 at the front
    sky: str = "airplane helicopter kite balloon"  # what may fly above the horizon
    air: int = 100  # per cent of the height above the ground that is sky: at the beach the sea is below it
    sea: bool = False  # the ground is water


@dataclass(frozen=True)
class Member:
    """One thing wanted in the picture; `side` keeps it left or right of the landmark."""

    kind: str
    tint: str | None = None
    flip: bool = False
    asked: bool = False
    side: str | None = None
    landmark: bool = False
    flying: bool = False


@dataclass(frozen=True)
class Thing:
    """One thing in the picture, in metadata's form."""

    kind: str
    box: Box
    size: int
    tint: str | None
    flip: bool
    asked: bool
    afloat: bool = False

    @property
    def x(self) -> int:
        return (self.box[0] + self.box[2]) // 2

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def picture(self) -> Image.Image:
        picture = sprites.sprite(self.kind, self.size, tint=self.tint, flip=self.flip)
        return afloat(picture) if self.afloat else picture


def thing_from_json(row: dict[str, Any]) -> Thing:
    return Thing(**{**row, "box": tuple(row["box"])})


THEMES: dict[str, Theme] = {
    "park": Theme(
        {"animals": "dog cat rabbit duck squirrel hedgehog turtle peacock deer owl bird",
         "toys": "kick_scooter soccer_ball teddy_bear boomerang robot_head nesting_doll yo_yo skateboard"},
        "umbrella flag backpack tulip bucket tent",
        "basket bicycle bouquet sunflower tree_stump rock runner walker cyclist birthday_cake",
        "fountain slide juggler telescope stone_head", "green",
    ),
    "farm": Theme(
        {"animals": "cow pig sheep horse rooster duck dog cat rabbit chick"},
        "bucket barrel tulip backpack flag tractor",
        "basket sunflower ladder rock tree_stump potted_plant truck honey_pot seedling",
        "fountain tractor builder mailbox", "green brown yellow",
    ),
    "street": Theme(
        {"vehicles": "car ambulance bus tractor motor_scooter bicycle auto_rickshaw steam_engine truck"},
        "car pickup_truck motor_scooter umbrella suitcase mailbox",
        "shopping_cart walker standing_person parcel dog potted_plant runner basket newspaper",
        "traffic_light police_officer fuel_pump fountain bus_stop", "",
    ),
    "beach": Theme(
        {"animals": "crab turtle duck seal parrot dog penguin flamingo cat",
         "toys": "soccer_ball robot_head yo_yo kick_scooter skateboard boomerang teddy_bear nesting_doll"},
        "umbrella bucket lifebuoy flag crab backpack",
        "seashell ice_cream_cone watermelon_slice coconut sun_hat pineapple chair runner",
        "palm_tree parasol stone_head telescope", "yellow orange brown", air=56,
    ),
    "snow": Theme(
        {"animals": "penguin seal deer rabbit owl dog bison hedgehog horse"},
        "sled flag backpack boot umbrella tent",
        "walker tree_stump rock hiking_boot parcel candle fire",
        "snowman christmas_tree runner telescope", "white",
    ),
    "camp": Theme(
        {"animals": "deer owl badger rabbit squirrel turtle dog bison mouse"},
        "tent backpack paper_lantern umbrella bucket",
        "guitar tree_stump rock basket hiking_boot flashlight chair mushroom ladder",
        "fire telescope juggler globe", "green black brown purple", 132, "flying_saucer planet",
    ),
    "desert": Theme(
        {"animals": "camel horse goat turtle snail dog rhino cat rabbit",
         "vehicles": "jeep truck motorcycle auto_rickshaw bus bicycle tractor racing_car steam_engine"},
        "tent pickup_truck flag umbrella barrel backpack",
        "rock chair basket fire sun_hat hiking_boot amphora potted_plant",
        "stone_head palm_tree telescope fuel_pump", "orange yellow brown",
    ),
    "savanna": Theme(
        {"animals": "elephant giraffe zebra kangaroo camel hippo monkey flamingo tiger peacock"},
        "tent flag umbrella backpack bird",
        "rock tree_stump camera basket sun_hat mushroom sunflower seedling",
        "jeep stone_head fountain builder", "yellow brown orange",
    ),
    "harbour": Theme(
        {"animals": "duck seal whale octopus tropical_fish turtle penguin flamingo"},
        "sailing_boat lifebuoy barrel",
        "canoe speedboat lifebuoy parcel",
        "ferry sailing_boat rock", "blue", 126, sea=True,
    ),
    "room": Theme(
        {"toys": "teddy_bear robot_head soccer_ball boomerang nesting_doll yo_yo skateboard kick_scooter pinata",
         "animals": "dog cat rabbit mouse parrot turtle hedgehog owl duck"},
        "suitcase backpack teapot cap balloon dress bucket",
        "chair potted_plant newspaper parcel candle hourglass clock radio globe",
        "sofa telescope ladder bathtub", "brown", 160, "balloon",
    ),
    "table": Theme(
        {"fruits": "red_apple pear lemon banana bunch_of_grapes strawberry pineapple coconut kiwi pair_of_cherries",
         "foods": "croissant pretzel doughnut slice_of_pizza hamburger egg waffle carrot piece_of_cheese cupcake"},
        "teapot key padlock pencil book toolbox purse",
        "candle light_bulb pair_of_glasses envelope gem hourglass magnifying_glass camera bell",
        "globe microscope trophy alarm_clock", "brown orange", 235, "",
    ),
}  # fmt: skip


def size_of(kind: str, unit: int, near: int) -> int:
    """Longest side in pixels; `near` is 0 at the horizon and 100 at the front. Small things are enlarged."""
    scale = sprites.info(kind).scale
    return int(unit * (0.30 + 0.62 * min(scale, 1.7)) * (62 + 38 * near // 100) / 100)


def unit_of_flight(theme: Theme) -> int:
    """Things in the sky are as large as a car half way to the horizon."""
    return theme.unit * 3 // 5


def compose(rng: random.Random, theme: str, cast: list[Member], gap: int) -> tuple[Image.Image, list[Thing]] | None:
    """A picture with the whole cast, or None when this background has no room for it.

    `gap` is the least distance in pixels between the centres (and the feet) of any two asked things.
    """
    picture, horizon = background(theme, SIDE, rng)
    for _ in range(6):
        things = _places(rng, THEMES[theme], cast, horizon, gap)
        if things is not None and _all_visible(things):
            break
    else:
        return None
    for thing in things:
        if thing.afloat:
            ripple(picture, thing.box)
        put(picture, thing.picture(), thing.box[:2], shadow=not thing.afloat and thing.box[3] > horizon)
    return picture, things


def _places(rng: random.Random, theme: Theme, cast: list[Member], horizon: int, gap: int) -> list[Thing] | None:
    done: list[Thing] = []
    middle: int | None = None
    for member in sorted(cast, key=lambda m: (not m.landmark, not m.asked)):
        for _ in range(90):
            thing = _place(rng, theme, member, horizon, middle)
            if thing is not None and all(_compatible(thing, other, gap) for other in done):
                break
        else:
            return None
        if member.landmark:
            middle = thing.x
        done.append(thing)
    return sorted(done, key=lambda thing: thing.box[3])


def _place(rng: random.Random, theme: Theme, member: Member, horizon: int, middle: int | None) -> Thing | None:
    foot = rng.randint(90, horizon * theme.air // 100 - 24) if member.flying else rng.randint(horizon + 34, SIDE - 10)
    size = (
        unit_of_flight(theme)
        if member.flying
        else size_of(member.kind, theme.unit, 100 * (foot - horizon) // (SIDE - horizon))
    )
    picture = sprites.sprite(member.kind, size, tint=member.tint, flip=member.flip)
    low, high = 6, SIDE - 6 - picture.width
    if member.landmark:
        low, high = SIDE * 36 // 100 - picture.width // 2, SIDE * 64 // 100 - picture.width // 2
    elif member.side == "left" and middle is not None:
        high = middle - 34 - picture.width // 2
    elif member.side == "right" and middle is not None:
        low = middle + 34 - picture.width // 2
    top = foot - picture.height
    if low > high or top < 4:
        return None
    left = rng.randint(low, high)
    box = (left, top, left + picture.width, foot)
    in_water = theme.sea and not member.flying
    return Thing(member.kind, box, size, member.tint, member.flip, member.asked or member.landmark, in_water)


def _compatible(a: Thing, b: Thing, gap: int) -> bool:
    if a.asked and b.asked and (abs(a.x - b.x) < gap or abs(a.box[3] - b.box[3]) < gap * 6 // 10):
        return False
    width = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
    height = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    if width <= 0 or height <= 0:
        return True
    smaller = min((t.box[2] - t.box[0]) * (t.box[3] - t.box[1]) for t in (a, b))
    limit = 16 if a.asked and b.asked else 26 if a.asked or b.asked else 40
    return width * height * 100 <= smaller * limit


def _all_visible(things: list[Thing]) -> bool:
    """Whether every asked thing keeps `VISIBLE` per cent of its pixels, by painting owners instead of colours."""
    owners = Image.new("L", (SIDE, SIDE), 0)
    areas = []
    for index, thing in enumerate(things, 1):
        mask = thing.picture().getchannel("A").point([255 if alpha > 128 else 0 for alpha in range(256)])
        owners.paste(index, thing.box[:2], mask)
        areas.append(mask.histogram()[255])
    seen = owners.histogram()
    return all(
        100 * seen[index] >= area * (VISIBLE if thing.asked else 40)
        for index, (thing, area) in enumerate(zip(things, areas, strict=True), 1)
    )
