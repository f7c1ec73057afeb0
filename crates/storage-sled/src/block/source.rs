//! Where the bytes of a block come from. Not here: pages; an engine cuts and joins them behind this.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

/// Gives bytes of one block. Each call names exactly what is needed, so that only those pages need be fetched.
pub trait BlockSource {
    /// The bytes of this range, all of them, or an error.
    fn bytes(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>>;
}

impl BlockSource for [u8] {
    fn bytes(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        let place = |at: u64| usize::try_from(at).ok();
        let found = place(range.start).zip(place(range.end)).and_then(|(start, end)| self.get(start..end));
        found.map(Cow::Borrowed).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl BlockSource for Vec<u8> {
    fn bytes(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        self.as_slice().bytes(range)
    }
}

impl<S: BlockSource + ?Sized> BlockSource for &S {
    fn bytes(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        (**self).bytes(range)
    }
}
