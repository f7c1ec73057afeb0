//! Hues of the services of one trace: by name as on every page, pushed apart where two would look alike. Not here: the colours.

use std::collections::HashMap;

use crate::ui::service::{HUES, hue, hue_class_of, mark_class_of_hue};

/// Hues of the services of one trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hues {
    by_service: HashMap<String, u32>,
}

// === impl Hues ===

impl Hues {
    /// Each service by its name; of two with the same hue the later one by name gets the next free one, as long as there is one.
    pub fn of<'a>(services: impl Iterator<Item = &'a str>) -> Hues {
        let mut names: Vec<&str> = services.collect();
        names.sort_unstable();
        names.dedup();
        let mut uses = [0u32; HUES as usize];
        let mut by_service = HashMap::with_capacity(names.len());
        for name in names {
            let least = uses.iter().copied().min().unwrap_or(0);
            let from = hue(name);
            let free = |hue: &u32| uses[*hue as usize] == least;
            let hue = (0..HUES).map(|step| (from + step) % HUES).find(free).unwrap_or(from);
            by_service.insert(name.to_owned(), hue);
            uses[hue as usize] += 1;
        }
        Hues { by_service }
    }

    /// Class that sets the hue.
    pub fn class(&self, service: &str) -> String {
        hue_class_of(self.hue(service))
    }

    /// Classes of the mark.
    pub fn mark(&self, service: &str) -> String {
        mark_class_of_hue(service, self.hue(service))
    }

    fn hue(&self, service: &str) -> u32 {
        self.by_service.get(service).copied().unwrap_or_else(|| hue(service))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn up_to_twelve_services_have_hues_of_their_own() {
        let names: Vec<String> = (0..12).map(|n| format!("service-{n}")).collect();
        let hues = Hues::of(names.iter().map(String::as_str));
        assert_eq!(names.iter().map(|name| hues.class(name)).collect::<HashSet<_>>().len(), 12);
    }

    #[test]
    fn the_order_of_services_does_not_matter() {
        assert_eq!(Hues::of(["cart", "auth"].into_iter()), Hues::of(["auth", "cart", "cart"].into_iter()));
    }

    #[test]
    fn a_service_alone_looks_as_on_every_page() {
        assert_eq!(Hues::of(["cart"].into_iter()).mark("cart"), crate::ui::service::mark_class("cart"));
    }
}
