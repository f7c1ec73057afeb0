//! A visitor fills and looks at a cart. Some views ask the database once per item.

use super::browse::{finish_visit, price, product, visit};
use crate::demo::shop::calls::{Reply, Route, http, inside, rpc};
use crate::demo::shop::data::{Statement, postgres, redis};
use crate::demo::shop::recorder::{Here, Recorder};
use crate::demo::shop::services::Service;

/// The query that a loop sends once per item; one query for all items would do.
const ITEM_TITLE: Statement = Statement {
    database: "carts",
    operation: "SELECT",
    table: "cart_items",
    text: "SELECT title, weight_grams FROM cart_items WHERE cart_id = $1 AND product_id = $2",
    median_micros: 900.0,
};
const ALL_ITEMS: Statement = Statement {
    database: "carts",
    operation: "SELECT",
    table: "cart_items",
    text: "SELECT product_id, title, weight_grams FROM cart_items WHERE cart_id = $1",
    median_micros: 1_700.0,
};
const SAVE_ITEM: Statement = Statement {
    database: "carts",
    operation: "INSERT",
    table: "cart_items",
    text: "INSERT INTO cart_items (cart_id, product_id, quantity) VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET quantity = EXCLUDED.quantity",
    median_micros: 2_100.0,
};

/// Carts of at least this many items are old ones, which are still read by the loop.
const LOOP_FROM_ITEMS: u64 = 8;

/// "Add to cart".
pub(crate) fn add_item(r: &mut Recorder<'_>) {
    let product = product(r);
    let page = visit(r, "/products/{id}", &format!("/products/{product}"));
    let route = Route { method: "POST", route: "/api/cart/items", path: "/api/cart/items" };
    http(r, page, Service::Gateway, route, |r, gateway| {
        let quantity = 1 + r.random.below(3) as i64;
        rpc(r, gateway, Service::Cart, "shop.cart.v1.Cart/AddItem", |r, here| {
            r.set(here, "app.product.id", product.as_str());
            r.set(here, "app.quantity", quantity);
            rpc(r, here, Service::Inventory, "shop.inventory.v1.Inventory/Peek", |r, here| {
                redis(r, here, "GET", &format!("stock:{product}"));
                Reply::Ok
            });
            postgres(r, here, SAVE_ITEM, 1.0);
            redis(r, here, "HSET", "cart");
            Reply::Ok
        })
    });
    finish_visit(r, page);
}

/// The cart page.
pub(crate) fn view(r: &mut Recorder<'_>) {
    let page = visit(r, "/cart", "/cart");
    let route = Route { method: "GET", route: "/api/cart", path: "/api/cart" };
    http(r, page, Service::Gateway, route, |r, gateway| {
        let items = read_cart(r, gateway);
        let last = (0..items.min(4)).map(|_| {
            let product = product(r);
            r.aside(|r| {
                price(r, gateway, &product);
            })
        });
        if let Some(slowest) = last.max() {
            r.wait_until(slowest);
        }
        Reply::Ok
    });
    finish_visit(r, page);
}

/// Asks `cart` what is in the cart; gives the number of items.
pub(super) fn read_cart(r: &mut Recorder<'_>, from: Here) -> u64 {
    let items = 1 + r.random.around(3.0, 0.9).min(60.0) as u64;
    rpc(r, from, Service::Cart, "shop.cart.v1.Cart/GetCart", |r, here| {
        r.set(here, "app.cart.items", items as i64);
        redis(r, here, "HGETALL", "cart");
        inside(r, here, "CartRepository.load", |r, load| {
            if items < LOOP_FROM_ITEMS {
                postgres(r, load, ALL_ITEMS, 1.0);
            } else {
                for _ in 0..items {
                    postgres(r, load, ITEM_TITLE, 1.0);
                    r.work(60.0);
                }
            }
        });
        Reply::Ok
    });
    items
}
