//! One row per convention: what a client writes, and whom we read out of it.

use std::borrow::Cow;

use super::*;
use crate::attribute::{Attributes, Value};
use crate::batch::BatchBuilder;
use crate::span::SpanKind;
use crate::testing::span;

/// `kind name system flow` of the peer of a span with these attributes; numbers become integers.
fn read(kind: SpanKind, pairs: &str) -> String {
    let mut attributes = Attributes::new();
    for pair in pairs.split_whitespace() {
        let (key, value) = pair.split_once('=').expect("tests write key=value");
        match value.parse::<i64>() {
            Ok(number) => attributes.set(key, number),
            Err(_) => attributes.set(key, value),
        }
    }
    read_attributes(kind, attributes)
}

fn read_attributes(kind: SpanKind, attributes: Attributes) -> String {
    let mut builder = BatchBuilder::new();
    let mut span = span(1, 1, None);
    span.kind = kind;
    span.attributes = attributes;
    builder.push(&span);
    let batch = builder.finish().expect("one span");
    match peer(&batch.row(0)) {
        Some(peer) => format!("{} {} [{}] {:?}", peer.kind.word(), peer.name, peer.system, peer.flow),
        None => "none".to_owned(),
    }
}

#[test]
fn each_convention_of_a_client_names_its_peer() {
    let table = [
        // Databases: current, older, OpenTracing.
        (
            "db.system.name=postgresql db.namespace=shop server.address=db server.port=5432",
            "database postgresql/shop@db:5432 [postgresql]",
        ),
        ("db.system=mysql db.name=shop net.peer.name=db net.peer.port=3306", "database mysql/shop@db:3306 [mysql]"),
        ("db.type=sql db.instance=customers peer.address=10.0.0.1:3306", "database sql/customers@10.0.0.1:3306 [sql]"),
        ("db.type=sql db.instance=shop peer.hostname=db peer.port=5432", "database sql/shop@db:5432 [sql]"),
        ("db.system.name=postgresql db.system=other", "database postgresql [postgresql]"),
        ("db.system=other_sql server.address=::1 server.port=5432", "database other_sql@[::1]:5432 [other_sql]"),
        ("db.system=mongodb peer.ipv4=10.0.0.7 peer.port=27017", "database mongodb@10.0.0.7:27017 [mongodb]"),
        // Caches.
        ("db.system.name=redis db.namespace=3 server.address=r", "cache redis/3@r [redis]"),
        ("db.system=redis db.redis.database_index=0 net.peer.name=r", "cache redis/0@r [redis]"),
        ("db.system=memcached", "cache memcached [memcached]"),
        ("db.system.name=valkey server.address=valkey-cart", "cache valkey@valkey-cart [valkey]"),
        // Messaging.
        ("messaging.system=kafka messaging.destination.name=orders", "messaging kafka/orders [kafka]"),
        ("messaging.system=rabbitmq messaging.destination=orders", "messaging rabbitmq/orders [rabbitmq]"),
        ("message_bus.destination=orders", "messaging orders []"),
        (
            "messaging.system=nats messaging.destination.template=o.{id} messaging.destination.name=o.17",
            "messaging nats/o.{id} [nats]",
        ),
        (
            "messaging.system=rabbitmq messaging.destination.name=amq.gen-7 messaging.destination.temporary=true",
            "messaging rabbitmq/(temporary) [rabbitmq]",
        ),
        ("messaging.system=kafka", "messaging kafka [kafka]"),
        // Clouds.
        ("aws.s3.bucket=pictures rpc.system=aws-api", "cloud aws.s3/pictures [aws.s3]"),
        ("az.namespace=Microsoft.KeyVault", "cloud azure/Microsoft.KeyVault [azure]"),
        ("cloud.platform=gcp_bigquery cloud.resource_id=d/t", "cloud gcp_bigquery/d/t [gcp_bigquery]"),
        // Models and functions.
        ("gen_ai.provider.name=openai gen_ai.request.model=gpt-4", "gen_ai openai/gpt-4 [openai]"),
        ("gen_ai.system=openai gen_ai.request.model=gpt-4", "gen_ai openai/gpt-4 [openai]"),
        ("faas.invoked_name=resize faas.invoked_provider=aws", "function resize [aws]"),
        // Services by name.
        ("service.peer.name=cart server.address=10.0.0.1 rpc.system=grpc", "service cart [grpc]"),
        ("peer.service=cart http.url=http://cart:80/", "service cart [http]"),
        // Remote procedure calls.
        ("rpc.system.name=grpc server.address=cart server.port=7070", "rpc cart:7070 [grpc]"),
        ("rpc.system=grpc net.peer.name=cart net.peer.port=7070", "rpc cart:7070 [grpc]"),
        ("rpc.system=grpc rpc.service=shop.Cart", "rpc shop.Cart [grpc]"),
        ("rpc.system.name=grpc rpc.method=shop.Cart/AddItem", "rpc shop.Cart [grpc]"),
        // Hosts.
        (
            "http.request.method=GET server.address=api.example.com server.port=443",
            "external api.example.com:443 [http]",
        ),
        ("url.full=https://user:secret@api.example.com:8443/a?b", "external api.example.com:8443 [http]"),
        ("http.method=GET http.host=api:8080 net.peer.port=9", "external api:8080 [http]"),
        ("http.url=http://api.example.com/x", "external api.example.com [http]"),
        ("net.peer.ip=10.0.0.9 net.peer.port=80", "external 10.0.0.9:80 []"),
        ("peer.ipv6=fe80::1 peer.port=80", "external [fe80::1]:80 []"),
        ("network.peer.address=10.0.0.9 network.peer.port=49152", "external 10.0.0.9 []"),
        ("net.sock.peer.addr=10.0.0.9", "external 10.0.0.9 []"),
    ];
    for (pairs, wanted) in table {
        assert_eq!(read(SpanKind::Client, pairs), format!("{wanted} ToPeer"), "{pairs}");
    }
}

#[test]
fn order_of_attributes_does_not_choose_the_convention() {
    let wanted = read(SpanKind::Client, "db.system.name=postgresql db.system=x db.namespace=a db.name=b");
    assert_eq!(wanted, "database postgresql/a [postgresql] ToPeer");
    assert_eq!(read(SpanKind::Client, "db.name=b db.namespace=a db.system=x db.system.name=postgresql"), wanted);
}

#[test]
fn a_message_flows_where_its_span_says() {
    let queue = "messaging.system=kafka messaging.destination.name=orders";
    let flow = |kind, action: &str| read(kind, &format!("{queue} {action}"));
    assert_eq!(flow(SpanKind::Producer, ""), "messaging kafka/orders [kafka] ToPeer");
    assert_eq!(flow(SpanKind::Consumer, ""), "messaging kafka/orders [kafka] FromPeer");
    assert_eq!(flow(SpanKind::Client, "messaging.operation.type=send"), "messaging kafka/orders [kafka] ToPeer");
    assert_eq!(flow(SpanKind::Client, "messaging.operation.type=receive"), "messaging kafka/orders [kafka] FromPeer");
    assert_eq!(flow(SpanKind::Consumer, "messaging.operation=process"), "messaging kafka/orders [kafka] FromPeer");
    assert_eq!(flow(SpanKind::Client, "messaging.operation.type=settle"), "messaging kafka/orders [kafka] Settles");
}

#[test]
fn a_server_is_not_its_own_peer() {
    let own = "server.address=me server.port=80 net.peer.ip=10.0.0.1 http.request.method=GET db.system=redis";
    assert_eq!(read(SpanKind::Server, own), "none");
    assert_eq!(read(SpanKind::Server, "peer.service=web"), "service web [] FromPeer");
    assert_eq!(read(SpanKind::Consumer, "server.address=me"), "none");
    assert_eq!(read(SpanKind::Internal, "db.system=redis peer.service=x"), "none");
}

#[test]
fn values_of_odd_types_name_nothing_and_break_nothing() {
    let mut attributes = Attributes::new();
    attributes.set("db.system", 1.5);
    attributes.set("server.address", Value::Bytes(vec![1]));
    attributes.set("peer.service", "");
    assert_eq!(read_attributes(SpanKind::Client, attributes), "none");
    let mut attributes = Attributes::new();
    attributes.set("aws.dynamodb.table_names", Value::Array(vec!["orders".into(), "carts".into()]));
    assert_eq!(read_attributes(SpanKind::Client, attributes), "cloud aws.dynamodb/orders [aws.dynamodb] ToPeer");
    for url in ["https://", "no url", "http:///path", "http://@/"] {
        assert_eq!(read(SpanKind::Client, &format!("url.full={}", url.replace(' ', "_"))), "none", "{url}");
    }
}

#[test]
fn a_name_that_stands_in_the_span_is_borrowed() {
    let mut builder = BatchBuilder::new();
    let mut span = span(1, 1, None);
    span.kind = SpanKind::Client;
    span.attributes.set("peer.service", "cart");
    builder.push(&span);
    let batch = builder.finish().expect("one span");
    assert!(matches!(peer(&batch.row(0)), Some(Peer { name: Cow::Borrowed("cart"), .. })));
}
