//! A page: one value of sled, a piece of a group that proves itself. Not here: what the pieces say together.
//!
//! ```text
//! 0      4        12      16
//! | crc  | group  | index | payload, at most 15,984 bytes |
//! ```
//! Numbers are little-endian; the crc32c covers everything after itself.

/// Bytes of a full page. Three of them fill a slab slot of 49,152 bytes, and small groups waste little.
pub(crate) const PAGE_BYTES: usize = 16_000;

const HEADER_BYTES: usize = 16;

/// Bytes of a group in a full page.
pub(crate) const PAYLOAD_BYTES: usize = PAGE_BYTES - HEADER_BYTES;

/// A page that was read and whose checksum holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<'a> {
    /// The group it belongs to.
    pub(crate) group: u64,
    /// Its place in the group.
    pub(crate) index: u32,
    /// Its piece.
    pub(crate) payload: &'a [u8],
}

/// The pages of a group.
pub(crate) fn cut(group: u64, bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0u32..).zip(bytes.chunks(PAYLOAD_BYTES)).map(move |(index, payload)| {
        let mut page = Vec::with_capacity(HEADER_BYTES + payload.len());
        page.extend_from_slice(&[0; 4]);
        page.extend_from_slice(&group.to_le_bytes());
        page.extend_from_slice(&index.to_le_bytes());
        page.extend_from_slice(payload);
        let crc = crc32c::crc32c(&page[4..]);
        page[..4].copy_from_slice(&crc.to_le_bytes());
        page
    })
}

/// The page in these bytes; `None` when they are damaged.
pub(crate) fn parse(bytes: &[u8]) -> Option<Page<'_>> {
    let (crc, covered) = bytes.split_first_chunk()?;
    let (group, rest) = covered.split_first_chunk()?;
    let (index, payload) = rest.split_first_chunk()?;
    (u32::from_le_bytes(*crc) == crc32c::crc32c(covered)).then(|| Page {
        group: u64::from_le_bytes(*group),
        index: u32::from_le_bytes(*index),
        payload,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_whole_and_no_page_is_too_long() {
        let bytes: Vec<u8> = (0..40_000u32).map(|n| n as u8).collect();
        let pages: Vec<_> = cut(7, &bytes).collect();
        assert!(pages.len() == 3 && pages.iter().all(|page| page.len() <= PAGE_BYTES));
        let parsed: Vec<_> = pages.iter().filter_map(|page| parse(page)).collect();
        assert_eq!(parsed.iter().map(|page| (page.group, page.index)).collect::<Vec<_>>(), [(7, 0), (7, 1), (7, 2)]);
        assert_eq!(parsed.iter().flat_map(|page| page.payload).copied().collect::<Vec<_>>(), bytes);
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed() {
        let page = cut(1, b"some bytes").next().expect("one page");
        for bit in 0..page.len() * 8 {
            let mut flipped = page.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(parse(&flipped), None, "bit {bit}");
        }
        assert_eq!(parse(&page[..12]), None);
    }
}
