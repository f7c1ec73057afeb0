//! A store that an earlier program wrote must open, and answer every question as it did. `fixtures/v1` has the store, packed,
//! and beside it the spans that were written, in the form of `docs/formats/batch.md`.
//!
//! `STORE_FIXTURE_MAKE=1 cargo test -p storage-sled --test store fixture` makes both anew, from the sample.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use crate::faults::Ledger;
use crate::sample;
use model::batch::SharedParts;
use model::{BatchBuilder, Span};
use storage::Lifecycle;

/// In the directory of the fixture.
const STORE: &str = "store.zst";
const SPANS: &str = "spans.zst";
const CLOCK: &str = "clock";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1").join(name)
}

/// Files as `path length u32, path, content length u64, content`, little-endian, in order.
fn pack(top: &Path, directory: &Path, out: &mut Vec<u8>) {
    let mut entries: Vec<_> =
        fs::read_dir(directory).expect("a directory").flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            pack(top, &path, out);
            continue;
        }
        let name = path.strip_prefix(top).expect("below").to_string_lossy().into_owned();
        // Room for a full disk is not part of what is stored.
        let content = if name == "ballast" { continue } else { fs::read(&path).expect("readable") };
        out.extend_from_slice(&(name.len() as u32).to_le_bytes());
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&(content.len() as u64).to_le_bytes());
        out.extend_from_slice(&content);
    }
}

fn unpack(mut bytes: &[u8], top: &Path) {
    let mut take = |length: usize| {
        let (taken, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        Some(taken)
    };
    while let Some(length) = take(4) {
        let length = u32::from_le_bytes(length.try_into().expect("four bytes")) as usize;
        let name = String::from_utf8(take(length).expect("a name").to_vec()).expect("text");
        let length = u64::from_le_bytes(take(8).expect("a length").try_into().expect("eight bytes")) as usize;
        let path = top.join(name);
        fs::create_dir_all(path.parent().expect("below")).expect("makes");
        fs::write(path, take(length).expect("the content")).expect("writes");
    }
}

/// Batches by generation; each is `generation u32, length u64, the batch`.
fn pack_spans(generations: &[Vec<Vec<Span>>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, batches) in (0u32..).zip(generations) {
        for spans in batches {
            let mut builder = BatchBuilder::new();
            spans.iter().for_each(|span| builder.push(span));
            let bytes = storage::batch::encode(&builder.finish().expect("spans")).expect("encodes");
            out.extend_from_slice(&number.to_le_bytes());
            out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            out.extend_from_slice(&bytes);
        }
    }
    out
}

fn unpack_spans(mut bytes: &[u8]) -> Vec<Vec<Vec<Span>>> {
    let mut generations: Vec<Vec<Vec<Span>>> = Vec::new();
    while let Some((head, rest)) = bytes.split_at_checked(12) {
        let number = u32::from_le_bytes(head[..4].try_into().expect("four bytes")) as usize;
        let length = u64::from_le_bytes(head[4..].try_into().expect("eight bytes")) as usize;
        let (batch, rest) = rest.split_at(length);
        bytes = rest;
        let batch = storage::batch::decode(batch).expect("decodes");
        let mut parts = SharedParts::default();
        generations.resize_with(generations.len().max(number + 1), Vec::new);
        generations[number].push(batch.rows().map(|row| row.to_span(&mut parts)).collect());
    }
    generations
}

fn make_anew() {
    let made = sample::make();
    let mut store = Vec::new();
    pack(made.directory.path(), made.directory.path(), &mut store);
    let generations: Vec<_> = (0..sample::GENERATIONS).map(sample::batches).collect();
    fs::create_dir_all(fixture("")).expect("makes");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(fixture(name), zstd::encode_all(bytes, 19).expect("packs")).expect("writes");
    };
    write(STORE, &store);
    write(SPANS, &pack_spans(&generations));
    fs::write(fixture(CLOCK), format!("{}\n", made.clock.0.load(Ordering::SeqCst))).expect("writes");
}

#[test]
fn a_store_of_format_2_still_opens_and_gives_every_answer_it_gave_before() {
    if std::env::var_os("STORE_FIXTURE_MAKE").is_some() {
        make_anew();
    }
    let read = |name: &str| zstd::decode_all(&*fs::read(fixture(name)).expect("a fixture")).expect("unpacks");
    let ledger = Ledger::of(&unpack_spans(&read(SPANS)));
    let clock = fs::read_to_string(fixture(CLOCK)).expect("a fixture").trim_end().parse().expect("a number");
    let mut bed = crate::bed::SledBed::unopened(|settings| settings.builds_blocks = false);
    bed.clock.0.store(clock, Ordering::SeqCst);
    unpack(&read(STORE), bed.directory.path());
    // First as it is, then with what was in journals in blocks.
    for builds_blocks in [false, true] {
        bed.settings.builds_blocks = builds_blocks;
        bed.open();
        if builds_blocks {
            bed.until(|bed| bed.sled().progress().1 == 0);
        }
        assert_eq!(ledger.compare(bed.sled()), Ok(Default::default()), "with blocks: {builds_blocks}");
        assert_eq!(bed.sled().condition().quarantined, Vec::<String>::new());
        assert!(bed.sled().progress().0 >= 2, "it has blocks");
        bed.close();
    }
}
