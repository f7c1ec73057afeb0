//! Icons, drawn for a 16 px grid as one path each, so that they cost one element and need no second request.

use leptos::prelude::*;

/// `d` of a path.
pub type IconPath = &'static str;

/// Magnifying glass.
pub const SEARCH: IconPath = "M2.5 7a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0M10.3 10.3 14 14";
/// Bars.
pub const SERVICES: IconPath = "M2.5 13.5V9.5M6.2 13.5V5.5M9.8 13.5V7.5M13.5 13.5V2.5";
/// Three nodes and two edges.
pub const MAP: IconPath = "M1.8 8a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0M10.6 3.6a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0M10.6 12.4a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0M5.2 7.2l5.5-2.8M5.2 8.8l5.5 2.8";
/// A pulse.
pub const LIVE: IconPath = "M1.5 8h3l2-4.5 3 9 2-4.5h3";
/// Two columns that differ.
pub const COMPARE: IconPath = "M5 2.5v11M11 2.5v11M2 5.5h6M8 11h6";
/// A keyboard.
pub const KEYS: IconPath = "M3 4h10a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 1 13 12H3a1.5 1.5 0 0 1-1.5-1.5v-5A1.5 1.5 0 0 1 3 4M4.5 6.8h.1M7 6.8h.1M9.4 6.8h.1M11.6 6.8h.1M5.2 9.6h5.6";
/// A circle, half of it filled.
pub const THEME: IconPath = "M2.5 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0M8 2.5v11M10.5 3.6v8.8M12.4 5.2v5.6";
/// A clock.
pub const CLOCK: IconPath = "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M8 4.5V8l2.5 1.5";
/// Points down.
pub const CHEVRON: IconPath = "m4 6 4 4 4-4";
/// Points right.
pub const CHEVRON_RIGHT: IconPath = "m6 4 4 4-4 4";
/// A circle with an exclamation mark.
pub const ERROR: IconPath = "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M8 4.8v3.8M8 11v.2";
/// A triangle with an exclamation mark.
pub const WARNING: IconPath = "M8 2.3 14.4 13.3H1.6zM8 6.3v3.4M8 11.4v.2";
/// A tick.
pub const CHECK: IconPath = "m3 8.5 3.3 3.3L13 5";
/// A cross.
pub const CLOSE: IconPath = "m4 4 8 8M12 4l-8 8";
/// Two sheets.
pub const COPY: IconPath =
    "M6.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1M10.5 5.3V2.5h-8v8h2.8";
/// Two links of a chain.
pub const LINK: IconPath = "M6.5 9.5a2.8 2.8 0 0 0 4 0l2.2-2.2a2.8 2.8 0 0 0-4-4l-.7.7M9.5 6.5a2.8 2.8 0 0 0-4 0L3.3 8.7a2.8 2.8 0 0 0 4 4l.7-.7";
/// An arrow in a circle.
pub const RELOAD: IconPath = "M13 5.2A5.6 5.6 0 1 0 13.6 9M13.4 2.2v3.2h-3.2";
/// A funnel.
pub const FILTER: IconPath = "M2 3h12M4.5 8h7M7 13h2";
/// An arrow down to a line.
pub const DOWNLOAD: IconPath = "M8 2.5v8M4.8 7.6 8 10.8l3.2-3.2M2.5 13.5h11";
/// An arrow up from a tray.
pub const SEND: IconPath = "M8 10.5v-8M4.8 5.4 8 2.2l3.2 3.2M2.5 10v3.5h11V10";
/// Two bars.
pub const PAUSE: IconPath = "M5.5 3.5v9M10.5 3.5v9";
/// A bent arrow to another place.
pub const FOLLOWS: IconPath = "M3 3v5.5h9M9 5.5l3 3-3 3";

/// An icon beside a word, or in a button that has a label; readers are not told of it.
#[component]
pub fn Icon(path: IconPath, #[prop(optional)] small: bool) -> impl IntoView {
    view! {
        <svg class=if small { "icon icon--small" } else { "icon" } viewBox="0 0 16 16" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}
