//! `<1.2.3`: the only requirement that an advisory's floor needs.

use anyhow::{Context, Result};

pub(crate) struct Requirement {
    below: [u64; 3],
}

impl Requirement {
    pub(crate) fn from_text(text: &str) -> Result<Self> {
        let below =
            text.trim().strip_prefix('<').with_context(|| format!("a ban's version must read `<1.2.3`: {text}"))?;
        Ok(Self { below: numbers(below).with_context(|| format!("cannot read the version {below}"))? })
    }

    /// A pre-release counts as older than its release; a version that cannot be read matches, to be looked at.
    pub(crate) fn matches(&self, version: &str) -> bool {
        let plain = version.split('+').next().unwrap_or(version);
        let (release, is_early) = plain.split_once('-').map_or((plain, false), |(release, _)| (release, true));
        numbers(release).is_none_or(|found| found < self.below || (is_early && found == self.below))
    }
}

/// `1`, `1.2` and `1.2.3`; what is left out is zero.
fn numbers(text: &str) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.trim().split('.');
    for number in &mut numbers {
        match parts.next() {
            Some(part) => *number = part.parse().ok()?,
            None => break,
        }
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        let below = Requirement::from_text("<0.10").unwrap();
        for (version, matches) in
            [("0.9.9", true), ("0.10.0-rc.1", true), ("0.10.0", false), ("1.0.0+spec-0.1", false), ("odd", true)]
        {
            assert_eq!(below.matches(version), matches, "{version}");
        }
        assert!(Requirement::from_text("0.10").is_err());
    }
}
