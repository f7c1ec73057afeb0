//! `tidy`: the rules of the house that no compiler knows, one file per rule. Reads files, changes none.

mod edges;
mod formats;
mod functions;
mod glossary;
mod orphans;
mod text;
mod tree;
mod unused;

use anyhow::{Result, bail};

use crate::tidy::tree::Tree;
use crate::workspace::Workspace;

/// One sentence per breach: where, what, and what to do.
type Rule = fn(&Tree) -> Vec<String>;

const RULES: [(&str, Rule); 11] = [
    ("edges between rooms", edges::breaches),
    ("unused dependencies", unused::breaches),
    ("file header", text::headers),
    ("file length", text::lengths),
    ("attributes", text::attributes),
    ("paths of one machine", text::machine_paths),
    ("pages", text::page_hazards),
    ("function length", functions::breaches),
    ("orphan files", orphans::breaches),
    ("glossary", glossary::breaches),
    ("formats", formats::breaches),
];

pub(crate) fn tidy(workspace: &Workspace) -> Result<()> {
    let breaches = breaches(&Tree::read(&workspace.root)?);
    breaches.iter().for_each(|breach| println!("tidy: {breach}"));
    if !breaches.is_empty() {
        bail!("tidy found {} breaches, listed above", breaches.len());
    }
    Ok(())
}

fn breaches(tree: &Tree) -> Vec<String> {
    RULES
        .iter()
        .flat_map(|(name, rule)| rule(tree).into_iter().map(move |breach| format!("{name}: {breach}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        let workspace = Workspace::find().unwrap();
        let breaches = breaches(&Tree::read(&workspace.root).unwrap());
        assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    }
}
