//! Datagrams that the kernel threw away before we read them, as it counts itself. Not here: what we dropped (`datagrams`).

use std::fs;
use std::net::SocketAddr;

/// Since the socket at `address` was bound; `None` where the system does not tell.
pub(crate) fn kernel_drops(address: SocketAddr) -> Option<u64> {
    let table = if address.is_ipv4() { "/proc/net/udp" } else { "/proc/net/udp6" };
    drops_of(&fs::read_to_string(table).ok()?, address)
}

/// Each line begins with a number, the local address as hexadecimal words and the port, and ends with the drops.
fn drops_of(table: &str, address: SocketAddr) -> Option<u64> {
    let local = match address {
        SocketAddr::V4(address) => format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port()),
        SocketAddr::V6(address) => {
            let words = address.ip().octets().into_iter().collect::<Vec<u8>>();
            let words = words.as_chunks::<4>().0.iter().map(|word| format!("{:08X}", u32::from_ne_bytes(*word)));
            format!("{}:{:04X}", words.collect::<String>(), address.port())
        }
    };
    let line = table.lines().find(|line| line.split_whitespace().nth(1) == Some(local.as_str()))?;
    line.split_whitespace().last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_socket_is_found_by_its_address() {
        let own = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let other = std::net::UdpSocket::bind("[::1]:0");
        assert_eq!(kernel_drops(own.local_addr().unwrap()), Some(0));
        // Machines without IPv6 have no such socket.
        if let Ok(other) = other {
            assert_eq!(kernel_drops(other.local_addr().unwrap()), Some(0));
        }
        let line =
            " 1167: 0100007F:1AAF 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 91733 2 000000007 42 \n";
        let found = |port| drops_of(line, SocketAddr::from(([127, 0, 0, 1], port)));
        assert_eq!((found(6831), found(6832)), (Some(42), None));
    }
}
