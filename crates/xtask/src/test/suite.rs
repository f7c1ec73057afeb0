//! The verdict on one suite: what it counted, or why it could not run. A suite that ran nothing has failed.

use anyhow::Result;

use super::count::Count;
use crate::process;

pub(crate) struct Suite {
    name: &'static str,
    count: Count,
    /// Why it failed beyond its own failed tests.
    trouble: Option<String>,
}

impl Suite {
    pub(crate) fn run(name: &'static str, work: impl FnOnce() -> Result<Count>) -> Self {
        let (count, trouble) = match process::step(name, work) {
            Ok(count) if count == Count::default() => (count, Some("executed no test".to_owned())),
            Ok(count) => (count, None),
            Err(error) => (Count::default(), Some(format!("{error:#}"))),
        };
        Self { name, count, trouble }
    }

    /// A suite in trouble counts as one failed test more.
    pub(crate) fn count(&self) -> Count {
        Count { passed: self.count.passed, failed: self.count.failed + u64::from(self.trouble.is_some()) }
    }

    pub(crate) fn line(&self) -> String {
        let trouble = self.trouble.as_ref().map(|trouble| format!("; {trouble}")).unwrap_or_default();
        format!("suite {}: {}{trouble}", self.name, self.count().line())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn suite_without_a_test_has_failed() {
        let suite = Suite::run("empty", || Ok(Count::default()));
        assert_eq!(suite.count(), Count { passed: 0, failed: 1 });
        assert!(suite.line().ends_with("executed no test"));
    }

    #[test]
    fn suite_that_cannot_start_has_failed_and_says_why() {
        let suite = Suite::run("browser", || bail!("Chromium is missing"));
        assert_eq!(suite.count().failed, 1);
        assert!(suite.line().contains("Chromium is missing"));
    }
}
