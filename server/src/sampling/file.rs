//! The file of sampling strategies, as Jaeger's collector reads it. Unlike there, a mistake in it is an error and no default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{DEFAULT_RATE, Operation, Operations, Probabilistic, Strategies, Strategy};

/// Bytes of a file; one with ten thousand operations has a megabyte.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Traces a second; what Python's client takes ends below 500, others go on.
const TRACES_PER_SECOND_MAX: f64 = 1e6;

/// Why the strategies cannot be used; the text says where and what to change.
#[derive(Debug, thiserror::Error)]
pub enum SamplingError {
    /// The file is not there, or may not be read.
    #[error("cannot read the sampling strategies: {reason}: {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It does not say what can be done.
    #[error("cannot use the sampling strategies: {reason}: {path}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What to change.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    default_strategy: Option<StrategyForm>,
    #[serde(default)]
    service_strategies: Vec<ServiceForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrategyForm {
    #[serde(rename = "type")]
    kind: KindForm,
    param: f64,
    #[serde(default)]
    operation_strategies: Vec<OperationForm>,
}

/// The same with a name; `flatten` would let unknown fields through.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceForm {
    service: String,
    #[serde(rename = "type")]
    kind: KindForm,
    param: f64,
    #[serde(default)]
    operation_strategies: Vec<OperationForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationForm {
    operation: String,
    #[serde(rename = "type")]
    kind: KindForm,
    param: f64,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum KindForm {
    Probabilistic,
    RateLimiting,
}

pub(super) fn read(path: &Path) -> Result<Strategies, SamplingError> {
    let unreadable = |reason: String| SamplingError::File { path: path.to_owned(), reason };
    let bytes = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(unreadable(format!("it has {bytes} bytes, more than {FILE_BYTES_MAX}")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    parse(&text).map_err(|reason| SamplingError::Wrong { path: path.to_owned(), reason })
}

pub(super) fn parse(text: &str) -> Result<Strategies, String> {
    let form: FileForm = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let default = match form.default_strategy {
        Some(form) => strategy("the default", &form)?,
        None => Strategy::probabilistic(DEFAULT_RATE),
    };
    let mut services = BTreeMap::new();
    for form in form.service_strategies {
        let ServiceForm { service, kind, param, operation_strategies } = form;
        let own = strategy(&format!("service {service}"), &StrategyForm { kind, param, operation_strategies })?;
        let merged = with_operations_of(own, &default);
        if services.insert(service.clone(), merged).is_some() {
            return Err(format!("service {service} has two strategies, keep one"));
        }
    }
    Ok(Strategies { services, default })
}

fn strategy(whose: &str, form: &StrategyForm) -> Result<Strategy, String> {
    let mut strategy = match form.kind {
        KindForm::Probabilistic => Strategy::probabilistic(rate(whose, form.param)?),
        KindForm::RateLimiting => Strategy::rate_limiting(traces_per_second(whose, form.param)?),
    };
    if form.operation_strategies.is_empty() {
        return Ok(strategy);
    }
    let mut per_operation_strategies: Vec<Operation> = Vec::new();
    for form in &form.operation_strategies {
        let operation = operation(whose, form)?;
        if per_operation_strategies.iter().any(|known| known.operation == operation.operation) {
            return Err(format!("{whose} has two strategies for operation {}, keep one", operation.operation));
        }
        per_operation_strategies.push(operation);
    }
    let own_rate = strategy.probabilistic_sampling.map(|own| own.sampling_rate);
    strategy.operation_sampling = Some(Operations {
        default_sampling_probability: own_rate.unwrap_or(DEFAULT_RATE),
        default_lower_bound_traces_per_second: 0.0,
        per_operation_strategies,
    });
    Ok(strategy)
}

fn operation(whose: &str, form: &OperationForm) -> Result<Operation, String> {
    let whose = format!("operation {} of {whose}", form.operation);
    if form.kind == KindForm::RateLimiting {
        return Err(format!("{whose}: clients know only probabilistic strategies for operations"));
    }
    let sampling_rate = rate(&whose, form.param)?;
    Ok(Operation { operation: form.operation.clone(), probabilistic_sampling: Probabilistic { sampling_rate } })
}

/// What holds for an operation by default holds in every service that says nothing of it.
fn with_operations_of(mut own: Strategy, default: &Strategy) -> Strategy {
    let Some(of_default) = &default.operation_sampling else { return own };
    match (&mut own.operation_sampling, own.probabilistic_sampling) {
        (Some(operations), _) => {
            let known = &mut operations.per_operation_strategies;
            let added = of_default.per_operation_strategies.iter();
            let added: Vec<_> = added.filter(|more| known.iter().all(|own| own.operation != more.operation)).collect();
            known.extend(added.into_iter().cloned());
        }
        (None, Some(Probabilistic { sampling_rate })) => {
            let default_sampling_probability = sampling_rate;
            own.operation_sampling = Some(Operations { default_sampling_probability, ..of_default.clone() });
        }
        // With strategies for operations a client would no longer look at its rate limit.
        (None, None) => {}
    }
    own
}

fn rate(whose: &str, param: f64) -> Result<f64, String> {
    match (0.0..=1.0).contains(&param) {
        true => Ok(param),
        false => Err(format!("{whose}: the param of a probabilistic strategy is a share from 0 to 1, not {param}")),
    }
}

fn traces_per_second(whose: &str, param: f64) -> Result<u32, String> {
    match (0.0..=TRACES_PER_SECOND_MAX).contains(&param) && param.fract() == 0.0 {
        true => Ok(param as u32),
        false => Err(format!(
            "{whose}: the param of a ratelimiting strategy is a whole number of traces a second, not {param}"
        )),
    }
}
