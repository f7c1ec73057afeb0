//! What clients are told for what a file says, and which files are refused.

use super::file::parse;
use super::*;

fn told(file: &str, service: &str) -> String {
    let strategies = parse(file).unwrap();
    serde_json::to_string(strategies.of(service)).unwrap()
}

/// The example of Jaeger's documentation.
const DOCUMENTED: &str = r#"{
  "service_strategies": [
    {"service": "foo", "type": "probabilistic", "param": 0.8, "operation_strategies": [
      {"operation": "op1", "type": "probabilistic", "param": 0.2},
      {"operation": "op2", "type": "probabilistic", "param": 0.4}]},
    {"service": "bar", "type": "ratelimiting", "param": 5}],
  "default_strategy": {"type": "probabilistic", "param": 0.5, "operation_strategies": [
      {"operation": "/health", "type": "probabilistic", "param": 0.0},
      {"operation": "op2", "type": "probabilistic", "param": 0.1}]}}"#;

#[test]
fn without_a_file_everything_is_kept() {
    let told = |service: &str| serde_json::to_string(Strategies::default().of(service)).unwrap();
    let everything = r#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1.0}}"#;
    assert_eq!(told("shop"), everything);
    assert_eq!(super::file::parse("{}").unwrap().default, Strategies::default().default);
}

#[test]
fn rates_limits_and_operations_are_told_in_the_words_of_clients() {
    assert_eq!(
        told(DOCUMENTED, "bar"),
        r#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":5}}"#
    );
    let health = r#"{"operation":"/health","probabilisticSampling":{"samplingRate":0.0}}"#;
    let operation = |name: &str, rate: &str| {
        format!(r#"{{"operation":"{name}","probabilisticSampling":{{"samplingRate":{rate}}}}}"#)
    };
    let with = |rate: &str, operations: &[String]| {
        format!(
            r#"{{"strategyType":"PROBABILISTIC","probabilisticSampling":{{"samplingRate":{rate}}},"operationSampling":{{"defaultSamplingProbability":{rate},"defaultLowerBoundTracesPerSecond":0.0,"perOperationStrategies":[{}]}}}}"#,
            operations.join(",")
        )
    };
    let own = [operation("op1", "0.2"), operation("op2", "0.4"), health.to_owned()];
    assert_eq!(told(DOCUMENTED, "foo"), with("0.8", &own), "its own operations win over the default ones");
    assert_eq!(told(DOCUMENTED, "unknown"), with("0.5", &[health.to_owned(), operation("op2", "0.1")]));
}

#[test]
fn operations_of_the_default_hold_in_services_without_any() {
    let file = r#"{"service_strategies": [{"service": "a", "type": "probabilistic", "param": 0.3}],
        "default_strategy": {"type": "ratelimiting", "param": 7, "operation_strategies": [
            {"operation": "/health", "type": "probabilistic", "param": 0}]}}"#;
    assert!(told(file, "a").contains(r#""defaultSamplingProbability":0.3,"#), "{}", told(file, "a"));
    assert!(told(file, "a").contains("/health"), "{}", told(file, "a"));
    assert!(told(file, "b").contains(r#""maxTracesPerSecond":7"#), "{}", told(file, "b"));
}

#[test]
fn a_mistake_in_the_file_is_named() {
    let default = |form: &str| format!(r#"{{"default_strategy": {form}}}"#);
    let operation =
        |form: &str| default(&format!(r#"{{"type": "probabilistic", "param": 1, "operation_strategies": [{form}]}}"#));
    let service = r#"{"service": "a", "type": "probabilistic", "param": 1}"#;
    let cases = [
        ("{".to_owned(), "EOF while parsing"),
        (r#"{"defaults": 1}"#.to_owned(), "unknown field `defaults`"),
        (default(r#"{"type": "adaptive", "param": 1}"#), "unknown variant `adaptive`"),
        (default(r#"{"type": "probabilistic"}"#), "missing field `param`"),
        (default(r#"{"type": "probabilistic", "param": 1.5}"#), "the default: the param of a probabilistic"),
        (default(r#"{"type": "probabilistic", "param": "1"}"#), "invalid type: string"),
        (default(r#"{"type": "ratelimiting", "param": -1}"#), "a whole number of traces a second, not -1"),
        (default(r#"{"type": "ratelimiting", "param": 0.5}"#), "a whole number of traces a second, not 0.5"),
        (operation(r#"{"operation": "x", "type": "ratelimiting", "param": 1}"#), "operation x of the default: clients"),
        (format!(r#"{{"service_strategies": [{service}, {service}]}}"#), "service a has two strategies"),
    ];
    for (file, expected) in cases {
        let said = parse(&file).unwrap_err();
        assert!(said.contains(expected), "{file}: {said}");
    }
    let missing = Strategies::read(Path::new("no such file")).unwrap_err().to_string();
    assert!(
        missing.starts_with("cannot read the sampling strategies: ") && missing.ends_with(": no such file"),
        "{missing}"
    );
}
