"""Writes the documents into MongoDB as the worker would, from the rows, by plain Python."""

import datetime as dt
import json
from collections import defaultdict

from bson import ObjectId
from psycopg.rows import dict_row
from psycopg.types.string import TextLoader

from cdc_consumer.readmodel.codec import CODEC


def rows(connection, table):
    with connection.cursor(row_factory=dict_row) as cursor:
        # The whole value of a JSON column may be null, which is not SQL's NULL; and intervals have months.
        for name in ("jsonb", "interval"):
            cursor.adapters.register_loader(name, TextLoader)
        return cursor.execute(f"SELECT * FROM {table}").fetchall()


def grouped(found, column):
    groups = defaultdict(list)
    for row in found:
        groups[row[column]].append(row)
    return groups


def pick(row, *names):
    return {name: row[name] for name in names}


def market(connection):
    users = {user["id"]: user for user in rows(connection, "users")}
    tags = {tag["id"]: tag for tag in rows(connection, "tags")}
    links = grouped(rows(connection, "item_tags"), "item_id")
    yield "users_read", [{"_id": key, **pick(user, "name", "email", "created_at", "updated_at")} for key, user in users.items()], 1
    items = []
    for row in rows(connection, "items"):
        owner = pick(users[row["owner_id"]], "id", "name", "email")
        linked = [pick(tags[key], "id", "name") for key in sorted(link["tag_id"] for link in links[row["id"]])]
        fields = pick(row, "title", "description", "price", "status", "created_at", "updated_at")
        items.append({"_id": row["id"], **fields, "owner": owner, "tags": linked})
    yield "items_read", items, 1


def shop(connection):
    categories = {row["id"]: row for row in rows(connection, "categories")}
    links = grouped(rows(connection, "product_categories"), "product_sku")
    products = {}
    for row in rows(connection, "products"):
        attributes = None if row["attributes"] is None else json.loads(row["attributes"])
        linked = [categories[key] for key in sorted(link["category_id"] for link in links[row["sku"]])]
        products[row["sku"]] = pick(row, "name", "weight", "picture") | {"attributes": attributes, "categories": linked}
    yield "products_read", [{"_id": sku, **product} for sku, product in products.items()], 3

    addresses = {row["id"]: row for row in rows(connection, "addresses")}
    phones = grouped(rows(connection, "phones"), "customer_id")
    customers = {
        row["id"]: pick(row, "id", "name", "vip", "joined_at")
        | {
            "address": addresses.get(row["address_id"]),
            "phones": sorted((pick(phone, "id", "number") for phone in phones[row["id"]]), key=lambda phone: phone["id"]),
        }
        for row in rows(connection, "customers")
    }
    lines = grouped(sorted(rows(connection, "lines"), key=lambda line: line["id"]), "order_id")
    coupons = {row["id"]: row for row in rows(connection, "coupons")}
    used = grouped(rows(connection, "order_coupons"), "order_id")
    orders = []
    for row in rows(connection, "orders"):
        order = {"_id": row["id"], **pick(row, "reference", "status", "placed_at", "total", "rating", "labels")}
        order |= {"ships_on": _date(row["ships_on"]), "picked_at": _time(row["picked_at"]), "lead_time": None}
        order["customer"] = customers.get(row["customer_id"])
        order["lines"] = [
            pick(line, "id", "quantity", "price")
            | {"product": line["product_sku"] and {"id": line["product_sku"], **products.get(line["product_sku"], {})}}
            for line in lines[row["id"]]
        ]
        order["coupons"] = [coupons.get(key, {"id": key}) for key in sorted(use["coupon_id"] for use in used[row["id"]])]
        orders.append(order)
    # As Debezium writes them: every unit, whether zero or not.
    spelled = """
        SELECT id, format('P0Y%sM%sDT%sH%sM%sS', extract(month FROM t) + 12 * extract(year FROM t), extract(day FROM t),
                          extract(hour FROM t), extract(minute FROM t), extract(second FROM t))
        FROM (SELECT id, lead_time AS t FROM orders) o WHERE t IS NOT NULL
    """
    lead_times = dict(connection.execute(spelled).fetchall())
    yield "orders_read", [order | {"lead_time": lead_times.get(order["_id"])} for order in orders], 1


def fill(connection, db, build):
    """Write what `build` (market, shop) makes of the rows; and a tombstone, which counts for nothing."""
    for name, documents, version in build(connection):
        collection = db.get_collection(name, codec_options=CODEC)
        collection.delete_many({})
        collection.insert_many([document | {"schema_version": version, "_rev": ObjectId()} for document in documents])
        stone = "zzz" if isinstance(documents[0]["_id"], str) else 999_999
        collection.insert_one({"_id": stone, "_deleted": True, "_rev": ObjectId(), "_purge_at": dt.datetime.now(dt.UTC)})


def _date(value):
    return None if value is None else f"{value.isoformat()}Z"


def _time(value):
    return None if value is None else f"{value.isoformat()}Z"
