//! Pages become a group again, each checked. Not here: where pages come from, and what to do about damage.

use model::SpanBatch;

use crate::group::{self, Header};
use crate::page::{self, PAYLOAD_BYTES};

/// A group that was read whole.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) header: Header,
    /// Pages it took.
    pub(crate) pages: u64,
    pub(crate) batches: Vec<SpanBatch>,
}

/// The group that begins at page `first`. An error is a sentence for people.
pub(crate) fn group_at(
    first: u64,
    mut page_at: impl FnMut(u64) -> Result<Option<Vec<u8>>, String>,
) -> Result<Group, String> {
    let mut read = |number: u64| page_at(number)?.ok_or_else(|| format!("page {number} is missing"));
    let bytes = read(first)?;
    let start = page::parse(&bytes).ok_or_else(|| format!("page {first} has a wrong checksum"))?;
    let header =
        group::decode_header(start.payload).filter(|header| start.index == 0 && header.sequence == start.group);
    let header = header.ok_or_else(|| format!("page {first} begins no group"))?;
    let pages = header.group_bytes().div_ceil(PAYLOAD_BYTES as u64);
    // Not reserved ahead: the header proves itself, and still a length is only believed page by page.
    let mut whole = start.payload.to_vec();
    for index in 1..pages {
        let number = first.saturating_add(index);
        let bytes = read(number)?;
        let next = page::parse(&bytes).ok_or_else(|| format!("page {number} has a wrong checksum"))?;
        if next.group != header.sequence || u64::from(next.index) != index {
            return Err(format!("page {number} belongs to group {}, not to {}", next.group, header.sequence));
        }
        whole.extend_from_slice(next.payload);
    }
    let encoded =
        group::decode(&header, &whole).ok_or_else(|| format!("group {} has a wrong checksum", header.sequence))?;
    let batches = encoded.iter().map(|batch| storage::batch::decode(batch)).collect::<Result<_, _>>();
    let batches = batches.map_err(|error| format!("group {} does not decode: {error}", header.sequence))?;
    Ok(Group { header, pages, batches })
}
