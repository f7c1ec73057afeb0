//! What the configuration promises: its order of strength, its refusals and their words.

use super::*;

fn words(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Configuration from flags, environment and file, or the message.
fn config(flags: &[(&str, &str)], env: &[(&str, &str)], file: &str) -> Result<Config, String> {
    let layers = Layers::gather(words(flags), words(env), Some(file)).map_err(|error| error.to_string())?;
    Config::from_layers(&layers).map_err(|error| error.to_string())
}

#[test]
fn defaults_are_valid_and_on_loopback() {
    let config = config(&[], &[], "").unwrap();
    assert_eq!(config.http.unwrap().to_string(), "127.0.0.1:16686");
    assert_eq!(config.ingest.request_bytes_max, 64 << 20);
    assert_eq!(config.ingest.in_flight_bytes_max as u64, config.memory / 100 * 25);
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let file =
        "data_dir = \"file\"\nlog-level = \"file\"\nmemory = 1073741824\ncors_origins = [\"http://a\", \"http://b\"]";
    let env = [("TRACEWELL_DATA_DIR", "env"), ("TRACEWELL_LOG_LEVEL", "env"), ("PATH", "/bin")];
    let config = config(&[("data_dir", "flag")], &env, file).unwrap();
    assert_eq!(config.data_dir.to_str(), Some("flag"));
    assert_eq!(config.log_level, "env");
    assert_eq!(config.memory, 1 << 30);
    assert_eq!(config.cors_origins, ["http://a", "http://b"]);
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    assert_eq!(
        config(&[], &[], "data_dri = \"x\"").unwrap_err(),
        "unknown setting in file: data_dri; did you mean data_dir?"
    );
    assert_eq!(
        config(&[], &[("TRACEWELL_OTLP_GPRC", "off")], "").unwrap_err(),
        "unknown setting in environment: TRACEWELL_OTLP_GPRC; did you mean TRACEWELL_OTLP_GRPC?"
    );
}

#[test]
fn variables_that_kubernetes_sets_for_a_service_are_not_ours() {
    let env = [("TRACEWELL_PORT", "tcp://10.0.0.1:80"), ("TRACEWELL_SERVICE_HOST", "10.0.0.1")];
    assert!(config(&[], &env, "").is_ok());
}

#[test]
fn an_address_that_others_reach_needs_an_explicit_yes() {
    let refused = config(&[("otlp_http", "0.0.0.0:4318")], &[], "").unwrap_err();
    assert_eq!(
        refused,
        "refusing to listen on 0.0.0.0:4318 for otlp_http: anyone who reaches it could read and write traces; \
         use 127.0.0.1:4318, or accept the risk with --insecure-no-auth"
    );
    let accepted = config(&[("otlp_http", "0.0.0.0:4318"), ("insecure_no_auth", "true")], &[], "").unwrap();
    assert_eq!(accepted.otlp_http.unwrap().to_string(), "0.0.0.0:4318");
    assert_eq!(config(&[("otlp_http", "off")], &[], "").unwrap().otlp_http, None);
}

#[test]
fn memory_below_the_small_profile_is_refused_with_what_to_do() {
    assert_eq!(config(&[("memory", "small")], &[], "").unwrap().memory, 256 << 20);
    assert_eq!(
        config(&[("memory", "255 MiB")], &[], "").unwrap_err(),
        "cannot work with 267386880 bytes of memory: at least 268435456 are needed; \
         give the process more, or tell it with --memory small that it may use 256 MiB"
    );
    assert_eq!(
        config(&[("memory", "tiny")], &[], "").unwrap_err(),
        "cannot use memory from flag: expected bytes, small or auto, for example small, which is 256 MiB, or 2 GiB: tiny"
    );
}

#[test]
fn a_bad_value_names_its_setting_origin_and_form() {
    assert_eq!(
        config(&[], &[("TRACEWELL_HTTP", "4318")], "").unwrap_err(),
        "cannot use http from environment: expected address or off, for example 127.0.0.1:4318: 4318"
    );
    assert!(config(&[("in_flight_percent", "0")], &[], "").is_err());
    assert!(config(&[], &[], "[http]\naddress = 1").is_err(), "settings are flat");
}

#[test]
fn every_setting_says_what_it_is_for() {
    for setting in SETTINGS {
        assert!(!setting.unit.is_empty() && setting.reason.len() > 10, "{}", setting.name);
    }
}

#[test]
fn doors_for_other_tools_are_open_unless_told_otherwise_and_remember_who_named_them() {
    let zipkin = |flags: &[(&str, &str)], env: &[(&str, &str)], file: &str| {
        let wanted = *config(flags, env, file).unwrap().doors.get(Door::Zipkin);
        wanted.map(|wanted| (wanted.address.to_string(), wanted.is_named))
    };
    let usual = Some(("127.0.0.1:9411".to_owned(), false));
    assert_eq!(zipkin(&[], &[], ""), usual);
    assert_eq!(zipkin(&[("zipkin", "127.0.0.1:9411")], &[], ""), Some(("127.0.0.1:9411".to_owned(), true)));
    assert_eq!(zipkin(&[], &[("TRACEWELL_ZIPKIN", "off")], ""), None);
    assert_eq!(zipkin(&[("doors", "named")], &[], ""), None);
    assert_eq!(zipkin(&[("doors", "named")], &[], "zipkin = \"127.0.0.1:1\""), Some(("127.0.0.1:1".to_owned(), true)));
    let refused = config(&[("zipkin", "0.0.0.0:9411")], &[], "").unwrap_err();
    assert!(refused.contains("refusing to listen on 0.0.0.0:9411 for zipkin"), "{refused}");
}
