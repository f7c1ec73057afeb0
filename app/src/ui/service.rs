//! The mark of a service: hue and shape by its name, the same on every page. The name stands beside it.

use leptos::prelude::*;

/// Hues `s1` to `s12` of the tokens.
pub const HUES: u32 = 12;
const SHAPES: [&str; 3] = ["", " mark--square", " mark--diamond"];

/// A dot, square or diamond.
#[component]
pub fn ServiceMark(#[prop(into)] service: String) -> impl IntoView {
    view! { <i class=mark_class(&service) aria-hidden="true"></i> }
}

/// Classes of the mark.
pub fn mark_class(service: &str) -> String {
    let hash = hash(service);
    format!("mark s{}{}", hash % HUES + 1, SHAPES[(hash / HUES % SHAPES.len() as u32) as usize])
}

/// Classes of the mark with another hue, for services that would look alike side by side.
pub fn mark_class_of_hue(service: &str, hue: u32) -> String {
    format!("mark {}{}", hue_class_of(hue), SHAPES[(hash(service) / HUES % SHAPES.len() as u32) as usize])
}

/// Class that sets `--c` to a hue, counted from 0.
pub fn hue_class_of(hue: u32) -> String {
    format!("s{}", hue % HUES + 1)
}

/// Hue of the service, counted from 0.
pub fn hue(service: &str) -> u32 {
    hash(service) % HUES
}

/// Class that sets `--c` to the hue of the service.
pub fn hue_class(service: &str) -> String {
    format!("s{}", hash(service) % HUES + 1)
}

/// FNV-1a, mixed once more: names that differ in the last letter shall not be neighbours.
fn hash(service: &str) -> u32 {
    let hash = service.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d) >> 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_of_a_service_never_changes() {
        assert_eq!(mark_class("checkout"), mark_class("checkout"));
        assert_eq!(mark_class("").split(' ').next(), Some("mark"));
    }

    #[test]
    fn a_hundred_services_use_every_hue_and_shape() {
        let classes: Vec<String> = (0..100).map(|at| mark_class(&format!("service-{at}"))).collect();
        for hue in 1..=HUES {
            assert!(classes.iter().any(|class| class.split(' ').any(|word| word == format!("s{hue}"))), "s{hue}");
        }
        assert!(classes.iter().any(|class| class.ends_with("square")));
        assert!(classes.iter().any(|class| class.ends_with("diamond")));
    }
}
