"""Words that made-up rows are put together from."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "Ada Alan Amara Anna Arjun Barbara Björn Carlos Chidi Chloé Dana Diego Edsger Elena Emil Fatima Farid Grace Greta Hana Hassan "
    "Hedy Ines Ivan Jamal Joan João Karen Kenji Klára Lars Leila Linus Lucía Magnus Mai Margaret Mei Mina Nadia Niklaus Nina Noor "
    "Olga Omar Özlem Paulo Priya Radia Rafael Rosa Samir Sana Sofía Stefan Tariq Tim Tove Uma Viktor Wei Yara Yusuf Zoë"
)
LAST_NAMES = _words(
    "Adeyemi Alvarez Andersen Backus Bauer Berg Botha Chen Codd Costa Dubois Eriksen Fischer Fujita García Gray Haddad Hamilton "
    "Hopper Hansen Horvát Ito Ivanova Jensen Johansson Kaya Keller Khan Kim Kowalski Lamport Laurent Li Lindgren Liskov Lovelace "
    "Mehta Meyer Moreau Müller Nakamura Nguyễn Novák O'Brien Okafor Olsen Park Patel Perlman Petrov Pérez Ramos Ritchie Rossi Santos "
    "Schmidt Silva Singh Stonebraker Suzuki Tanaka Thompson Torvalds Turing Wagner Wang Wirth Yılmaz Zhang Ødegård"  # noqa: RUF001 - some names have no dot
)
DOMAINS = ("example.com", "example.net", "example.org", "mail.example.com", "post.example.net")

ADJECTIVES = _words(
    "antique bright broad carved compact curved dark early faded folding foldable fresh gentle glazed golden handmade heavy hollow "
    "large light limited linen little mended narrow new old painted pale plain polished quiet rare red restored round rustic sharp "
    "signed silver slim small soft solid spare striped sturdy tall tiny used vintage warm wide wooden woven"
)
NOUNS = _words(
    "armchair atlas backpack basket bench bicycle blanket bookcase bottle bowl bracelet bucket cabinet camera carpet chair chest "
    "clock coat compass cup curtain desk drum easel fan flute fountain-pen frame globe guitar hammer hat jacket jug kettle keyboard "
    "kite knife ladder lamp lantern loom map microscope mirror mug notebook oboe paintbrush piano plate pot puzzle quilt radio rug "
    "saddle scarf screwdriver shelf skateboard sofa spoon stool suitcase table teapot telescope tent toolbox toaster trumpet "
    "typewriter umbrella vase violin wallet wardrobe watch wheelbarrow"
)
MATERIALS = _words(
    "ash beech brass bronze canvas ceramic copper cotton glass iron leather linen maple oak paper silk steel stone walnut wool"
)
NOTES = (
    "A few signs of use, otherwise in good order.",
    "Bought by mistake; never used.",
    "Comes with its original box — and the receipt.",
    "From a smoke-free home.",
    "Needs a new screw on the left side.",
    "Pick up in the evening, please.",
    "Restored last year with great care.",
    "Sold because we are moving.",
    "The last one of a set of six ☕",
    "Works as on the first day.",
)
TAGS = _words(
    "antique art baby bargain bathroom books camping children classic collectable cooking craft cycling decoration design diy "
    "electronics fashion fragile furniture games garden gift hobby home instrument jewellery kitchen lighting limited music new "
    "office outdoor pets photography rare reading reserved restored retro sale school season sport storage tools toys travel "
    "used vintage winter workshop"
)
