//! The Db of what a store must know beside its spans. The only one in which values are replaced and removed.
//!
//! Not here: what the values mean; the witness is the first of them. Whoever holds it is its only writer.

use std::path::Path;

use model::UnixNanos;

use crate::home::Home;
use crate::opening::Opener;
use crate::sled_db::{Kind, PageDb, end_process};

/// Everything written stays in memory until the last handle goes: after so many bytes it is opened anew.
const RECYCLE_BYTES: u64 = 32 << 20;

/// Values that may be in it. A store has a few per partition; a Db that yields more contradicts itself.
const VALUES_MAX: usize = 1 << 20;

/// Values by their keys.
pub(crate) type Values = Vec<(u64, Vec<u8>)>;

/// The open Db.
pub(crate) struct Meta {
    home: Home,
    opener: Opener,
    /// `None` only while it is opened anew.
    db: Option<PageDb>,
    /// Bytes written since it was opened.
    written: u64,
}

impl Meta {
    /// Where it lies in the store in `directory`.
    pub(crate) fn home(directory: &Path) -> Home {
        Home { path: directory.join("meta"), kind: Kind::Meta }
    }

    /// Makes an empty one.
    pub(crate) fn create(directory: &Path, created: UnixNanos, opener: &Opener) -> Result<Meta, String> {
        let (home, db) = Home::create(Meta::home(directory).path, Kind::Meta, created, opener)?;
        Ok(Meta { home, opener: opener.clone(), db: Some(db), written: 0 })
    }

    /// Opens the one that is there, and gives its values by their keys, ascending. May panic, and may not come back.
    pub(crate) fn open(home: Home, opener: &Opener) -> Result<(Meta, Values), String> {
        let db = home.open(opener)?;
        let (mut values, mut from) = (Values::new(), Some(0));
        while let Some(number) = from {
            let next = db.first_from(number).map_err(|error| format!("it cannot be read: {error}"))?;
            from = next.as_ref().and_then(|(key, _)| key.checked_add(1));
            values.extend(next);
            if values.len() > VALUES_MAX {
                return Err(format!("it yields more than {VALUES_MAX} values"));
            }
        }
        Ok((Meta { home, opener: opener.clone(), db: Some(db), written: 0 }, values))
    }

    /// Puts values, or removes those that are `None`. When it returns all of it is durable; after a crash all or nothing is.
    pub(crate) fn change(&mut self, changes: &[(u64, Option<Vec<u8>>)]) {
        let db = self.db.as_ref().expect("there between two calls");
        for (key, value) in changes {
            let changed = match value {
                Some(bytes) => db.replace(*key, bytes),
                None => db.remove(*key),
            };
            changed.unwrap_or_else(|error| end_process("change the store's meta", &error));
            self.written += value.as_ref().map_or(0, |bytes| bytes.len() as u64);
        }
        db.flush().unwrap_or_else(|error| end_process("flush the store's meta", &error));
        if self.written >= RECYCLE_BYTES {
            self.recycle();
        }
    }

    fn recycle(&mut self) {
        drop(self.db.take());
        match self.home.open(&self.opener) {
            Ok(db) => (self.db, self.written) = (Some(db), 0),
            // The next start tells of it, and makes another one.
            Err(reason) => end_process("open the store's meta again", &std::io::Error::other(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::guard::ballast::Ballast;
    use crate::settings::Settings;

    fn opener(directory: &Path) -> Opener {
        let settings = Settings { ballast_bytes: 0, ..Settings::default() };
        Opener { wait_max: Duration::from_secs(60), ballast: Arc::new(Ballast::new(directory, settings)) }
    }

    #[test]
    fn what_was_put_replaced_and_removed_is_so_after_each_opening() {
        let directory = tempfile::tempdir().expect("a directory");
        let opener = opener(directory.path());
        let mut meta = Meta::create(directory.path(), UnixNanos(1), &opener).expect("made");
        let mut expected = std::collections::BTreeMap::new();
        let mut state = 1u64;
        for round in 0..4u64 {
            for _change in 0..50 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let (key, kept) = ((state >> 33) % 40, !(state >> 60).is_multiple_of(3));
                let value = kept.then(|| vec![round as u8; (state >> 50) as usize % 5_000]);
                meta.change(&[(key, value.clone())]);
                match value {
                    Some(value) => drop(expected.insert(key, value)),
                    None => drop(expected.remove(&key)),
                }
            }
            drop(meta);
            let (opened, values) = Meta::open(Meta::home(directory.path()), &opener).expect("opens");
            assert_eq!(values, expected.clone().into_iter().collect::<Vec<_>>());
            meta = opened;
        }
    }

    #[test]
    fn it_is_opened_anew_after_many_bytes_and_nothing_is_lost() {
        let directory = tempfile::tempdir().expect("a directory");
        let opener = opener(directory.path());
        let mut meta = Meta::create(directory.path(), UnixNanos(1), &opener).expect("made");
        let value = vec![7; 1 << 20];
        for key in 0..33 {
            meta.change(&[(key % 3, Some(value.clone()))]);
        }
        assert!(meta.written < RECYCLE_BYTES, "{} bytes are held in memory", meta.written);
        drop(meta);
        let (_, values) = Meta::open(Meta::home(directory.path()), &opener).expect("opens");
        assert_eq!(values, [0, 1, 2].map(|key| (key, value.clone())));
    }
}
