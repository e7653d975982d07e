"""The protection of a picture: bytes in, bytes out, no cloud.

Importing this package costs nothing. Whoever needs the pipeline imports it where it is used
(``from chalicelib.imaging.protect import protect``), since Pillow, numpy and the codecs would slow every cold start.
"""
