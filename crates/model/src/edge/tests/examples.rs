//! The rules by example: what a person would draw on a board.

use super::*;

/// One line per span: `id parent kind service [key=value …]`; parent `-` is none. Everything is of trace 1.
fn spans(lines: &str) -> Vec<Span> {
    lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(one).collect()
}

fn one(line: &str) -> Span {
    let mut words = line.split_whitespace();
    let mut word = || words.next().expect("id parent kind service");
    let (id, parent, kind, service) = (word(), word(), word(), word());
    let mut span =
        span(1, id.parse().expect("a number"), parent.parse().ok().and_then(|parent| SpanId::new([parent; 8])));
    span.kind = SpanKind::from_word(kind).expect("a kind");
    span.resource = resource(service);
    for pair in words {
        match pair.split_once('=').expect("key=value") {
            ("link", id) => span.links.push(link(1, id.parse().expect("a number"))),
            ("error", _) => span.status.code = StatusCode::Error,
            (key, value) => span.attributes.set(key, value),
        }
    }
    span
}

/// `client > server calls/errors sides`, one line per edge; sides are the counts on either.
fn drawn(edges: &EdgeCells) -> String {
    let lines = edges.iter().map(|(key, _, cell)| {
        let arrow = match key.connection {
            Connection::Call => ">",
            Connection::Messaging => "~>",
            Connection::Link => "..>",
        };
        let (client, server) = (&key.client, &key.server);
        let (seen, answered) = (cell.client.count(), cell.server.count());
        format!("{} {arrow} {} {}/{} {seen}:{answered}", client.name, server.name, cell.calls, cell.errors)
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// Forwards, backwards and by the plain rules the edges are the same.
fn check(lines: &str, wanted: &str) {
    let mut spans = spans(lines);
    assert_eq!(drawn(&plain::edges(&spans).all()), wanted, "plain");
    assert_eq!(drawn(&matched(&spans, &[], 0)), wanted, "forwards");
    spans.reverse();
    assert_eq!(drawn(&matched(&spans, &[1; 9], 2)), wanted, "backwards");
}

#[test]
fn a_client_and_its_server_are_one_call_seen_from_both_sides() {
    check(
        "1 - server web
         2 1 client web server.address=10.0.0.7
         3 2 server cart error=1",
        "web > cart 1/1 1:1; user > web 1/0 0:1",
    );
}

#[test]
fn work_in_between_does_not_hide_the_caller() {
    check(
        "2 - client web
         3 2 internal web
         4 3 internal cart
         5 4 server cart",
        "web > cart 1/0 1:1",
    );
}

#[test]
fn spans_without_kinds_still_show_who_called_whom() {
    check(
        "1 - internal web
         2 1 internal cart
         3 2 internal cart
         4 3 internal stock",
        "cart > stock 1/0 0:1; web > cart 1/0 0:1",
    );
}

#[test]
fn what_reports_no_spans_is_named_by_its_client() {
    check(
        "1 - client web db.system.name=redis
         2 - client web http.request.method=GET server.address=api
         3 - client web",
        "web > redis 1/0 1:0; web > api 1/0 1:0; web > unknown 1/0 1:0",
    );
}

#[test]
fn an_address_of_the_connection_counts_where_no_other_is_said() {
    let client = |said: &str, address: &str| {
        let mut span = one("1 - client web");
        span.attributes.set("server.address", said);
        span.attributes.set("network.peer.address", address);
        span
    };
    let edges_to = |said: &str| {
        let mut second = client(said, "10.0.0.2");
        second.span_id = SpanId::new([2; 8]).expect("not zero");
        drawn(&matched(&[client(said, "10.0.0.1"), second], &[], 0))
    };
    assert_eq!(edges_to(""), "web > 10.0.0.1 1/0 1:0; web > 10.0.0.2 1/0 1:0");
    assert_eq!(edges_to("api"), "web > api 2/0 2:0");
}

#[test]
fn a_database_that_reports_spans_stands_behind_what_its_client_called() {
    check(
        "1 - client web db.system.name=postgresql
         2 1 server pgbouncer",
        "web > postgresql 1/0 1:0; postgresql > pgbouncer 1/0 0:1",
    );
}

#[test]
fn a_message_goes_by_its_topic() {
    let topic = "messaging.system=kafka messaging.destination.name=orders";
    let through_topic = "web ~> kafka/orders 1/0 1:0; kafka/orders ~> mail 1/0 0:1";
    check(&format!("1 - producer web {topic}\n2 1 consumer mail {topic}"), through_topic);
    check(&format!("1 - producer web {topic}\n2 - consumer mail link=1"), through_topic);
    check(&format!("1 - producer web\n2 1 consumer mail {topic}"), through_topic);
    check("1 - producer web\n2 - consumer mail link=1", "web ~> mail 1/0 1:1");
}

#[test]
fn a_link_is_an_edge_of_its_own_kind() {
    check(
        "1 - internal web
         2 - internal report link=1
         3 - internal web link=1",
        "web ..> report 1/0 0:1",
    );
}

#[test]
fn halves_whose_partner_never_comes_are_marked_by_their_sides() {
    check("1 9 server cart", "unknown > cart 1/0 0:1");
    check("1 9 server cart peer.service=web", "web > cart 1/0 0:1");
    check("1 - client web peer.service=cart", "web > cart 1/0 1:0");
}

#[test]
fn each_server_half_of_a_client_is_a_call() {
    check(
        "1 - client web
         2 1 server cart
         3 1 server cart",
        "web > cart 2/0 2:2",
    );
}

#[test]
fn a_service_that_calls_itself_has_an_edge_to_itself_and_nested_servers_have_none() {
    check("1 - client web\n2 1 server web", "web > web 1/0 1:1");
    check("1 - server web\n2 1 server web", "user > web 1/0 0:1");
}

#[test]
fn of_two_clients_one_in_the_other_one_is_the_call() {
    check("1 - client web\n2 1 client web\n3 2 server cart", "web > cart 1/0 1:1");
    check("1 - client web\n2 1 client web db.system=mysql", "web > mysql 1/0 1:0");
    check("1 - client web db.system=dynamodb\n2 1 client web server.address=aws", "web > dynamodb 1/0 1:0");
}

#[test]
fn a_circle_of_parents_ends() {
    check("1 2 internal web\n2 1 internal web\n3 1 server cart", "web > cart 1/0 0:1");
    check("1 1 server cart", "");
}

#[test]
fn halves_that_share_an_id_are_one_call() {
    for lines in ["1 - client web\n1 - server cart", "1 7 server cart\n1 7 client web"] {
        assert_eq!(drawn(&matched(&spans(lines), &[], 0)), "web > cart 1/0 1:1", "{lines}");
    }
}

#[test]
fn a_half_waits_two_generations_and_no_longer() {
    let (client, server) = (spans("1 - client web server.address=api"), spans("2 1 server cart"));
    let ends = |before: usize| {
        let mut matcher = Matcher::default();
        matcher.add(&batch(&client));
        let mut sum = EdgeCells::default();
        (0..before).for_each(|_| sum.merge(matcher.end_generation()));
        matcher.add(&batch(&server));
        sum.merge(matcher.finish());
        drawn(&sum)
    };
    assert_eq!(ends(GENERATIONS_WAITED), "web > cart 1/0 1:1");
    assert_eq!(ends(GENERATIONS_WAITED + 1), "web > api 1/0 1:0; unknown > cart 1/0 0:1");
}

#[test]
fn a_restart_gives_no_half_more_time() {
    let mut matcher = Matcher::default();
    matcher.add(&batch(&spans("1 - client web server.address=api")));
    for end in 0..=GENERATIONS_WAITED {
        let counted = drawn(&matcher.end_generation());
        assert_eq!(counted, if end == GENERATIONS_WAITED { "web > api 1/0 1:0" } else { "" });
        let mut bytes = Vec::new();
        matcher.encode_halves(&mut bytes);
        matcher = Matcher::decode_halves(&bytes, SPANS_MAX).expect("our own bytes");
    }
}

#[test]
fn the_oldest_half_makes_room_and_is_counted_alone() {
    let mut matcher = Matcher::new(100);
    matcher.add(&batch(&spans("1 - client web server.address=api")));
    for trace in 2..200 {
        matcher.add(&batch(&[span(trace, 1, None)]));
    }
    assert!(matcher.remembered() <= 100);
    assert_eq!(drawn(&matcher.counted()), "web > api 1/0 1:0");
    assert!(matcher.provisional().is_empty());
}

#[test]
fn nodes_beyond_the_limit_are_counted_together_until_they_are_forgotten() {
    let mut matcher = Matcher::default();
    let client = |number: usize| {
        let mut span = one("1 - client web");
        span.trace_id = TraceId::new((number as u128 + 1).to_be_bytes()).expect("from 1");
        span.attributes.set("server.address", format!("host {number}"));
        span
    };
    let many: Vec<Span> = (0..NODES_MAX + 5).map(client).collect();
    matcher.add(&batch(&many));
    let edges = matcher.provisional();
    let calls = |edges: &EdgeCells, name: &str| -> u64 {
        edges.iter().filter(|(key, ..)| &*key.server.name == name).map(|(.., cell)| cell.calls).sum()
    };
    assert_eq!((edges.len(), calls(&edges, Node::OTHER), calls(&edges, "host 7")), (NODES_MAX + 1, 5, 1));
    (0..=GENERATIONS_WAITED).for_each(|_| assert!(!matcher.end_generation().iter().any(|(.., cell)| cell.calls == 0)));
    matcher.add(&batch(&[client(NODES_MAX + 50)]));
    assert_eq!(calls(&matcher.provisional(), &format!("host {}", NODES_MAX + 50)), 1);
}
