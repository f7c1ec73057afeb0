//! Keys of the page tree. No other file builds a key or takes one apart.

/// The tree that holds a partition's pages.
pub(crate) const PAGES: &str = "p";

/// Big-endian, so that sled's order is the order of writing.
pub(crate) fn key_of_page(page: u64) -> [u8; 8] {
    page.to_be_bytes()
}

/// `None` when the key was not built here.
pub(crate) fn page_of_key(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}
