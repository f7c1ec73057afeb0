//! How many connections each remote address has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Bounds the connections of one address. Its size is bounded by the connections of the listener.
pub(super) struct AddressCount {
    per_address_max: usize,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection of an address; dropping it frees the place.
pub(super) struct AddressPlace {
    address: IpAddr,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

// === impl AddressCount ===

impl AddressCount {
    pub(super) fn new(per_address_max: usize) -> AddressCount {
        AddressCount { per_address_max, counts: Arc::default() }
    }

    /// `None` when the address has all it may have. This machine may have any number: proxies and agents run here.
    pub(super) fn enter(&self, address: IpAddr) -> Option<AddressPlace> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= self.per_address_max && !address.is_loopback() {
            return None;
        }
        *count += 1;
        Some(AddressPlace { address, counts: Arc::clone(&self.counts) })
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places_and_leaves_no_trace() {
        let count = AddressCount::new(1);
        let (far, here) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([127, 0, 0, 1]));
        let place = count.enter(far);
        assert!(place.is_some() && count.enter(far).is_none());
        assert!(count.enter(here).is_some() && count.enter(here).is_some());
        drop(place);
        assert!(count.enter(far).is_some());
        assert!(count.counts.lock().unwrap().is_empty());
    }
}
