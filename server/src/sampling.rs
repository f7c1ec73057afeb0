//! What Jaeger's clients are told about sampling: strategies by service and operation, from a file of Jaeger's own form.
//!
//! Not here: HTTP, and samplers that count by themselves.

mod file;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

pub use file::SamplingError;

/// Share of traces when nobody says otherwise: what is not sent can be neither found nor counted.
const DEFAULT_RATE: f64 = 1.0;

/// The strategies of all services.
#[derive(Clone, Debug)]
pub struct Strategies {
    services: BTreeMap<String, Strategy>,
    /// Of services that have none of their own.
    default: Strategy,
}

/// How a service samples, in the words that clients read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    strategy_type: StrategyType,
    #[serde(skip_serializing_if = "Option::is_none")]
    probabilistic_sampling: Option<Probabilistic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limiting_sampling: Option<RateLimiting>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_sampling: Option<Operations>,
}

/// As a word: clients in Python and JavaScript compare it with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum StrategyType {
    Probabilistic,
    RateLimiting,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Probabilistic {
    sampling_rate: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct RateLimiting {
    max_traces_per_second: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Operations {
    default_sampling_probability: f64,
    default_lower_bound_traces_per_second: f64,
    per_operation_strategies: Vec<Operation>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    operation: String,
    probabilistic_sampling: Probabilistic,
}

// === impl Strategies ===

impl Strategies {
    /// Those of a file, which must be right from its first to its last word.
    pub fn read(path: &Path) -> Result<Strategies, SamplingError> {
        file::read(path)
    }

    /// The strategy of a service.
    pub fn of(&self, service: &str) -> &Strategy {
        self.services.get(service).unwrap_or(&self.default)
    }
}

/// Everything is kept.
impl Default for Strategies {
    fn default() -> Strategies {
        Strategies { services: BTreeMap::new(), default: Strategy::probabilistic(DEFAULT_RATE) }
    }
}

// === impl Strategy ===

impl Strategy {
    fn probabilistic(sampling_rate: f64) -> Strategy {
        Strategy {
            strategy_type: StrategyType::Probabilistic,
            probabilistic_sampling: Some(Probabilistic { sampling_rate }),
            rate_limiting_sampling: None,
            operation_sampling: None,
        }
    }

    fn rate_limiting(max_traces_per_second: u32) -> Strategy {
        Strategy {
            strategy_type: StrategyType::RateLimiting,
            probabilistic_sampling: None,
            rate_limiting_sampling: Some(RateLimiting { max_traces_per_second }),
            operation_sampling: None,
        }
    }
}

#[cfg(test)]
mod tests;
