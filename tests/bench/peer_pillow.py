#!/usr/bin/python3
"""What `gan-data images FOLDER --size N` does, done by Pillow in one process, to hold its speed
against: decode, cut the largest centred square, resize with the triangle filter widened
(Image.Resampling.BILINEAR), write the bytes.

usage: peer_pillow.py [--draft] FOLDER N >raw

--draft lets libjpeg shrink by its inverse transform first, where that leaves N pixels at least, as
gan-data does as well. Debian: apt-get install python3-pil. With the page cache warm:

    time OMP_NUM_THREADS=1 gan-data images FOLDER --size N >faces.st
    time tests/bench/peer_pillow.py --draft FOLDER N >faces.raw
"""
import os
import sys

from PIL import Image


def main(arguments):
    draft = arguments[0] == "--draft"
    folder, size = arguments[draft], int(arguments[draft + 1])
    for name in sorted(os.listdir(folder)):
        with Image.open(os.path.join(folder, name)) as image:
            if draft:
                image.draft("RGB", (size, size))
            image = image.convert("RGB")
            side = min(image.size)
            x, y = (image.width - side) // 2, (image.height - side) // 2
            box = (x, y, x + side, y + side)
            image = image.resize((size, size), Image.Resampling.BILINEAR, box=box)
        sys.stdout.buffer.write(image.tobytes())


main(sys.argv[1:])
