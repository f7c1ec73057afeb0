//! A visitor looks around: product pages and searches.

use model::SpanKind;

use crate::demo::shop::calls::{Reply, Route, exception, http, inside, rpc};
use crate::demo::shop::data::{Statement, postgres, redis};
use crate::demo::shop::exceptions;
use crate::demo::shop::recorder::{Here, Recorder};
use crate::demo::shop::services::Service;

const PRODUCT_BY_ID: Statement = Statement {
    database: "catalog",
    operation: "SELECT",
    table: "products",
    text: "SELECT id, title, description, images FROM products WHERE id = $1",
    median_micros: 1_400.0,
};
const FULL_TEXT: Statement = Statement {
    database: "catalog",
    operation: "SELECT",
    table: "products",
    text: "SELECT id, title, ts_rank(document, q) AS rank FROM products, websearch_to_tsquery($1) q WHERE document @@ q ORDER BY rank DESC LIMIT 48",
    median_micros: 11_000.0,
};
const PURCHASES: Statement = Statement {
    database: "recommendation",
    operation: "SELECT",
    table: "purchases_together",
    text: "SELECT other_id, weight FROM purchases_together WHERE product_id = $1 ORDER BY weight DESC LIMIT 12",
    median_micros: 2_600.0,
};

const QUERIES: [&str; 8] =
    ["green tea", "kávédaráló", "茶碗", "чайник", "mug 🍵", "gift under 20", "Gewürztee", "yerba mate"];

/// The longest name in the shop, as generated code likes them.
const RANKING: &str = "shop.catalog.search.ranking.PersonalisedRankingStrategyWithSeasonalBoostAndDiversity.rankAndDeduplicateCandidates(SearchContext, CandidateSet, RankingProfile)";

/// A product page: the product, its price, and what else people buy, asked for at the same time.
pub(crate) fn product_page(r: &mut Recorder<'_>) {
    let product = product(r);
    let page = visit(r, "/products/{id}", &format!("/products/{product}"));
    let path = format!("/api/products/{product}");
    let route = Route { method: "GET", route: "/api/products/{id}", path: &path };
    http(r, page, Service::Gateway, route, |r, gateway| {
        let mut reply = Reply::Ok;
        let catalog = r.aside(|r| {
            reply = rpc(r, gateway, Service::Catalog, "shop.catalog.v1.Catalog/GetProduct", |r, here| {
                r.set(here, "app.product.id", product.as_str());
                product_from_store(r, here, &product)
            });
        });
        let prices = r.aside(|r| {
            price(r, gateway, &product);
        });
        let similar = r.aside(|r| recommendations(r, gateway, &product));
        for answer in [catalog, prices, similar] {
            r.wait_until(answer);
        }
        inside(r, gateway, "render product", |r, _| r.work(1_300.0));
        reply
    });
    finish_visit(r, page);
}

/// A search by words, in several scripts.
pub(crate) fn search(r: &mut Recorder<'_>) {
    let query = r.random.pick(&QUERIES);
    let page = visit(r, "/search", &format!("/search?q={query}"));
    let path = format!("/api/search?q={query}");
    let route = Route { method: "GET", route: "/api/search", path: &path };
    http(r, page, Service::Gateway, route, |r, gateway| {
        rpc(r, gateway, Service::Catalog, "shop.catalog.v1.Search/Query", |r, here| {
            r.set(here, "app.search.query", query);
            let slowness = r.weather.catalog_slowness();
            postgres(r, here, FULL_TEXT, slowness);
            inside(r, here, RANKING, |r, ranking| {
                r.set(ranking, "app.search.candidates", 48);
                r.work_with(4_800.0, 0.8);
            });
            Reply::Ok
        })
    });
    finish_visit(r, page);
}

/// Begins a page view in a browser.
pub(super) fn visit(r: &mut Recorder<'_>, route: &str, path: &str) -> Here {
    let page = r.root(Service::Storefront, SpanKind::Internal, format!("navigate {route}"));
    let visitor = r.random.below(1 << 48);
    let session = r.random.next();
    r.set(page, "url.path", path);
    r.set(page, "user.id", format!("u-{visitor:012x}"));
    r.set(page, "session.id", format!("{session:016x}"));
    r.set(page, "app.experiment", experiment_of(visitor));
    r.work(2_500.0);
    page
}

/// The browser draws the answer.
pub(super) fn finish_visit(r: &mut Recorder<'_>, page: Here) {
    inside(r, page, "render", |r, _| r.work(12_000.0));
    r.end(page);
}

/// The id of some product; a few are asked for much more often.
pub(super) fn product(r: &mut Recorder<'_>) -> String {
    const KINDS: [&str; 4] = ["TEA", "MUG", "POT", "JAR"];
    let popular = r.random.around(40.0, 1.2).min(999.0) as u64;
    format!("{}-{popular:04}", r.random.pick(&KINDS))
}

/// Asks `pricing` for one price, which asks `currency` when the visitor pays in another one.
pub(super) fn price(r: &mut Recorder<'_>, from: Here, product: &str) -> Reply {
    let path = format!("/prices/{product}");
    let route = Route { method: "GET", route: "/prices/{id}", path: &path };
    http(r, from, Service::Pricing, route, |r, here| {
        redis(r, here, "GET", &format!("price:{product}"));
        r.work(1_600.0);
        if r.random.chance(0.4) {
            exception(r, here, exceptions::PRICE_IS_NULL);
            return Reply::Internal;
        }
        if r.random.chance(45.0) {
            rpc(r, here, Service::Currency, "shop.currency.v1.Currency/Convert", |r, here| {
                r.set(here, "app.currency", "HUF");
                r.set(here, "app.rate", 0.002_47);
                r.work(240.0);
                Reply::Ok
            });
        }
        Reply::Ok
    })
}

fn experiment_of(visitor: u64) -> &'static str {
    if visitor.is_multiple_of(2) { "one-page-checkout" } else { "control" }
}

fn product_from_store(r: &mut Recorder<'_>, here: Here, product: &str) -> Reply {
    redis(r, here, "GET", &format!("product:{product}"));
    let cached = r.random.chance(70.0);
    r.set(here, "app.cache.hit", cached);
    if !cached {
        let slowness = r.weather.catalog_slowness();
        postgres(r, here, PRODUCT_BY_ID, slowness);
        redis(r, here, "SET", &format!("product:{product}"));
    }
    Reply::Ok
}

/// A page works without recommendations, so their failure stays inside.
fn recommendations(r: &mut Recorder<'_>, gateway: Here, product: &str) {
    rpc(r, gateway, Service::Recommendation, "shop.recommendation.v1.Recommendation/ListSimilar", |r, here| {
        r.set(here, "app.product.id", product);
        postgres(r, here, PURCHASES, 1.0);
        let failing = r.weather.recommendations_failing_percent();
        if r.random.chance(failing) {
            r.work(700.0);
            exception(r, here, exceptions::MODEL_HAS_WRONG_SHAPE);
            return Reply::Internal;
        }
        inside(r, here, "score candidates", |r, scoring| {
            r.set(scoring, "app.model", "als-2026-11");
            r.work_with(6_200.0, 0.6);
        });
        Reply::Ok
    });
}
