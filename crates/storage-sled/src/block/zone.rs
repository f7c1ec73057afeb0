//! Zone maps: what each row group can and cannot hold, so that most are never read. Not here: terms.

use std::io;

use model::UnixNanos;

use super::GROUP_ROWS_MAX;
use super::bytes::Cursor;
use super::error::BlockError;
use super::pack::Packer;
use super::planes;

/// What is known of one row group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Number of its rows.
    pub rows: u32,
    /// Earliest start.
    pub start_min: UnixNanos,
    /// Latest start.
    pub start_max: UnixNanos,
    /// Shortest duration in nanoseconds.
    pub duration_min: u64,
    /// Longest duration in nanoseconds.
    pub duration_max: u64,
    /// Number of failed spans.
    pub errors: u32,
    /// Bit `n` is set when a service with code `n`, `n + 64`, and so on, has a span here.
    pub services: u64,
}

const FIELDS: usize = 7;

impl Zone {
    /// Of no rows; [`Zone::add`] widens it.
    pub(super) const NONE: Zone = Zone {
        rows: 0,
        start_min: UnixNanos(u64::MAX),
        start_max: UnixNanos(0),
        duration_min: u64::MAX,
        duration_max: 0,
        errors: 0,
        services: 0,
    };

    pub(super) fn add(&mut self, start: UnixNanos, duration: u64, is_error: bool, service: u32) {
        self.rows += 1;
        self.start_min = self.start_min.min(start);
        self.start_max = self.start_max.max(start);
        self.duration_min = self.duration_min.min(duration);
        self.duration_max = self.duration_max.max(duration);
        self.errors += u32::from(is_error);
        self.services |= Zone::service_bit(service);
    }

    /// The bit of a service with this code.
    pub fn service_bit(code: u32) -> u64 {
        1 << (code % 64)
    }

    fn fields(&self) -> [u64; FIELDS] {
        let Zone { rows, start_min, start_max, duration_min, duration_max, errors, services } = *self;
        [rows.into(), start_min.0, start_max.0, duration_min, duration_max, errors.into(), services]
    }

    pub(super) fn put(zones: &[Zone], packer: &mut Packer, out: &mut Vec<u8>) -> io::Result<()> {
        for field in 0..FIELDS {
            let values: Vec<u64> = zones.iter().map(|zone| zone.fields()[field]).collect();
            planes::put(Some(&mut *packer), out, &values)?;
        }
        Ok(())
    }

    /// The zones of `groups` row groups with `rows` rows in all.
    pub(super) fn take(bytes: &[u8], groups: usize, rows: u32) -> Result<Vec<Zone>, BlockError> {
        let mut cursor = Cursor::new(bytes, "zones");
        let mut fields = Vec::with_capacity(FIELDS);
        for _ in 0..FIELDS {
            fields.push(planes::take(&mut cursor, groups)?);
        }
        let zone = |group: usize| {
            let small = |field: usize| u32::try_from(fields[field][group]).ok().ok_or(cursor.invalid());
            Ok(Zone {
                rows: small(0)?,
                start_min: UnixNanos(fields[1][group]),
                start_max: UnixNanos(fields[2][group]),
                duration_min: fields[3][group],
                duration_max: fields[4][group],
                errors: small(5)?,
                services: fields[6][group],
            })
        };
        let zones = (0..groups).map(zone).collect::<Result<Vec<Zone>, BlockError>>()?;
        let sized = zones.iter().all(|zone| (1..=GROUP_ROWS_MAX).contains(&(zone.rows as usize)));
        if !sized || zones.iter().map(|zone| u64::from(zone.rows)).sum::<u64>() != u64::from(rows) {
            return Err(cursor.invalid());
        }
        cursor.finish()?;
        Ok(zones)
    }
}
