"""Makes the gallery: its pictures, and README.md with the achieved errors.

    python docs/gallery/make.py [NAME ...]

With names, only those pictures are drawn again and the page stays as it is.
"""

from __future__ import annotations

import sys

import analytical
import electrolyses

DRAWN = (
    analytical.working_curves,
    analytical.following_reaction,
    analytical.profiles,
    analytical.impedance,
    electrolyses.four_hours,
    electrolyses.passivating,
    electrolyses.alternating,
    electrolyses.remedied,
    electrolyses.sixteen_hours,
)


def main(names: list[str]) -> None:
    for draw in DRAWN:
        if not names or draw.__name__ in names:
            print(draw.__name__, flush=True)
            draw()
    if not names:
        from page import write_page

        write_page()


if __name__ == "__main__":
    main(sys.argv[1:])
