"""What the worker of a benchmark builds: the project's documents, in collections without the indexes of the API's queries.

A sink connector makes no indexes either. `cdc_consumer.readmodel.documents:FOR_CLIENTS` are the same documents with them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.documents import ITEMS, USERS

PLAIN: Final[tuple[Document, ...]] = (replace(USERS, collection="users_joined"), replace(ITEMS, collection="items_joined"))
