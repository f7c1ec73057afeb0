//! State of the page in the address bar: whose clients, and in which language.

use crate::url::Query;

use super::recipes;

/// What a colleague sees on opening the link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendAddress {
    /// Whose clients.
    pub system: System,
    /// As chosen; see [`SendAddress::language`].
    pub language: Option<Language>,
}

/// Whose clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum System {
    /// SDKs and agents that speak OTLP.
    #[default]
    OpenTelemetry,
    /// The clients of before 2022, and what still has them.
    Jaeger,
    /// Brave and its relatives.
    Zipkin,
}

/// What the program is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The environment of the program decides.
    Any,
    /// Java and what runs beside it.
    Java,
    /// Node.js and browsers.
    Node,
    /// Python.
    Python,
    /// Go.
    Go,
    /// C# and its relatives.
    DotNet,
    /// Rust.
    Rust,
}

// === impl SendAddress ===

impl SendAddress {
    /// From the query parameters; what cannot be read counts as absent.
    pub fn parse(parameter: impl Fn(&str) -> Option<String>) -> SendAddress {
        let system = parameter("from").and_then(|word| System::ALL.into_iter().find(|system| system.word() == word));
        let language =
            parameter("in").and_then(|word| Language::ALL.into_iter().find(|language| language.word() == word));
        SendAddress { system: system.unwrap_or_default(), language }
    }

    /// With a leading `?`, or empty.
    pub fn query(&self) -> String {
        let usual = SendAddress::default();
        Query::new()
            .with_some("from", (self.system != usual.system).then(|| self.system.word()))
            .with_some("in", self.language.map(Language::word))
            .to_string()
    }

    /// The chosen language, or the first of the system when there is nothing in that language.
    pub fn language(&self) -> Language {
        let mut known = recipes::languages(self.system);
        let chosen = self.language.filter(|chosen| recipes::languages(self.system).any(|known| known == *chosen));
        chosen.or_else(|| known.next()).unwrap_or(Language::Any)
    }
}

// === impl System ===

impl System {
    /// In the order of the tabs.
    pub const ALL: [System; 3] = [System::OpenTelemetry, System::Jaeger, System::Zipkin];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            System::OpenTelemetry => "OpenTelemetry",
            System::Jaeger => "Jaeger",
            System::Zipkin => "Zipkin",
        }
    }

    fn word(self) -> &'static str {
        match self {
            System::OpenTelemetry => "opentelemetry",
            System::Jaeger => "jaeger",
            System::Zipkin => "zipkin",
        }
    }
}

// === impl Language ===

impl Language {
    /// In the order in which they are offered.
    pub const ALL: [Language; 7] = [
        Language::Any,
        Language::Java,
        Language::Node,
        Language::Python,
        Language::Go,
        Language::DotNet,
        Language::Rust,
    ];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Language::Any => "Environment",
            Language::Java => "Java",
            Language::Node => "JavaScript",
            Language::Python => "Python",
            Language::Go => "Go",
            Language::DotNet => ".NET",
            Language::Rust => "Rust",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Language::Any => "environment",
            Language::Java => "java",
            Language::Node => "javascript",
            Language::Python => "python",
            Language::Go => "go",
            Language::DotNet => "dotnet",
            Language::Rust => "rust",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str) -> SendAddress {
        let value = |key: &str| {
            let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(known, _)| *known == key).map(|(_, value)| value.to_owned())
        };
        SendAddress::parse(value)
    }

    #[test]
    fn every_choice_survives_the_address_bar() {
        for system in System::ALL {
            for language in recipes::languages(system).map(Some).chain([None]) {
                let address = SendAddress { system, language };
                assert_eq!(parsed(&address.query()), address);
            }
        }
        assert_eq!(SendAddress::default().query(), "");
    }

    #[test]
    fn a_language_that_a_system_does_not_have_gives_way_to_its_first() {
        let rust = SendAddress { system: System::Zipkin, language: Some(Language::Rust) };
        assert_eq!(rust.language(), Language::Java);
        assert_eq!(parsed("?from=nobody&in=cobol"), SendAddress::default());
    }
}
