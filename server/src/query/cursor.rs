//! The text of a cursor: opaque to whoever carries it. Not here: what comes after it, which the store decides.
//!
//! It keeps the range of the first page too: `now-15m` would be another range on each page.

use model::TraceId;
use storage::{Cursor, Order};

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageStart {
    /// Order of the list it belongs to.
    pub order: Order,
    /// The place.
    pub cursor: Cursor,
    /// Range of the first page, unix milliseconds.
    pub from_millis: u64,
    /// First millisecond after it.
    pub to_millis: u64,
}

/// The text that leads to `start`.
pub fn encode(start: &PageStart) -> String {
    let order = match start.order {
        Order::NewestFirst => 'n',
        Order::LongestFirst => 'l',
    };
    let PageStart { cursor, from_millis, to_millis, .. } = start;
    format!("{order}1.{:x}.{}.{:x}.{from_millis:x}.{to_millis:x}", cursor.key, cursor.trace_id, cursor.watermark)
}

/// Reads the text; `None` when we did not write it.
pub fn decode(text: &str) -> Option<PageStart> {
    let mut parts = text.split('.');
    let order = match parts.next()? {
        "n1" => Order::NewestFirst,
        "l1" => Order::LongestFirst,
        _ => return None,
    };
    let key = number(parts.next()?)?;
    let trace_id = TraceId::from_hex(parts.next()?)?;
    let cursor = Cursor { key, trace_id, watermark: number(parts.next()?)? };
    let start = PageStart { order, cursor, from_millis: number(parts.next()?)?, to_millis: number(parts.next()?)? };
    parts.next().is_none().then_some(start)
}

fn number(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_foreign_text_does_not() {
        let trace_id = TraceId::new([7; 16]).expect("not zero");
        let start = PageStart {
            order: Order::LongestFirst,
            cursor: Cursor { key: u64::MAX, trace_id, watermark: 12 },
            from_millis: 0,
            to_millis: 1_700_000_000_000,
        };
        let text = encode(&start);
        assert_eq!(decode(&text), Some(start));
        for bad in ["", "n1", "x1.1.1.1.1.1", "n1.g.1.1.1.1", "n1.1.0.1.1.1", &format!("{text}.1"), &text[..20]] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
