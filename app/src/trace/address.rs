//! What of the trace page is in the address bar: span, zoom, folds, panel. Not here: who reads and writes it.

use std::fmt::Write;

use model::SpanId;

/// Folds kept in a link; later ones stay in the tab.
pub const TOGGLED_SPANS_MAX: usize = 64;

/// State of the trace page that a colleague sees on opening the link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceAddress {
    /// The span whose details are open.
    pub span: Option<SpanId>,
    /// Window of time, nanoseconds from the start of the trace; `None` is all of it.
    pub zoom: Option<(u64, u64)>,
    /// What is folded.
    pub fold: Fold,
    /// Which part of the details is shown.
    pub panel: PanelTab,
}

/// A rule, and the spans that are different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fold {
    /// Holds for each span …
    pub base: FoldBase,
    /// … but these.
    pub toggled: Vec<SpanId>,
}

/// What is folded unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FoldBase {
    /// What the page finds best; nothing for now.
    #[default]
    Auto,
    /// Nothing.
    None,
    /// Spans of this depth and deeper.
    Depth(u16),
}

/// Parts of the span panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PanelTab {
    /// Attributes first, then events and links.
    #[default]
    Attributes,
    /// Events alone.
    Events,
    /// Links alone.
    Links,
    /// Who ran it.
    Resource,
    /// As JSON.
    Raw,
}

// === impl TraceAddress ===

impl TraceAddress {
    /// From the query parameters; what cannot be read counts as absent.
    pub fn parse(parameter: impl Fn(&str) -> Option<String>) -> TraceAddress {
        TraceAddress {
            span: parameter("span").and_then(|text| SpanId::from_hex(&text)),
            zoom: parameter("z").and_then(|text| zoom_from(&text)),
            fold: parameter("fold").map(|text| Fold::parse(&text)).unwrap_or_default(),
            panel: parameter("panel").and_then(|text| PanelTab::from_word(&text)).unwrap_or_default(),
        }
    }

    /// With a leading `?`, or empty.
    pub fn query(&self) -> String {
        let mut query = String::new();
        let mut put = |key: &str, value: &str| {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(key);
            query.push('=');
            query.push_str(value);
        };
        if let Some(span) = self.span {
            put("span", &span.to_string());
        }
        if let Some((start, end)) = self.zoom {
            put("z", &format!("{start}-{end}"));
        }
        if self.fold != Fold::default() {
            put("fold", &self.fold.print());
        }
        if self.panel != PanelTab::default() {
            put("panel", self.panel.word());
        }
        query
    }
}

fn zoom_from(text: &str) -> Option<(u64, u64)> {
    let (start, end) = text.split_once('-')?;
    let zoom: (u64, u64) = (start.parse().ok()?, end.parse().ok()?);
    (zoom.0 < zoom.1).then_some(zoom)
}

// === impl Fold ===

impl Fold {
    /// Depth from which on rows are folded.
    pub fn from_depth(&self) -> Option<u16> {
        match self.base {
            FoldBase::Auto | FoldBase::None => None,
            FoldBase::Depth(depth) => Some(depth),
        }
    }

    /// Notes that `span` is now different from the rule, or no longer.
    pub fn toggle(&mut self, span: SpanId) {
        let before = self.toggled.len();
        self.toggled.retain(|toggled| *toggled != span);
        if self.toggled.len() == before && before < TOGGLED_SPANS_MAX {
            self.toggled.push(span);
        }
    }

    /// Parts are a rule or a span; the last rule counts.
    fn parse(text: &str) -> Fold {
        let mut fold = Fold::default();
        for part in text.split(',') {
            match part.split_once(':') {
                Some(("depth", depth)) => fold.base = depth.parse().map_or(fold.base, FoldBase::Depth),
                Some(_) => {}
                None if part == "none" => fold.base = FoldBase::None,
                None if part == "auto" => fold.base = FoldBase::Auto,
                // All sixteen digits, so that a misspelt rule is no span.
                None if part.len() == 16 && fold.toggled.len() < TOGGLED_SPANS_MAX => {
                    fold.toggled.extend(SpanId::from_hex(part));
                }
                None => {}
            }
        }
        fold
    }

    fn print(&self) -> String {
        let mut text = match self.base {
            FoldBase::Auto => String::new(),
            FoldBase::None => "none".to_owned(),
            FoldBase::Depth(depth) => format!("depth:{depth}"),
        };
        for span in &self.toggled {
            let comma = if text.is_empty() { "" } else { "," };
            write!(text, "{comma}{span}").expect("writing to a String does not fail");
        }
        text
    }
}

// === impl PanelTab ===

impl PanelTab {
    /// In the order in which they are shown.
    pub const ALL: [PanelTab; 5] =
        [PanelTab::Attributes, PanelTab::Events, PanelTab::Links, PanelTab::Resource, PanelTab::Raw];

    /// As in the address bar, and in the ids of elements.
    pub fn word(self) -> &'static str {
        match self {
            PanelTab::Attributes => "attributes",
            PanelTab::Events => "events",
            PanelTab::Links => "links",
            PanelTab::Resource => "resource",
            PanelTab::Raw => "raw",
        }
    }

    /// On the tab.
    pub fn title(self) -> &'static str {
        match self {
            PanelTab::Attributes => "Attributes",
            PanelTab::Events => "Events",
            PanelTab::Links => "Links",
            PanelTab::Resource => "Resource",
            PanelTab::Raw => "Raw",
        }
    }

    fn from_word(word: &str) -> Option<PanelTab> {
        PanelTab::ALL.into_iter().find(|tab| tab.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(query: &str) -> TraceAddress {
        let pairs: Vec<_> = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('=')).collect();
        TraceAddress::parse(|key| pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_plain_page_has_no_parameters() {
        assert_eq!(TraceAddress::default().query(), "");
        assert_eq!(parse(""), TraceAddress::default());
    }

    #[test]
    fn what_cannot_be_read_counts_as_absent() {
        let query = "?span=xyz&z=9-3&fold=depth:many,beef,none&panel=flame";
        let fold = Fold { base: FoldBase::None, toggled: Vec::new() };
        assert_eq!(parse(query), TraceAddress { fold, ..TraceAddress::default() });
    }

    #[test]
    fn a_span_toggled_twice_follows_the_rule_again() {
        let span = SpanId::new([7; 8]).expect("not zero");
        let mut fold = Fold::default();
        fold.toggle(span);
        assert_eq!(fold.print(), "0707070707070707");
        fold.toggle(span);
        assert_eq!(fold, Fold::default());
    }

    proptest! {
        #[test]
        fn any_state_reads_back_from_its_address(
            span: Option<[u8; 8]>,
            zoom in proptest::option::of((0u64..1_000_000, 1u64..1_000_000)),
            depth in proptest::option::of(0u16..2_000),
            toggled in proptest::collection::vec(1u8..255, 0..5),
            tab in 0usize..5,
        ) {
            let address = TraceAddress {
                span: span.and_then(SpanId::new),
                zoom: zoom.map(|(start, length)| (start, start + length)),
                fold: Fold {
                    base: depth.map_or(FoldBase::None, FoldBase::Depth),
                    toggled: toggled.into_iter().filter_map(|byte| SpanId::new([byte; 8])).collect(),
                },
                panel: PanelTab::ALL[tab],
            };
            prop_assert_eq!(parse(&address.query()), address);
        }
    }
}
