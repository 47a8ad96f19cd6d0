"""How pictures are drawn: sprites, fonts, colours that stay apart, backgrounds, encoding.

Pillow only, integer arithmetic where the result reaches a pixel, no system fonts: the same seed gives the
same bytes on every machine that has the same Pillow.
"""
