//! Claims about sending, against a listener that answers as it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use model::testing::span;

use super::*;

/// Takes one request per answer and gives their bodies. Ends after the last answer.
fn answering(answers: &'static [&'static str]) -> (Sender, JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    let told = std::thread::spawn(move || {
        let answer = |answer: &&str| {
            let (mut stream, _) = listener.accept().expect("the sender connects");
            let body = body_of(&stream);
            let head = format!("HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).expect("the sender reads");
            body
        };
        answers.iter().map(answer).collect()
    });
    (Sender::new(&format!("http://{address}")).expect("a plain address"), told)
}

fn body_of(stream: &TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a head is text");
        match line.trim().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", text)) => length = text.parse().expect("a length is a number"),
            Some(_) => {}
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body is as long as it says");
    body
}

async fn tally_after(answers: &'static [&'static str]) -> (Tally, Vec<Vec<u8>>) {
    let (mut sender, told) = answering(answers);
    sender.send(vec![span(1, 1, None), span(1, 2, None)]).await.expect("somebody listens");
    (sender.tally(), told.join().expect("the listener answered everything"))
}

#[tokio::test]
async fn a_busy_server_gets_the_same_request_again_when_it_says() {
    let (tally, bodies) =
        tally_after(&["429 Too Many Requests\r\nretry-after: 0", "503 Busy\r\nretry-after: 0", "200 OK"]).await;
    assert_eq!(tally, Tally { accepted: 2, refused: 0, retries: 2 });
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "the body is the same each time");
}

#[tokio::test]
async fn a_request_that_is_refused_for_good_is_counted_and_not_repeated() {
    let (tally, bodies) = tally_after(&["413 Too Large"]).await;
    assert_eq!(tally, Tally { accepted: 0, refused: 2, retries: 0 });
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn what_arrives_is_the_request_in_gzip() {
    let (_, bodies) = tally_after(&["200 OK"]).await;
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bodies[0].as_slice()).read_to_end(&mut plain).expect("the body is gzip");
    assert_eq!(plain, wire::otlp::encode::request_proto(&[span(1, 1, None), span(1, 2, None)]));
}

#[test]
fn the_count_of_rejected_spans_is_read_from_the_answer() {
    for rejected in [1, 127, 128, 300, u64::from(u32::MAX)] {
        let answer = wire::otlp::encode::response_proto(Some((rejected, "their ids are zero")));
        assert_eq!(rejected_spans(&answer), Some(rejected));
    }
    assert_eq!(rejected_spans(&wire::otlp::encode::response_proto(None)), None);
    assert_eq!(rejected_spans(&[0x0a, 0xff]), None);
    assert_eq!(rejected_spans(&[0x0a, 2, 0x08]), None);
}
