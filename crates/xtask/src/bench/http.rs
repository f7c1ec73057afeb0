//! HTTP/1.1 as far as our own server speaks it: one connection, one request at a time, bodies of known length.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer that takes longer than this is none.
const ANSWER_WAIT: Duration = Duration::from_secs(90);
/// A head that is longer than this is not of our server.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const READ_BYTES: usize = 64 * 1024;

pub(crate) struct Connection {
    stream: TcpStream,
    /// Received and not yet used.
    buffer: Vec<u8>,
    /// Where the next piece is read to.
    scratch: Vec<u8>,
}

pub(crate) struct Response {
    pub(crate) status: u16,
    /// Seconds after which to come back.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
}

struct Head {
    status: u16,
    retry_after: Option<u64>,
    body_bytes: usize,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_WAIT))?;
        stream.set_write_timeout(Some(ANSWER_WAIT))?;
        Ok(Self { stream, buffer: Vec::new(), scratch: vec![0; READ_BYTES] })
    }

    /// Sends a whole request and waits for the whole answer.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> io::Result<Response> {
        self.stream.write_all(request)?;
        let (head, begin) = loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break (Head::parse(&self.buffer[..end])?, end + 4);
            }
            if self.buffer.len() > HEAD_BYTES_MAX {
                return Err(invalid("the head of the answer does not end"));
            }
            self.receive()?;
        };
        let end = begin + head.body_bytes;
        while self.buffer.len() < end {
            self.receive()?;
        }
        let body = self.buffer[begin..end].to_vec();
        self.buffer.drain(..end);
        Ok(Response { status: head.status, retry_after: head.retry_after, body })
    }

    fn receive(&mut self) -> io::Result<()> {
        match self.stream.read(&mut self.scratch)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")),
            read => {
                self.buffer.extend_from_slice(&self.scratch[..read]);
                Ok(())
            }
        }
    }
}

impl Head {
    fn parse(head: &[u8]) -> io::Result<Self> {
        let text = std::str::from_utf8(head).map_err(|_utf8| invalid("the head of the answer is no text"))?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let mut head = Self {
            status: status.ok_or_else(|| invalid("the answer has no status"))?,
            retry_after: None,
            body_bytes: 0,
        };
        for line in lines {
            let Some((name, value)) = line.split_once(':') else { continue };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => {
                    head.body_bytes =
                        value.trim().parse().map_err(|_e| invalid("the length of the answer is no number"))?;
                }
                "retry-after" => head.retry_after = value.trim().parse().ok(),
                "transfer-encoding" => {
                    return Err(invalid("the answer comes in pieces, which this client does not read"));
                }
                _ => {}
            }
        }
        Ok(head)
    }
}

/// Asks questions over a connection that it keeps, and opens anew when the server has closed it.
pub(crate) struct Client {
    address: SocketAddr,
    connection: Option<Connection>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    pub(crate) fn get(&mut self, path: &str) -> io::Result<Response> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\naccept: application/json\r\n\r\n", self.address);
        if let Some(connection) = &mut self.connection
            && let Ok(response) = connection.exchange(request.as_bytes())
        {
            return Ok(response);
        }
        let mut connection = Connection::open(self.address)?;
        let response = connection.exchange(request.as_bytes())?;
        self.connection = Some(connection);
        Ok(response)
    }
}

/// Head of a request that carries spans; the body of `bytes` follows it.
pub(crate) fn export_head(address: SocketAddr, bytes: usize, is_gzip: bool) -> String {
    let encoding = if is_gzip { "content-encoding: gzip\r\n" } else { "" };
    format!(
        "POST /v1/traces HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-protobuf\r\n\
         {encoding}content-length: {bytes}\r\n\r\n"
    )
}

/// A value inside a query string.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped += &format!("%{byte:02X}");
        }
    }
    escaped
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Answers each connection with `answers`, one per request, and closes it then.
    fn serve(connections: Vec<Vec<&'static str>>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for answers in connections {
                let (mut stream, _) = listener.accept().unwrap();
                for answer in answers {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        let mut byte = [0];
                        stream.read_exact(&mut byte).unwrap();
                        request.push(byte[0]);
                    }
                    // In two parts: an answer may arrive in any pieces.
                    let (first, second) = answer.split_at(answer.len() / 2);
                    stream.write_all(first.as_bytes()).unwrap();
                    stream.flush().unwrap();
                    stream.write_all(second.as_bytes()).unwrap();
                }
            }
        });
        address
    }

    #[test]
    fn answers_on_one_connection_are_kept_apart() {
        let first = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        let second = "HTTP/1.1 429 Too Many\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n";
        let mut client = Client::new(serve(vec![vec![first, second]]));
        let hello = client.get("/a").unwrap();
        assert_eq!((hello.status, hello.body.as_slice()), (200, b"hello".as_slice()));
        let refused = client.get("/b").unwrap();
        assert_eq!((refused.status, refused.retry_after), (429, Some(3)));
    }

    #[test]
    fn connection_that_the_server_closed_is_opened_anew() {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        let mut client = Client::new(serve(vec![vec![answer], vec![answer]]));
        assert_eq!(client.get("/").unwrap().status, 200);
        assert_eq!(client.get("/").unwrap().status, 200);
    }

    #[test]
    fn value_with_spaces_and_quotes_survives_a_query_string() {
        assert_eq!(escaped(r#"a="b c"/ü"#), "a%3D%22b%20c%22%2F%C3%BC");
    }
}
