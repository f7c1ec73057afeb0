//! Text of settings to values: sizes, durations, addresses, counts.

use std::net::SocketAddr;
use std::time::Duration;

use super::{ConfigError, Layers};

/// Greatest number of decoders that `auto` chooses.
const DECODE_THREADS_MAX: usize = 8;

impl Layers {
    pub(super) fn text(&self, name: &str) -> &str {
        self.find(name).1
    }

    pub(super) fn switch(&self, name: &str) -> Result<bool, ConfigError> {
        self.one_of(name, &[("true", true), ("false", false), ("1", true), ("0", false)])
    }

    pub(super) fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<T, ConfigError> {
        self.parsed(name, "", |text| words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value))
    }

    pub(super) fn address(&self, name: &str) -> Result<Option<SocketAddr>, ConfigError> {
        self.parsed(name, ", for example 127.0.0.1:4318", |text| match text {
            "off" => Some(None),
            text => text.replace("localhost", "127.0.0.1").parse().ok().map(Some),
        })
    }

    pub(super) fn origins(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        self.parsed(name, ", for example https://shop.example", |text| {
            let origins = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
            origins.map(|origin| origin.contains("://").then(|| origin.trim_end_matches('/').to_owned())).collect()
        })
    }

    pub(super) fn count(&self, name: &str) -> Result<usize, ConfigError> {
        self.parsed(name, "", |text| text.replace('_', "").parse().ok().filter(|count| *count > 0))
    }

    pub(super) fn percent(&self, name: &str) -> Result<u64, ConfigError> {
        self.parsed(name, ", 1 to 100", |text| text.parse().ok().filter(|percent| (1..=100).contains(percent)))
    }

    pub(super) fn threads(&self, name: &str) -> Result<usize, ConfigError> {
        self.parsed(name, "", |text| match text {
            "auto" => Some(std::thread::available_parallelism().map_or(2, usize::from).min(DECODE_THREADS_MAX)),
            text => text.parse().ok().filter(|threads| *threads > 0),
        })
    }

    pub(super) fn bytes(&self, name: &str) -> Result<usize, ConfigError> {
        self.parsed(name, SIZES, |text| size(text).and_then(|bytes| usize::try_from(bytes).ok()))
    }

    pub(super) fn size_or_auto(&self, name: &str) -> Result<Option<u64>, ConfigError> {
        self.parsed(name, SIZES, |text| if text == "auto" { Some(None) } else { size(text).map(Some) })
    }

    /// `None` for `auto`.
    pub(super) fn memory(&self, name: &str) -> Result<Option<u64>, ConfigError> {
        self.parsed(name, MEMORY, |text| match text {
            "auto" => Some(None),
            "small" => Some(Some(storage_sled::MEMORY_SMALL)),
            text => size(text).map(Some),
        })
    }

    pub(super) fn size_or_off(&self, name: &str) -> Result<Option<u64>, ConfigError> {
        self.parsed(name, SIZES, |text| if text == "off" { Some(None) } else { size(text).map(Some) })
    }

    pub(super) fn duration(&self, name: &str) -> Result<Duration, ConfigError> {
        self.parsed(name, DURATIONS, duration)
    }

    pub(super) fn duration_or_off(&self, name: &str) -> Result<Option<Duration>, ConfigError> {
        self.parsed(name, DURATIONS, |text| if text == "off" { Some(None) } else { duration(text).map(Some) })
    }

    fn parsed<T>(&self, name: &str, example: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, ConfigError> {
        let (setting, value, origin) = self.find(name);
        parse(value.trim()).ok_or_else(|| ConfigError::Invalid {
            name: setting.name,
            origin,
            reason: format!("expected {}{example}", setting.unit),
            value: value.to_owned(),
        })
    }
}

const MEMORY: &str = ", for example small, which is 256 MiB, or 2 GiB";
const SIZES: &str = ", for example 64 MiB";
const DURATIONS: &str = ", for example 90 s or 7 d";

/// `1024`, `64 KiB`, `16MiB`, `2 GiB`.
fn size(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

/// `10` and `10 s`, `500 ms`, `5 min`, `36 h`, `7 d`.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let secs = match unit {
        "ms" => return Some(Duration::from_millis(number)),
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(secs).map(Duration::from_secs)
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..digits].parse().ok()?, text[digits..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_carry_their_unit() {
        assert_eq!(size("64 MiB"), Some(64 << 20));
        assert_eq!(size("1024"), Some(1024));
        assert_eq!(size("5 parsecs"), None);
        assert_eq!(size("99999999999 TiB"), None, "does not fit");
        assert_eq!(duration("7d"), Some(Duration::from_secs(7 * 86_400)));
        assert_eq!(duration("250 ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("-1 s"), None);
    }
}
