"""Documents shown before they are confirmed, unless `CDC_DRAFTS=False`: what a reader sees some milliseconds after a row comes from Kafka.

Mirror, then documents from a newer snapshot: two commits and a dozen commands, of which a reader sees nothing before the last. A draft is
the document as the row that came and what is known of others make it, written in one command. It is no step of the way: the record goes
on as if there were none, is applied, and only then acknowledged. Drafts are tried once, and only while little comes.

Why a draft is never what stays (docs/decisions/0022-drafts.md): the draft of a record takes effect only on a document that no worker has
materialised for that record yet. So one still will, or the document was left out for another row that it shows, and whoever applies that
one will. A document tells: its `_v` is the version of its root row, and a draft replaces only what is older than its record (or what it
has drafted itself of the same row). However late it lands, a document that was confirmed since, or removed, is newer, and the draft
changes nothing.

Why a document does not go back: it carries what it shows that may not be applied yet (`marks`), and a transaction whose snapshot has not
all of that leaves it to whoever applies the rest (`held`). What is never applied is taken back (`back`).

`known` is what is known of the rows beside a document's root, `drafting` makes the writes, `publish` does the writing.
"""
