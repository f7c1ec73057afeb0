//! State of the services page in the address bar: range and order.

use std::fmt;
use std::str::FromStr;

use api::{ServicesRequest, TimePoint};

use crate::url::{self, Query};

/// What a colleague sees on opening the link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServicesAddress {
    /// The range; the one of the API.
    pub range: Range,
    /// Order of the rows.
    pub sort: Sort,
}

/// From, to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Start.
    pub from: TimePoint,
    /// End.
    pub to: TimePoint,
}

/// A column, and whether its greatest value comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// Greatest first.
    pub descending: bool,
}

/// Columns that can order the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Name.
    Service,
    /// Entry spans per second.
    Requests,
    /// Share of failed entry spans.
    Errors,
    /// Median.
    P50,
    /// 95th percentile.
    P95,
    /// 99th percentile.
    P99,
    /// All spans.
    Spans,
}

const COLUMNS: [(Column, &str); 7] = [
    (Column::Service, "service"),
    (Column::Requests, "requests"),
    (Column::Errors, "errors"),
    (Column::P50, "p50"),
    (Column::P95, "p95"),
    (Column::P99, "p99"),
    (Column::Spans, "spans"),
];

// === impl ServicesAddress ===

impl ServicesAddress {
    /// From the query parameters; what cannot be read counts as absent.
    pub fn parse(parameter: impl Fn(&str) -> Option<String>) -> ServicesAddress {
        let usual = Range::default();
        ServicesAddress {
            range: Range {
                from: parameter("from").and_then(|text| url::time_point(&text)).unwrap_or(usual.from),
                to: parameter("to").and_then(|text| url::time_point(&text)).unwrap_or(usual.to),
            },
            sort: parameter("sort").and_then(|text| text.parse().ok()).unwrap_or_default(),
        }
    }

    /// With a leading `?`, or empty.
    pub fn query(&self) -> String {
        let usual = ServicesAddress::default();
        Query::new()
            .with_some("from", (self.range.from != usual.range.from).then_some(self.range.from))
            .with_some("to", (self.range.to != usual.range.to).then_some(self.range.to))
            .with_some("sort", (self.sort != usual.sort).then_some(self.sort))
            .to_string()
    }

    /// What the server is asked.
    pub fn request(&self) -> ServicesRequest {
        ServicesRequest { from: self.range.from, to: self.range.to }
    }
}

impl Default for Range {
    fn default() -> Range {
        let ServicesRequest { from, to } = ServicesRequest::default();
        Range { from, to }
    }
}

// === impl Sort ===

impl Sort {
    /// The order after a click on `column`: numbers start with the greatest, names with A; a second click turns it round.
    pub fn clicked(self, column: Column) -> Sort {
        let descending = if self.column == column { !self.descending } else { column != Column::Service };
        Sort { column, descending }
    }
}

impl Default for Sort {
    fn default() -> Sort {
        Sort { column: Column::Requests, descending: true }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, word) = COLUMNS.iter().find(|(column, _)| *column == self.column).expect("COLUMNS names every column");
        write!(f, "{}{word}", if self.descending { "-" } else { "" })
    }
}

impl FromStr for Sort {
    type Err = ();

    fn from_str(text: &str) -> Result<Sort, ()> {
        let word = text.strip_prefix('-').unwrap_or(text);
        let (column, _) = COLUMNS.iter().find(|(_, name)| *name == word).ok_or(())?;
        Ok(Sort { column: *column, descending: text.starts_with('-') })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_survives_the_address_bar() {
        for (column, _) in COLUMNS {
            for descending in [false, true] {
                let address = ServicesAddress { sort: Sort { column, descending }, ..ServicesAddress::default() };
                let query = address.query();
                let sort = query.strip_prefix("?sort=").map(str::to_owned);
                assert_eq!(ServicesAddress::parse(|key| sort.clone().filter(|_| key == "sort")), address);
            }
        }
        assert_eq!(ServicesAddress::default().query(), "");
    }

    #[test]
    fn second_click_turns_the_order_round() {
        let first = Sort::default().clicked(Column::P99);
        assert!(first.descending);
        assert!(!first.clicked(Column::P99).descending);
        assert!(!first.clicked(Column::Service).descending);
    }
}
