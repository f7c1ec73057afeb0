//! What may come in from outside: licences, advisories, bans and sources, by `deny.toml` and `Cargo.lock`.
//! Works offline, so it knows the advisories that the file names and no others.

mod licence;
mod version;

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use toml::Table;

use crate::deny::version::Requirement;
use crate::process;
use crate::workspace::Workspace;

struct Package {
    name: String,
    version: String,
    licence: String,
    /// `None` for our own.
    source: Option<String>,
}

struct Ban {
    name: String,
    requirement: Option<Requirement>,
    only_multiple: bool,
    reason: String,
}

struct Policy {
    targets: Vec<String>,
    licences: Vec<String>,
    bans: Vec<Ban>,
}

pub(crate) fn deny(workspace: &Workspace) -> Result<()> {
    let text = fs::read_to_string(workspace.root.join("deny.toml")).context("cannot read deny.toml")?;
    let policy = policy_from_text(&text).context("in deny.toml")?;
    let packages = packages(workspace, &policy.targets)?;
    let breaches = breaches(&policy, &packages);
    breaches.iter().for_each(|breach| println!("deny: {breach}"));
    if !breaches.is_empty() {
        bail!("{} of {} crates break deny.toml, listed above", breaches.len(), packages.len());
    }
    println!("{} crates, all within deny.toml", packages.len());
    Ok(())
}

fn breaches(policy: &Policy, packages: &[Package]) -> Vec<String> {
    let mut breaches = Vec::new();
    for package in packages.iter().filter(|package| package.source.is_some()) {
        let Package { name, version, licence, source } = package;
        if !licence::is_allowed(licence, &policy.licences) {
            breaches.push(format!("{name} {version}: licence `{licence}` is not on the list"));
        }
        if !source.as_deref().is_some_and(|source| source.starts_with("registry+")) {
            breaches.push(format!(
                "{name} {version}: comes from {}, not from the registry",
                source.as_deref().unwrap_or("-")
            ));
        }
    }
    for ban in &policy.bans {
        let named: Vec<_> = packages.iter().filter(|package| package.name == ban.name).collect();
        if ban.only_multiple {
            if named.len() > 1 {
                let versions: Vec<_> = named.iter().map(|package| package.version.as_str()).collect();
                breaches.push(format!("{}: one version only, found {}", ban.name, versions.join(", ")));
            }
            continue;
        }
        for package in named {
            if ban.requirement.as_ref().is_none_or(|requirement| requirement.matches(&package.version)) {
                breaches.push(format!("{} {}: banned: {}", package.name, package.version, ban.reason));
            }
        }
    }
    breaches
}

fn policy_from_text(text: &str) -> Result<Policy> {
    let table: Table = text.parse()?;
    let strings = |section: &str, key: &str| -> Result<Vec<String>> {
        let list = table.get(section).and_then(|section| section.get(key)).and_then(|list| list.as_array());
        let list = list.with_context(|| format!("[{section}] lacks the list `{key}`"))?;
        Ok(list.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect())
    };
    let bans = table.get("bans").and_then(|bans| bans.get("deny")).and_then(|list| list.as_array());
    let bans = bans.context("[bans] lacks the list `deny`")?.iter().map(ban_from_toml).collect::<Result<_>>()?;
    Ok(Policy { targets: strings("graph", "targets")?, licences: strings("licenses", "allow")?, bans })
}

/// `{ crate = "name@<1.2", reason = "…" }`, or one with `deny-multiple-versions`.
fn ban_from_toml(value: &toml::Value) -> Result<Ban> {
    let spec = value.get("crate").and_then(|spec| spec.as_str()).context("a ban names no `crate`")?;
    let only_multiple = value.get("deny-multiple-versions").and_then(toml::Value::as_bool).unwrap_or(false);
    let reason = value.get("reason").and_then(|reason| reason.as_str()).unwrap_or_default().to_owned();
    if reason.is_empty() && !only_multiple {
        bail!("the ban of {spec} gives no reason");
    }
    let (name, requirement) = match spec.split_once('@') {
        None => (spec, None),
        Some((name, text)) => (name, Some(Requirement::from_text(text)?)),
    };
    Ok(Ban { name: name.to_owned(), requirement, only_multiple, reason })
}

/// Every crate that is compiled for one of the targets, from the committed lock file.
fn packages(workspace: &Workspace, targets: &[String]) -> Result<Vec<Package>> {
    let mut command = workspace.cargo();
    command.args(["metadata", "--format-version", "1", "--locked"]);
    for target in targets {
        command.args(["--filter-platform", target]);
    }
    let metadata: Value = serde_json::from_str(&process::read(&mut command)?)?;
    let list = metadata["packages"].as_array().context("`cargo metadata` lists no packages")?;
    list.iter().map(package_from_json).collect()
}

fn package_from_json(value: &Value) -> Result<Package> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    Ok(Package {
        name: text("name").context("a package without a name")?,
        version: text("version").context("a package without a version")?,
        licence: text("license").unwrap_or_default(),
        source: text("source"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        graph.targets = []
        licenses.allow = ["MIT"]
        bans.deny = [
          { crate = "h2@<0.4.16", reason = "floods" },
          { crate = "native-tls", reason = "C" },
          { crate = "leptos", deny-multiple-versions = true },
        ]
    "#;

    fn package(name: &str, version: &str) -> Package {
        let registry = Some("registry+https://example.org".to_owned());
        Package { name: name.to_owned(), version: version.to_owned(), licence: "MIT".to_owned(), source: registry }
    }

    fn found(packages: &[Package]) -> usize {
        breaches(&policy_from_text(POLICY).unwrap(), packages).len()
    }

    #[test]
    fn version_below_a_floor_is_found_and_one_at_the_floor_is_not() {
        assert_eq!(found(&[package("h2", "0.4.15")]), 1);
        assert_eq!(found(&[package("h2", "0.4.16")]), 0);
    }

    #[test]
    fn banned_crate_and_second_version_are_found() {
        assert_eq!(found(&[package("native-tls", "9.0.0")]), 1);
        assert_eq!(found(&[package("leptos", "0.8.1"), package("leptos", "0.9.0")]), 1);
    }

    #[test]
    fn licence_off_the_list_and_source_outside_the_registry_are_found() {
        assert_eq!(found(&[Package { licence: "GPL-3.0".to_owned(), ..package("a", "1.0.0") }]), 1);
        assert_eq!(found(&[Package { licence: String::new(), ..package("a", "1.0.0") }]), 1);
        assert_eq!(
            found(&[Package { source: Some("git+https://example.org".to_owned()), ..package("a", "1.0.0") }]),
            1
        );
        assert_eq!(found(&[Package { source: None, licence: String::new(), ..package("ours", "0.1.0") }]), 0);
    }

    #[test]
    fn ban_without_a_reason_is_refused() {
        assert!(policy_from_text(&POLICY.replace("floods", "")).is_err());
    }
}
