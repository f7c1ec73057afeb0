//! One thing done to one file of a closed store. Not here: what the store makes of it.

use std::fs;
use std::path::{Path, PathBuf};

/// Numbers that follow from a seed.
pub(crate) struct Random(pub(crate) u64);

/// What happened, for people.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Which sort of file.
    pub(crate) kind: &'static str,
    pub(crate) file: PathBuf,
    pub(crate) what: String,
}

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

impl Fault {
    /// Does something to one file below `directory`: first the sort of file is drawn, then the file, then what happens to it.
    pub(crate) fn inflict(directory: &Path, random: &mut Random) -> Fault {
        let mut files = Vec::new();
        list(directory, directory, &mut files);
        files.sort();
        let mut kinds: Vec<&'static str> = files.iter().map(|file| kind_of(file)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kind = kinds[random.below(kinds.len())];
        files.retain(|file| kind_of(file) == kind);
        let file = files.swap_remove(random.below(files.len()));
        let what = damage(&directory.join(&file), random);
        Fault { kind, file, what }
    }
}

/// Files with something in them, and marks, relative to `top`.
fn list(top: &Path, directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        let relative = path.strip_prefix(top).expect("below").to_owned();
        match path.is_dir() {
            true => list(top, &path, files),
            false if kind_of(&relative) == "other" => {}
            false => files.push(relative),
        }
    }
}

fn kind_of(file: &Path) -> &'static str {
    let text = file.to_string_lossy();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let is_journal = text.starts_with("journal/");
    match &*name {
        "FORMAT" => "format",
        "MANIFEST" => "manifest",
        "READY" => "ready mark",
        "USED" => "used mark",
        "MARK" => "last group mark",
        "durability_cookie" => "cookie",
        _ if text.contains("/slabs/") && is_journal => "slab of a journal",
        _ if text.contains("/slabs/") && text.starts_with("part/") => "slab of a partition",
        _ if text.contains("/metadata/") && is_journal => "metadata of a journal",
        _ if text.contains("/metadata/") && text.starts_with("part/") => "metadata of a partition",
        _ => "other",
    }
}

fn damage(path: &Path, random: &mut Random) -> String {
    let mut bytes = fs::read(path).expect("readable");
    if bytes.is_empty() {
        fs::remove_file(path).expect("removes");
        return "is gone".to_owned();
    }
    let length = bytes.len();
    let what = match random.below(16) {
        0 => {
            fs::remove_file(path).expect("removes");
            return "is gone".to_owned();
        }
        1..=3 => {
            let at = random.below(length);
            bytes.truncate(at);
            format!("ends after {at} of {length} bytes")
        }
        4..=6 => {
            let at = random.below(length);
            let end = (at + 1 + random.below(5_000)).min(length);
            bytes[at..end].fill(0);
            format!("has zeros from {at} to {end}")
        }
        7..=8 => {
            // Of uneven length and place, so that never a whole slot takes the place of another: see the known limits of sled.
            let span = (1 + random.below(2_000) * 2).min(length / 2);
            let (left, right) = (random.below(length / 2 - span.min(length / 2) + 1), length - span);
            let mut middle = bytes.split_off(length / 2);
            let place = right.saturating_sub(length / 2).min(middle.len() - span.min(middle.len()));
            let end = (left + span).min(bytes.len());
            bytes[left..end].swap_with_slice(&mut middle[place..place + (end - left)]);
            bytes.append(&mut middle);
            format!("has {span} bytes at {left} swapped with others")
        }
        _ => {
            let (at, bit) = (random.below(length), random.below(8));
            bytes[at] ^= 1 << bit;
            format!("has bit {bit} of byte {at} of {length} flipped")
        }
    };
    fs::write(path, bytes).expect("writes");
    what
}
