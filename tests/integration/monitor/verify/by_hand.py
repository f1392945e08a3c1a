"""The documents written by hand in SQL, set by set: what the generated statements must agree with.

Values are written as `monitor.verify.oracle` documents them; lists are in ascending order of id here.
"""

MARKET = {
    "users_read": """
        SELECT id, jsonb_build_object('name', name, 'email', email, 'created_at', created_at, 'updated_at', updated_at) FROM users
    """,
    "items_read": """
        WITH tagged AS (
            SELECT item_id, jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) ORDER BY t.id) AS tags
            FROM item_tags JOIN tags t ON t.id = tag_id GROUP BY item_id
        )
        SELECT i.id, jsonb_build_object(
            'title', title, 'description', description, 'price', price::text, 'status', status, 'created_at', i.created_at,
            'updated_at', i.updated_at, 'owner', jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email),
            'tags', coalesce(tags, '[]')
        )
        FROM items i JOIN users u ON u.id = i.owner_id LEFT JOIN tagged ON item_id = i.id
    """,
}

_PRODUCT = """
    WITH categorised AS (
        SELECT product_sku, jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name) ORDER BY c.id) AS categories
        FROM product_categories JOIN categories c ON c.id = category_id GROUP BY product_sku
    ), product AS (
        SELECT sku, jsonb_build_object(
            'name', name, 'weight', weight::text, 'attributes', attributes::text, 'picture', encode(picture, 'hex'),
            'categories', coalesce(categories, '[]')
        ) AS body FROM products LEFT JOIN categorised ON product_sku = sku
    )
"""

SHOP = {
    "products_read": _PRODUCT + "SELECT sku, body FROM product",
    "orders_read": _PRODUCT
    + """
    , line AS (
        SELECT order_id, jsonb_agg(jsonb_build_object(
            'id', l.id, 'quantity', quantity, 'price', price::text,
            'product', CASE WHEN product_sku IS NULL THEN NULL ELSE jsonb_build_object('id', product_sku) || coalesce(body, '{}') END
        ) ORDER BY l.id) AS lines
        FROM lines l LEFT JOIN product ON sku = product_sku GROUP BY order_id
    ), reduced AS (
        SELECT order_id, jsonb_agg(
            jsonb_build_object('id', coupon_id)
            || CASE WHEN c.id IS NULL THEN '{}' ELSE jsonb_build_object('code', code, 'discount', discount::text) END
            ORDER BY coupon_id) AS coupons
        FROM order_coupons LEFT JOIN coupons c ON c.id = coupon_id GROUP BY order_id
    ), phoned AS (
        SELECT customer_id, jsonb_agg(jsonb_build_object('id', id, 'number', number) ORDER BY id) AS phones FROM phones GROUP BY customer_id
    ), customer AS (
        SELECT c.id, jsonb_build_object(
            'id', c.id, 'name', c.name, 'vip', vip, 'joined_at', joined_at, 'phones', coalesce(phones, '[]'),
            'address', CASE WHEN a.id IS NOT NULL THEN jsonb_build_object('id', a.id, 'street', street, 'city', city, 'zip', zip) END
        ) AS body
        FROM customers c LEFT JOIN addresses a ON a.id = address_id LEFT JOIN phoned ON phoned.customer_id = c.id
    )
    SELECT o.id, jsonb_build_object(
        'reference', reference, 'status', status, 'placed_at', placed_at, 'ships_on', ships_on, 'picked_at', picked_at,
        'lead_time', lead_time, 'total', total::text, 'rating', rating, 'labels', labels,
        'customer', customer.body, 'lines', coalesce(lines, '[]'), 'coupons', coalesce(coupons, '[]')
    )
    FROM orders o LEFT JOIN customer ON customer.id = o.customer_id LEFT JOIN line ON line.order_id = o.id
    LEFT JOIN reduced ON reduced.order_id = o.id
    """,
}
