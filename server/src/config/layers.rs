//! Where values come from, and which one wins: flags, then environment, then file, then default. Not here: their meaning.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use super::ConfigError;
use super::settings::{self, SETTINGS, Setting};
use super::suggest::nearest;

/// Prefix of our environment variables.
const ENV_PREFIX: &str = "TRACEWELL_";
/// Read from the working directory when no other file is named.
const FILE_DEFAULT: &str = "tracewell.toml";

/// Where a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// The environment.
    Env,
    /// The file.
    File,
    /// Nobody said anything.
    Default,
}

/// The value of each setting and where it came from.
#[derive(Clone, Debug)]
pub struct Layers {
    /// Invariant: one entry per setting, in the order of the table.
    values: Vec<(&'static Setting, String, Origin)>,
}

// === impl Layers ===

impl Layers {
    /// Flags by setting name, the whole environment, and the text of the file.
    pub fn gather(
        mut flags: HashMap<String, String>,
        env: HashMap<String, String>,
        file: Option<&str>,
    ) -> Result<Layers, ConfigError> {
        let mut env = from_env(env)?;
        let mut file = file.map(from_file).transpose()?.unwrap_or_default();
        let value = |setting: &'static Setting| {
            let found = [
                (flags.remove(setting.name), Origin::Flag),
                (env.remove(setting.name), Origin::Env),
                (file.remove(setting.name), Origin::File),
            ];
            let strongest = found.into_iter().find_map(|(value, origin)| Some((value?, origin)));
            let (value, origin) = strongest.unwrap_or_else(|| (setting.default.to_owned(), Origin::Default));
            (setting, value, origin)
        };
        Ok(Layers { values: SETTINGS.iter().map(value).collect() })
    }

    /// Setting, value and origin of each.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Setting, &str, Origin)> {
        self.values.iter().map(|(setting, value, origin)| (*setting, value.as_str(), *origin))
    }

    /// The value of a setting of the table.
    pub(crate) fn find(&self, name: &str) -> (&'static Setting, &str, Origin) {
        self.iter().find(|(setting, ..)| setting.name == name).expect("config.rs asks only for settings of the table")
    }
}

// === impl Origin ===

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Flag => "flag",
            Origin::Env => "environment",
            Origin::File => "file",
            Origin::Default => "default",
        })
    }
}

/// The text of the file that `named` names, or of the one in the working directory if there is one.
pub fn read_file(named: Option<&str>) -> Result<Option<String>, ConfigError> {
    let path = named.unwrap_or(FILE_DEFAULT);
    if named.is_none() && !Path::new(path).exists() {
        return Ok(None);
    }
    let read = std::fs::read_to_string(path);
    read.map(Some).map_err(|error| ConfigError::File { path: path.to_owned(), reason: error.to_string() })
}

fn from_env(env: HashMap<String, String>) -> Result<HashMap<String, String>, ConfigError> {
    let mut values = HashMap::new();
    let mut ours: Vec<_> = env.into_iter().filter(|(key, _)| key.starts_with(ENV_PREFIX)).collect();
    ours.sort();
    for (key, value) in ours {
        let name = key[ENV_PREFIX.len()..].to_lowercase();
        if name == "config" || is_service_link(&name) {
            continue;
        }
        if settings::find(&name).is_none() {
            return Err(unknown(&name, Origin::Env, |name| format!("{ENV_PREFIX}{}", name.to_uppercase())));
        }
        values.insert(name, value);
    }
    Ok(values)
}

/// Kubernetes tells every container about a service called `tracewell` by variables of this form.
fn is_service_link(name: &str) -> bool {
    let mut words = name.split('_');
    matches!((words.next(), words.next()), (Some("port"), _) | (Some("service"), Some("host" | "port")))
}

fn from_file(text: &str) -> Result<HashMap<String, String>, ConfigError> {
    let table: toml::Table = toml::from_str(text)
        .map_err(|error| ConfigError::File { path: FILE_DEFAULT.to_owned(), reason: error.message().to_owned() })?;
    let mut values = HashMap::new();
    for (key, value) in table {
        let name = key.replace('-', "_");
        let Some(setting) = settings::find(&name) else {
            return Err(unknown(&key, Origin::File, str::to_owned));
        };
        values.insert(name, text_from_toml(setting, &value)?);
    }
    Ok(values)
}

fn text_from_toml(setting: &'static Setting, value: &toml::Value) -> Result<String, ConfigError> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(truth) => Ok(truth.to_string()),
        toml::Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| text_from_toml(setting, item)).collect();
            Ok(items?.join(","))
        }
        other => Err(ConfigError::Invalid {
            name: setting.name,
            origin: Origin::File,
            reason: format!("expected {}", setting.unit),
            value: other.type_str().to_owned(),
        }),
    }
}

fn unknown(key: &str, origin: Origin, spelled: impl Fn(&str) -> String) -> ConfigError {
    let known = SETTINGS.iter().map(|setting| setting.name);
    let hint = match nearest(&key.replace('-', "_"), known) {
        Some(name) => format!("; did you mean {}?", spelled(name)),
        None => "; `tracewell check` lists all settings".to_owned(),
    };
    let key = if origin == Origin::Env { spelled(key) } else { key.to_owned() };
    ConfigError::Unknown { key, origin, hint }
}
