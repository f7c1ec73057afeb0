//! Keys of the timeline: one table for the handler and for the key bar. Not here: what an action does.

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Previous row.
    Up,
    /// Next row.
    Down,
    /// Fold, or go to the parent.
    Left,
    /// Unfold, or go to the first child.
    Right,
    /// First row.
    First,
    /// Last row.
    Last,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Open the details of the span.
    Open,
    /// Close them.
    Close,
    /// Unfold the row and its siblings.
    ExpandSiblings,
    /// Next failed span.
    NextError,
    /// Previous failed span.
    PreviousError,
    /// Zoom to the span.
    ZoomToSpan,
    /// Show the whole trace.
    ZoomReset,
    /// Show less time, larger.
    ZoomIn,
    /// Show more time.
    ZoomOut,
    /// Fold to the first levels, or unfold everything.
    FoldAll,
    /// Copy the link to what is shown.
    CopyLink,
}

/// A key by the name the browser gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// `KeyboardEvent.key`.
    pub name: &'static str,
    /// What it asks for.
    pub action: Action,
}

/// An entry of the key bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Caps to show.
    pub caps: &'static [&'static str],
    /// What they do, in few words.
    pub words: &'static str,
    /// Whether it goes first when room is short.
    pub optional: bool,
}

const fn key(name: &'static str, action: Action) -> Key {
    Key { name, action }
}

/// Every key of the timeline.
pub const KEYS: [Key; 24] = [
    key("ArrowUp", Action::Up),
    key("k", Action::Up),
    key("ArrowDown", Action::Down),
    key("j", Action::Down),
    key("ArrowLeft", Action::Left),
    key("ArrowRight", Action::Right),
    key("Home", Action::First),
    key("End", Action::Last),
    key("PageUp", Action::PageUp),
    key("PageDown", Action::PageDown),
    key("Enter", Action::Open),
    key(" ", Action::Open),
    key("Escape", Action::Close),
    key("*", Action::ExpandSiblings),
    key("e", Action::NextError),
    key("E", Action::PreviousError),
    key("z", Action::ZoomToSpan),
    key("0", Action::ZoomReset),
    key("+", Action::ZoomIn),
    key("=", Action::ZoomIn),
    key("-", Action::ZoomOut),
    key("_", Action::ZoomOut),
    key("f", Action::FoldAll),
    key("y", Action::CopyLink),
];

const fn hint(caps: &'static [&'static str], words: &'static str, optional: bool) -> Hint {
    Hint { caps, words, optional }
}

/// The key bar.
pub const HINTS: [Hint; 8] = [
    hint(&["↑", "↓"], "row", false),
    hint(&["←", "→"], "fold, open", false),
    hint(&["Enter"], "details", false),
    hint(&["e"], "next error", false),
    hint(&["f"], "fold all", false),
    hint(&["z"], "zoom to span", true),
    hint(&["0"], "whole trace", true),
    hint(&["y"], "copy link", true),
];

/// The action of a key; none while Ctrl, Alt or Meta is held, so that the browser keeps its own.
pub fn action(name: &str, with_modifier: bool) -> Option<Action> {
    if with_modifier {
        return None;
    }
    KEYS.iter().find(|key| key.name == name).map(|key| key.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings() {
        for (at, key) in KEYS.iter().enumerate() {
            assert!(KEYS[..at].iter().all(|earlier| earlier.name != key.name), "{}", key.name);
        }
    }

    #[test]
    fn the_browser_keeps_its_shortcuts() {
        assert_eq!(action("f", false), Some(Action::FoldAll));
        assert_eq!(action("f", true), None);
        assert_eq!(action("q", false), None);
    }

    #[test]
    fn each_cap_of_the_key_bar_works() {
        let name_of = |cap: &'static str| match cap {
            "↑" => "ArrowUp",
            "↓" => "ArrowDown",
            "←" => "ArrowLeft",
            "→" => "ArrowRight",
            other => other,
        };
        for cap in HINTS.iter().flat_map(|hint| hint.caps) {
            assert!(action(name_of(cap), false).is_some(), "{cap}");
        }
    }
}
