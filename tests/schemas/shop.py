"""A second schema, two levels deep and more: nothing in the project may know only its own tables.

Customers with addresses and phones, products keyed by text with categories, orders with lines and coupons: every shape of
embed, embeds in both shapes of embed, NULL and missing parents, every kind of column.
"""

from cdc_consumer.readmodel.declare import Document, Link, Many, One
from cdc_consumer.readmodel.kinds import Kind

DDL = """
CREATE TYPE order_status AS ENUM ('open', 'paid', 'sent');
CREATE TABLE addresses (id bigint PRIMARY KEY, street text NOT NULL, city text NOT NULL, zip text);
CREATE TABLE customers (
    id bigint PRIMARY KEY, name text NOT NULL, vip boolean NOT NULL, address_id bigint REFERENCES addresses,
    joined_at timestamptz(3) NOT NULL
);
CREATE TABLE phones (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers ON DELETE CASCADE, number text NOT NULL);
CREATE INDEX ON phones (customer_id);
CREATE TABLE products (sku text PRIMARY KEY, name text NOT NULL, weight numeric, attributes jsonb, picture bytea);
CREATE TABLE categories (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE product_categories (
    product_sku text REFERENCES products ON DELETE CASCADE, category_id bigint REFERENCES categories, PRIMARY KEY (product_sku, category_id)
);
CREATE TABLE orders (
    id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, reference uuid NOT NULL, status order_status NOT NULL,
    placed_at timestamptz(3) NOT NULL, ships_on date, picked_at time, lead_time interval, total numeric(12,2) NOT NULL,
    rating double precision, labels text[] NOT NULL
);
CREATE TABLE lines (
    id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, product_sku text,
    quantity integer NOT NULL, price numeric(12,2) NOT NULL
);
CREATE INDEX ON lines (order_id);
CREATE TABLE coupons (id bigint PRIMARY KEY, code text NOT NULL, discount numeric(5,2) NOT NULL);
CREATE TABLE order_coupons (order_id bigint REFERENCES orders ON DELETE CASCADE, coupon_id bigint, PRIMARY KEY (order_id, coupon_id));
"""

TABLES = {
    "addresses": ("id",),
    "customers": ("id",),
    "phones": ("id",),
    "products": ("sku",),
    "categories": ("id",),
    "product_categories": ("product_sku", "category_id"),
    "orders": ("id",),
    "lines": ("id",),
    "coupons": ("id",),
    "order_coupons": ("order_id", "coupon_id"),
}
"""Each table's key columns, parents before children."""

DATA = """
INSERT INTO addresses SELECT n, 'Lane ' || n, (ARRAY['Oslo', 'Łódź', 'San José'])[1 + n % 3],
  CASE WHEN n % 4 > 0 THEN lpad(n::text, 5, '0') END
  FROM generate_series(1, 7) n;
INSERT INTO customers SELECT n, 'Customer ' || n, n % 2 = 0, CASE WHEN n % 5 > 0 THEN 1 + n % 7 END,
  timestamptz '2024-03-01 10:00:00.123+00' + n * interval '1 hour 1 millisecond' FROM generate_series(1, 12) n;
INSERT INTO phones SELECT n, 1 + n % 9, '+47 ' || n FROM generate_series(1, 20) n;
INSERT INTO products SELECT code || n, initcap(code) || ' "' || n || '"', CASE WHEN n % 3 > 0 THEN n * 1.250 END,
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{"a": [1, 2.5, null, true], "b": {"c": "é"}}' WHEN 2 THEN '"text"' ELSE 'null' END::jsonb,
  CASE WHEN n % 2 = 0 THEN decode(repeat('00ff7f', n), 'hex') END
  FROM generate_series(1, 10) n, unnest(ARRAY['a', 'B', 'é', '_']) code;
INSERT INTO categories SELECT n, 'Category ' || n FROM generate_series(1, 6) n;
INSERT INTO product_categories SELECT sku, n FROM products, generate_series(1, 6) n WHERE (length(name) + ascii(sku) + n) % 3 = 0;
INSERT INTO orders SELECT n, CASE WHEN n % 6 > 0 THEN 1 + n % 12 END, md5(n::text)::uuid,
  (ARRAY['open', 'paid', 'sent'])[1 + n % 3]::order_status,
  timestamptz '2024-05-01 00:00:00+02' + n * interval '7 minutes 1 millisecond', CASE WHEN n % 2 = 0 THEN date '2024-05-01' + n END,
  CASE WHEN n % 3 = 0 THEN time '09:30' + n * interval '61.5 seconds' END,
  CASE WHEN n % 4 = 0 THEN n * interval '1 month 2 days 03:04:05.6' WHEN n % 4 = 1 THEN interval '0' END,
  n * 10.10, CASE WHEN n % 5 > 0 THEN n / 7.0 ELSE 3 END, CASE WHEN n % 2 = 0 THEN ARRAY['new', 'x ' || n] ELSE '{}' END
  FROM generate_series(1, 40) n;
INSERT INTO lines SELECT n, 1 + n % 37,
  CASE WHEN n % 11 = 0 THEN NULL WHEN n % 13 = 0 THEN 'gone' ELSE (ARRAY['a', 'B', 'é', '_'])[1 + n % 4] || 1 + n % 10 END,
  n % 7, n * 1.5 FROM generate_series(1, 150) n;
INSERT INTO coupons SELECT n, 'SAVE' || n, n * 0.5 FROM generate_series(1, 5) n;
INSERT INTO order_coupons SELECT n, c FROM generate_series(1, 40) n, generate_series(1, 9) c WHERE (n * c) % 7 = 1;
"""
"""Rows with every oddity: no customer, no address, a line whose product is gone, a coupon that is not there (6 to 9)."""

PRODUCT_FIELDS = {"name": Kind.RAW, "weight": Kind.DECIMAL, "attributes": Kind.JSON, "picture": Kind.BYTES}
CATEGORIES = Many(
    "categories", through=Link(table="product_categories", parent="product_sku", child="category_id"), fields={"name": Kind.RAW}
)
CUSTOMER = One(
    "customers",
    key="customer_id",
    fields={"name": Kind.RAW, "vip": Kind.RAW, "joined_at": Kind.TIMESTAMP_MS},
    embeds={
        "address": One("addresses", key="address_id", fields={"street": Kind.RAW, "city": Kind.RAW, "zip": Kind.RAW}),
        "phones": Many("phones", foreign="customer_id", fields={"number": Kind.RAW}),
    },
)

PRODUCTS = Document("products_read", root="products", id="sku", fields=PRODUCT_FIELDS, embeds={"categories": CATEGORIES}, schema_version=3)

ORDERS = Document(
    "orders_read",
    root="orders",
    fields={
        "reference": Kind.UUID,
        "status": Kind.RAW,
        "placed_at": Kind.TIMESTAMP_MS,
        "ships_on": Kind.TEXT_TIME,
        "picked_at": Kind.TEXT_TIME,
        "lead_time": Kind.TEXT_TIME,
        "total": Kind.DECIMAL,
        "rating": Kind.RAW,
        "labels": Kind.RAW,
    },
    embeds={
        "customer": CUSTOMER,
        "lines": Many(
            "lines",
            foreign="order_id",
            fields={"quantity": Kind.RAW, "price": Kind.DECIMAL},
            embeds={"product": One("products", key="product_sku", id="sku", fields=PRODUCT_FIELDS, embeds={"categories": CATEGORIES})},
        ),
        "coupons": Many(
            "coupons",
            through=Link(table="order_coupons", parent="order_id", child="coupon_id"),
            fields={"code": Kind.RAW, "discount": Kind.DECIMAL},
        ),
    },
)

DOCUMENTS = (PRODUCTS, ORDERS)
