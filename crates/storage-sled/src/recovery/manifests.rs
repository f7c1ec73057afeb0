//! A Db whose manifest is damaged may still prove by what is in it what it is: then it gets a new manifest and nothing is missing.
//! Not here: the text of a manifest (`format`).

use crate::format::ManifestFault;
use crate::home::Home;
use crate::shared::Shared;

/// A Db that may be opened.
pub(super) struct Admitted {
    home: Home,
    /// What is wrong with its manifest.
    fault: Option<String>,
}

impl Admitted {
    /// A Db of another engine or format is refused; one that does not say what it is may be opened, and has to prove it.
    pub(super) fn of(home: &Home) -> Result<Admitted, String> {
        let home = home.clone();
        match home.check_manifest() {
            Ok(()) => Ok(Admitted { home, fault: None }),
            Err(ManifestFault::Damaged(fault)) => Ok(Admitted { home, fault: Some(fault) }),
            Err(ManifestFault::Foreign(reason)) => Err(reason),
        }
    }

    /// What was read of it `proves` of what format it is, or does not; without a proof it is as damaged as its manifest.
    pub(super) fn settle(self, shared: &Shared, proves: bool) -> Result<(), String> {
        let Some(fault) = self.fault else { return Ok(()) };
        if !proves {
            return Err(fault);
        }
        self.home.renew_manifest(shared.clock.now()).map_err(|error| format!("{fault}, nor written again: {error}"))?;
        shared.damage().heal(shared.quarantine.heal(&self.home, "manifest", &fault));
        Ok(())
    }
}
