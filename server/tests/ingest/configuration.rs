//! The command line of the real binary.

use std::process::Output;

use crate::harness::binary;

fn tracewell(flags: &[&str], env: &[(&str, &str)]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let mut command = binary();
    command.args(flags).current_dir(dir.path()).envs(env.iter().copied());
    command.output().unwrap()
}

/// Exit code and the text of the stream that matters.
fn said(flags: &[&str], env: &[(&str, &str)]) -> (i32, String) {
    let output = tracewell(flags, env);
    let text = if output.status.success() { &output.stdout } else { &output.stderr };
    (output.status.code().unwrap(), String::from_utf8(text.clone()).unwrap())
}

#[test]
fn check_prints_each_value_with_its_origin() {
    let (code, text) = said(&["check", "--http", "127.0.0.1:1"], &[("TRACEWELL_DATA_DIR", "/d")]);
    assert_eq!(code, 0, "{text}");
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("http ").contains("= \"127.0.0.1:1\" ") && line("http ").contains("# flag;"), "{text}");
    assert!(line("data_dir ").contains("= \"/d\" ") && line("data_dir ").contains("# environment;"), "{text}");
    assert!(line("otlp_grpc ").contains("# default;"), "{text}");
}

#[test]
fn what_check_prints_is_a_file_that_serves() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("printed.toml");
    std::fs::write(&file, said(&["check", "--memory", "1 GiB"], &[]).1).unwrap();
    let (code, text) = said(&["check", "--config", file.to_str().unwrap()], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("memory = \"1 GiB\""), "{text}");
}

#[test]
fn an_unknown_key_ends_the_start_with_a_suggestion() {
    let (code, text) = said(&["check"], &[("TRACEWELL_DATADIR", "/d")]);
    let expected = "tracewell: unknown setting in environment: TRACEWELL_DATADIR; did you mean TRACEWELL_DATA_DIR?\n";
    assert_eq!((code, text.as_str()), (1, expected));
    let (code, text) = said(&["serve", "--htpp", "off"], &[]);
    assert!(code != 0 && text.contains("--http"), "{code} {text}");
}

#[test]
fn an_address_that_others_reach_is_refused_with_the_way_out() {
    let (code, text) = said(&["serve", "--http", "0.0.0.0:0"], &[]);
    assert!(code == 1 && text.contains("refusing to listen on 0.0.0.0:0 for http"), "{code} {text}");
    assert!(text.contains("--insecure-no-auth"), "{text}");
}

#[test]
fn version_and_help_are_there() {
    assert_eq!(said(&["--version"], &[]), (0, format!("tracewell {}\n", env!("CARGO_PKG_VERSION"))));
    let (code, text) = said(&["serve", "--help"], &[]);
    assert!(code == 0 && text.contains("--otlp-grpc") && text.contains("[default: 127.0.0.1:4317]"), "{text}");
}
