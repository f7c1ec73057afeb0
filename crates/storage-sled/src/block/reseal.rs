//! Makes the checksums of changed bytes right again, so that tests and fuzz targets get past them. Not built into any product.

use super::directory::Directory;
use super::header::{HEADER_BYTES, Header};

/// Where the header keeps the checksum of the directory, and its own.
const DIRECTORY_CRC_AT: usize = 32;
const HEADER_CRC_AT: usize = HEADER_BYTES - 4;

/// Sets every checksum that can be found.
pub fn reseal(block: &mut [u8]) {
    seal_header(block);
    let Ok(header) = Header::decode(&block[..HEADER_BYTES.min(block.len())]) else { return };
    let start = HEADER_BYTES + header.directory_bytes as usize;
    let Some(directory) = block.get(HEADER_BYTES..start) else { return };
    if let Ok(directory) = Directory::take(directory, header.chunks, start as u64, header.length) {
        for (place, chunk) in directory.chunks().iter().enumerate() {
            let at = HEADER_BYTES + 4 * place;
            let range = chunk.offset as usize..chunk.offset as usize + chunk.length as usize;
            let Some(crc) = block.get(range).map(crc32c::crc32c) else { return };
            block[at..at + 4].copy_from_slice(&crc.to_le_bytes());
        }
    }
    let crc = crc32c::crc32c(&block[HEADER_BYTES..start]);
    block[DIRECTORY_CRC_AT..DIRECTORY_CRC_AT + 4].copy_from_slice(&crc.to_le_bytes());
    seal_header(block);
}

fn seal_header(block: &mut [u8]) {
    if block.len() >= HEADER_BYTES {
        let crc = crc32c::crc32c(&block[..HEADER_CRC_AT]);
        block[HEADER_CRC_AT..HEADER_BYTES].copy_from_slice(&crc.to_le_bytes());
    }
}
