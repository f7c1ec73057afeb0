//! What the page says, as the server renders it.

use api::StoreStatus;
use leptos::prelude::*;

use super::address::{Language, SendAddress, System};
use super::guide::Guide;

fn status(doors: &[(&str, Option<&str>)]) -> StoreStatus {
    let door = |(protocol, address): &(&str, Option<&str>)| api::Door {
        protocol: (*protocol).to_owned(),
        address: address.map(str::to_owned),
    };
    StoreStatus {
        version: String::new(),
        spans: 0,
        disk_bytes: 0,
        refuses_writes: None,
        quarantined: Vec::new(),
        doors: doors.iter().map(door).collect(),
    }
}

fn html(status: StoreStatus, address: SendAddress) -> String {
    Owner::new().with(|| {
        crate::live::provide_live();
        view! { <Guide status address=Signal::stored(address) retry=Callback::new(|()| ()) /> }.to_html()
    })
}

#[test]
fn an_empty_store_names_the_real_ports_and_says_how_to_open_a_closed_door() {
    let doors = [("OTLP gRPC", None), ("OTLP HTTP", Some("127.0.0.1:40123"))];
    let html = html(status(&doors), SendAddress::default());
    assert!(html.contains("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:40123"), "{html}");
    assert!(!html.contains("PROTOCOL=grpc") && html.contains("--otlp-grpc"), "{html}");
    assert!(html.contains("tracewell demo --endpoint http://127.0.0.1:40123"), "{html}");
}

#[test]
fn the_chosen_clients_are_marked_and_the_others_are_a_link_away() {
    let doors = [("Jaeger UDP compact", Some("0.0.0.0:6831")), ("Zipkin", Some("127.0.0.1:9411"))];
    let address = SendAddress { system: System::Jaeger, language: Some(Language::Python) };
    let html = html(status(&doors), address);
    assert!(html.contains("\"reporting_host\": \"localhost\", \"reporting_port\": 6831"), "{html}");
    assert!(html.contains("href=\"/send?from=zipkin&amp;in=python\""), "{html}");
    assert!(html.contains("href=\"/send?from=jaeger&amp;in=go\""), "{html}");
}
